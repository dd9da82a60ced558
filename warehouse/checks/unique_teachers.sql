-- #fail: rows of teachers that must be unique are there twice
-- (The ledger's entries are counted, far more cheaply, by ledger_equals_progress.)
SELECT 'placed ' || teacher_id AS found
FROM placed
WHERE hash(teacher_id) % getvariable('parts') = getvariable('part')
GROUP BY teacher_id HAVING count(*) > 1
UNION ALL
SELECT 'progress ' || teacher_id || ' ' || programme_id
FROM progress
WHERE hash(teacher_id) % getvariable('parts') = getvariable('part')
GROUP BY teacher_id, programme_id HAVING count(*) > 1
UNION ALL
SELECT 'course_progress ' || teacher_id || ' ' || programme_id || ' ' || course_id
FROM course_progress
WHERE hash(teacher_id) % getvariable('parts') = getvariable('part')
GROUP BY teacher_id, programme_id, course_id HAVING count(*) > 1
