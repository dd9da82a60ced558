-- The warehouse's present state. One row a figure: what, teacher, programme, place, amount.
-- `all.` stands for sums over all teachers, as the days add up to them.
SELECT 'learned' AS what, teacher_id, programme_id, course_id AS place, learned AS amount
FROM course_progress
UNION ALL
SELECT 'credited', teacher_id, programme_id, course_id, credited FROM course_progress
UNION ALL
SELECT 'recognised', teacher_id, programme_id, '', recognised FROM progress
UNION ALL
FROM (
    UNPIVOT (
        SELECT programme_id, '' AS place, sum(learned)::BIGINT AS "all.learned",
               sum(credited)::BIGINT AS "all.credited", sum(enrolled)::BIGINT AS "all.enrolled",
               sum(completed)::BIGINT AS "all.completed"
        FROM daily GROUP BY ALL
    ) ON "all.learned", "all.credited", "all.enrolled", "all.completed"
    INTO NAME what VALUE amount
) SELECT what, '', programme_id, place, amount;
