-- One row a certificate of a province's file, now or once: the day it bears, and whether it holds.
-- `due`: certificate_due.sql. Parameter: teacher_id, whose; null: everybody's.
FROM (
    SELECT programme_id, teacher_id, (due_at AT TIME ZONE 'Asia/Shanghai')::DATE AS day,
           true AS holds
    FROM ({due})
    UNION ALL
    SELECT programme_id, teacher_id, unnest(void_certificates), false
    FROM progress
    WHERE void_certificates IS NOT NULL
)
WHERE $teacher_id IS NULL OR teacher_id = $teacher_id
