-- #warn: progress in programmes or courses that no programme file has
SELECT DISTINCT programme_id || ' ' || course_id AS found
FROM course_progress ANTI JOIN courses USING (programme_id, course_id)
