-- What a report tells of teachers beside their school; and whether places may be ranked (rule 28).

ALTER TABLE teachers ADD COLUMN name VARCHAR;     -- published only for who may see names
ALTER TABLE teachers ADD COLUMN stage VARCHAR;    -- 学段
ALTER TABLE teachers ADD COLUMN subject VARCHAR;  -- 学科

ALTER TABLE programmes ADD COLUMN ranking BOOLEAN DEFAULT false;

-- One row a teacher: as macro teachers_at of 0002, with the new columns.
CREATE OR REPLACE MACRO teachers_at(as_of) AS TABLE
SELECT teacher_id, school_id, registered, since, name, stage, subject
FROM teachers
WHERE since <= as_of
QUALIFY row_number() OVER (PARTITION BY teacher_id ORDER BY since DESC, source_offset DESC) = 1;
