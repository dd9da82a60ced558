-- #warn: learners who are not on the roster; they are counted nationally only
SELECT DISTINCT teacher_id AS found FROM standing WHERE NOT listed
