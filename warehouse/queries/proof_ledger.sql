-- The warehouse's ledger alone, summed up, of logs in which nobody decided anything (adjustments).
-- One row a figure: what, teacher, programme, place, amount. `counted` is 1 for each resource that
-- was learned.
WITH last AS (
    SELECT teacher_id, programme_id, course_id, sum(seconds)::BIGINT AS learned,
           arg_max(credited, seq) AS credited
    FROM ledger WHERE course_id IS NOT NULL
    GROUP BY ALL
), completed AS (
    SELECT DISTINCT teacher_id, programme_id FROM ledger WHERE kind = 'completed'
)
SELECT 'learned' AS what, teacher_id, programme_id, course_id AS place, learned AS amount FROM last
UNION ALL
SELECT 'credited', teacher_id, programme_id, course_id, credited FROM last
UNION ALL
SELECT 'recognised', teacher_id, programme_id, '', sum(credited)::BIGINT
FROM last JOIN completed USING (teacher_id, programme_id)
GROUP BY ALL
UNION ALL
SELECT 'counted', teacher_id, programme_id, resource_id, count(*)
FROM ledger WHERE kind = 'learned'
GROUP BY ALL;
