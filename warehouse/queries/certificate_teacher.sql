-- One row a programme: where the teacher stands in it; none for a teacher whom this province's
-- file does not have. The programme that opened last comes first. Parameter: teacher_id.
SELECT programmes.programme_id, programmes.name, programmes.seconds_per_hour,
       progress.enrolled_at IS NOT NULL AS enrolled, epoch_ms(progress.completed_at) AS completed,
       teacher.verified, epoch_ms(teacher.verified_at) AS verified_at,
       coalesce(progress.recognised, 0) AS recognised
FROM (FROM teachers WHERE teacher_id = $teacher_id) AS teacher
CROSS JOIN programmes
LEFT JOIN (FROM progress WHERE teacher_id = $teacher_id) AS progress USING (programme_id)
ORDER BY programmes.opens_at DESC, programmes.programme_id
