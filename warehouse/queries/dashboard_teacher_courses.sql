-- One row a course in which the teacher learned anything; seconds. Parameters: teacher_id,
-- school_id (the present school, by which the table is sorted), programme_id.
SELECT course_id, learned, credited
FROM course_progress
WHERE school_id = $school_id AND teacher_id = $teacher_id AND programme_id = $programme_id
