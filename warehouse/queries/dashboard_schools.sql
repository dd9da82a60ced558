-- One row a school: its funnel as of publication.sql, zeros where no teacher belongs to it.
-- `scope` says which schools. Parameters: programme_id, and what the scope asks for.
SELECT schools.school_id, schools.name AS school, schools.region,
       coalesce(regions.name, schools.region) AS region_name, schools.other,
       coalesce(on_roster, 0) AS on_roster, coalesce(enrolled, 0) AS enrolled,
       coalesce(started, 0) AS started, coalesce(completed, 0) AS completed,
       coalesce(certificate, 0) AS certificate,
       coalesce(on_roster - enrolled, 0) AS not_enrolled,
       coalesce(on_roster - completed, 0) AS not_completed,
       coalesce(completed - verified, 0) AS unverified
FROM schools
LEFT JOIN regions USING (region)
LEFT JOIN (SELECT * EXCLUDE (region) FROM totals WHERE programme_id = $programme_id) AS totals
    USING (school_id)
WHERE {scope}
