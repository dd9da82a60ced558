-- #warn: teachers whose school is not known; they are counted nationally only
SELECT teacher_id || ' at ' || school_id AS found FROM placed WHERE region IS NULL
