-- One row a course that lacks credit: its name, and the seconds still to be credited, in the
-- order of the programme. Parameters: teacher_id, programme_id.
SELECT courses.name, courses.required - coalesce(own.credited, 0) AS lacking
FROM courses
LEFT JOIN (
    FROM course_progress WHERE teacher_id = $teacher_id AND programme_id = $programme_id
) AS own USING (course_id)
WHERE courses.programme_id = $programme_id AND courses.required > coalesce(own.credited, 0)
ORDER BY courses.place
