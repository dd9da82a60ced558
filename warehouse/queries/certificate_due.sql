-- One row a teacher × programme with a certificate, and the moment it is due since: completed and
-- verified, in either order (rule 23). The same as certificate/entitlement.py says, from a
-- province's file. `greatest` would leave a null out: hence both conditions.
SELECT progress.programme_id, progress.teacher_id,
       greatest(progress.completed_at, teachers.verified_at) AS due_at
FROM progress JOIN teachers USING (teacher_id)
WHERE progress.completed_at IS NOT NULL AND teachers.verified
