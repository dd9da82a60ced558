-- One row a place × course; as report_totals.
SELECT {unit} AS unit, course_id,
       sum(learned)::BIGINT, sum(credited)::BIGINT, sum(reached)::BIGINT
FROM course_totals
WHERE starts_with(region, $prefix) AND programme_id = $programme_id
GROUP BY ALL
ORDER BY ALL
