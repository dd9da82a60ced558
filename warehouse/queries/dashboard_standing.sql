-- One row a teacher on the roster, under the present school, with where they stand in a
-- programme. `stage` is the last stage of the funnel they reached with all before it (rule 27):
-- 0 on the roster, 1 registered, 2 enrolled, 3 started, 4 completed, 5 completed and verified, so
-- entitled to a certificate (rule 23). Moments are Beijing's; learned, credited and recognised
-- in seconds. `name`: the expression that gives the teacher's name; `scope` and `progress_scope`
-- say whose rows. Parameters: programme_id, and what the scopes ask for.
SELECT teachers.teacher_id, {name} AS teacher_name, teachers.school_id, teachers.region,
       teachers.verified,
       CASE WHEN NOT teachers.registered THEN 0
            WHEN enrolled_at IS NULL THEN 1
            WHEN started_at IS NULL THEN 2
            WHEN completed_at IS NULL THEN 3
            WHEN NOT teachers.verified THEN 4
            ELSE 5 END AS stage,
       enrolled_at AT TIME ZONE 'Asia/Shanghai' AS enrolled,
       started_at AT TIME ZONE 'Asia/Shanghai' AS started,
       completed_at AT TIME ZONE 'Asia/Shanghai' AS completed,
       coalesce(learned, 0) AS learned, coalesce(credited, 0) AS credited,
       coalesce(recognised, 0) AS recognised
FROM teachers
LEFT JOIN (FROM progress WHERE programme_id = $programme_id AND {progress_scope}) AS progress
    ON progress.teacher_id = teachers.teacher_id
WHERE {scope}
