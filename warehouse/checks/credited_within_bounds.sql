-- #fail: credited is more than learned or than required (rule 13)
SELECT course_id || ' of ' || teacher_id || ' in ' || programme_id AS found
FROM course_progress LEFT JOIN courses USING (programme_id, course_id)
WHERE course_progress.credited > course_progress.learned
   OR course_progress.credited > courses.required
