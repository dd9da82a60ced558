-- One row: teachers who sit in the entries 其他 of the region's counties (rule 20), and how many
-- such entries there are. Parameters: prefix of the regions, programme_id.
SELECT coalesce(sum(on_roster), 0)::BIGINT AS teachers, count(*) AS schools
FROM schools LEFT JOIN (FROM totals WHERE programme_id = $programme_id) AS totals USING (school_id)
WHERE schools.other AND starts_with(schools.region, $prefix)
