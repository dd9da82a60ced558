-- A province's file. One row a figure: what, teacher, programme, place, amount; rollups have no
-- teacher and a school, or school/course, as their place.
SELECT 'learned' AS what, teacher_id, programme_id, course_id AS place, learned AS amount
FROM course_progress
UNION ALL
SELECT 'credited', teacher_id, programme_id, course_id, credited FROM course_progress
UNION ALL
SELECT 'recognised', teacher_id, programme_id, '', recognised FROM progress
UNION ALL
FROM (
    UNPIVOT totals
    ON on_roster, registered, enrolled, completed, certificate, learned, credited, recognised
    INTO NAME what VALUE amount
) SELECT 'school.' || what, '', programme_id, school_id, amount
UNION ALL
FROM (UNPIVOT course_totals ON learned, credited INTO NAME what VALUE amount)
SELECT 'school.course.' || what, '', programme_id, school_id || '/' || course_id, amount;
