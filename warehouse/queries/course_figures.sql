-- One row a teacher × programme × course of a province's file; whole seconds.
SELECT teacher_id, programme_id, course_id, learned, credited FROM course_progress;
