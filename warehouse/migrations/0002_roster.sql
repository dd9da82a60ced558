-- Regions, schools and teachers (rules 20–24). `source_offset` is the place in the roster topic.

-- One row a region of GB/T 2260: the name it has now.
CREATE TABLE regions (
    region        VARCHAR NOT NULL,  -- six digits
    name          VARCHAR NOT NULL,
    source_offset BIGINT  NOT NULL
);

-- One row a school: what it is now.
CREATE TABLE schools (
    school_id     VARCHAR NOT NULL,
    region        VARCHAR NOT NULL,
    name          VARCHAR NOT NULL,
    other         BOOLEAN NOT NULL,  -- the county's entry 其他
    source_offset BIGINT  NOT NULL
);

-- One row a change: the teacher belongs to the school from `since` on.
CREATE TABLE teachers (
    teacher_id    VARCHAR     NOT NULL,
    school_id     VARCHAR     NOT NULL,
    registered    BOOLEAN     NOT NULL,
    since         TIMESTAMPTZ NOT NULL,
    source_offset BIGINT      NOT NULL
);

-- One row a decision of a school's administrator about a teacher's identity.
CREATE TABLE verifications (
    teacher_id    VARCHAR     NOT NULL,
    verified      BOOLEAN     NOT NULL,
    since         TIMESTAMPTZ NOT NULL,
    source_offset BIGINT      NOT NULL
);

-- One row a teacher: the school they belong to at `as_of`. The latest `since` holds, however
-- late it arrived (rule 22); of two with the same moment, the one sent later.
CREATE MACRO teachers_at(as_of) AS TABLE
SELECT teacher_id, school_id, registered, since
FROM teachers
WHERE since <= as_of
QUALIFY row_number() OVER (PARTITION BY teacher_id ORDER BY since DESC, source_offset DESC) = 1;

-- One row a teacher about whom a decision was made: the one that holds at `as_of`.
CREATE MACRO verifications_at(as_of) AS TABLE
SELECT teacher_id, verified, since
FROM verifications
WHERE since <= as_of
QUALIFY row_number() OVER (PARTITION BY teacher_id ORDER BY since DESC, source_offset DESC) = 1;
