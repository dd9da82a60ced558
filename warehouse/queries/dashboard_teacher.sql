-- At most one row: a teacher on the roster, and where they stand in a programme, by the province's
-- table `standing`; seconds, and moments by Beijing's clock. `name`: the expression for the
-- teacher's name. Parameters: teacher_id, programme_id.
SELECT standing.school_id, {name} AS name, verified, funnel,
       standing.enrolled_at AT TIME ZONE 'Asia/Shanghai' AS enrolled,
       started_at AT TIME ZONE 'Asia/Shanghai' AS started,
       standing.completed_at AT TIME ZONE 'Asia/Shanghai' AS completed,
       standing.learned, standing.credited, standing.recognised
FROM standing
LEFT JOIN (FROM progress WHERE teacher_id = $teacher_id) AS progress USING (programme_id)
WHERE standing.teacher_id = $teacher_id AND programme_id = $programme_id
