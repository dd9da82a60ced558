-- A page of dashboard_standing with the names of schools and regions, which are cheap to find
-- for the few rows of a page. `page`: that page's query; `order` as there.
SELECT page.*, coalesce(schools.name, page.school_id) AS school,
       coalesce(regions.name, page.region) AS region_name
FROM ({page}) AS page
LEFT JOIN (SELECT school_id, name FROM schools) AS schools USING (school_id)
LEFT JOIN regions USING (region)
ORDER BY {order}
