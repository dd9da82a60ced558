-- One row a teacher on the roster, with where they stand in a programme: by the province's table
-- `standing`, with the names of teachers, schools and regions, and moments by Beijing's clock;
-- learned, credited and recognised in seconds. `name` and `names`: a teacher's name and the join
-- that brings it; `filter` and `order` say which teachers, and how they stand. Parameters:
-- programme_id, and what the filter asks for.
SELECT standing.teacher_id, {name} AS teacher_name,
       school_id, coalesce(schools.name, school_id) AS school,
       coalesce(regions.name, region) AS region_name, verified, funnel,
       enrolled_at AT TIME ZONE 'Asia/Shanghai' AS enrolled,
       completed_at AT TIME ZONE 'Asia/Shanghai' AS completed,
       learned, credited, recognised
FROM standing {names}
LEFT JOIN (SELECT school_id, name FROM schools) AS schools USING (school_id)
LEFT JOIN regions USING (region)
WHERE programme_id = $programme_id AND {filter}
ORDER BY {order}
