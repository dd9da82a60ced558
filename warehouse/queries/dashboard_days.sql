-- One row a day on which anything was added, under the school of the day (rule 22). `scope`
-- says which rows of `daily`. Parameters: programme_id, and what the scope asks for.
SELECT local_day,
       sum(enrolled)::BIGINT, sum(started)::BIGINT, sum(completed)::BIGINT,
       sum(learned)::BIGINT, sum(credited)::BIGINT
FROM daily
WHERE {scope} AND programme_id = $programme_id
GROUP BY ALL
ORDER BY ALL
