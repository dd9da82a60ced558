-- One row a course of the programme in the order of its file; required seconds of one teacher.
SELECT course_id, name, required FROM courses WHERE programme_id = $programme_id ORDER BY place
