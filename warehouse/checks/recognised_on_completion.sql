-- #fail: recognised is not all of credited once completed, and nothing before (rules 3, 13)
SELECT teacher_id || ' in ' || programme_id AS found
FROM progress LEFT JOIN programmes USING (programme_id)
WHERE recognised <> CASE WHEN completed_at IS NULL THEN 0 ELSE credited END
   OR (completed_at IS NOT NULL AND credited < programmes.required)
