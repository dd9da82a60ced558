-- What the crediting agent decided, and the state that follows from it.
--
-- No table has a key or an index: they make the file several times bigger and every load slower.
-- The loader keeps rows unique, and each publication checks that they are (checks/).
-- Seconds are whole seconds of credit; instants are TIMESTAMPTZ; `local_day` is Asia/Shanghai's.

-- One row a ledger entry, in order of arrival, never changed.
CREATE TABLE ledger (
    teacher_id      VARCHAR     NOT NULL,
    programme_id    VARCHAR     NOT NULL,
    seq             BIGINT      NOT NULL,  -- 1, 2, 3 … per teacher and programme
    kind            VARCHAR     NOT NULL,  -- enrolled, started, learned, credited, completed
    happened_at     TIMESTAMPTZ NOT NULL,
    local_day       DATE        NOT NULL,
    course_id       VARCHAR,
    resource_id     VARCHAR,
    seconds         BIGINT      NOT NULL,  -- learned by this entry
    learned         BIGINT      NOT NULL,  -- the course's total after it
    credited        BIGINT      NOT NULL,  -- the course's total after it
    kafka_partition INTEGER     NOT NULL,
    kafka_offset    BIGINT      NOT NULL
);

-- One row a teacher × programme: where they stand after the entry `last_seq`.
CREATE TABLE progress (
    teacher_id   VARCHAR NOT NULL,
    programme_id VARCHAR NOT NULL,
    last_seq     BIGINT  NOT NULL,
    enrolled_at  TIMESTAMPTZ,
    started_at   TIMESTAMPTZ,
    completed_at TIMESTAMPTZ,
    learned      BIGINT  NOT NULL,  -- sum over the courses
    credited     BIGINT  NOT NULL,  -- sum over the courses
    recognised   BIGINT  NOT NULL   -- credited once completed, 0 before (rule 13)
);

-- One row a teacher × programme × course in which anything was learned or credited.
CREATE TABLE course_progress (
    teacher_id   VARCHAR NOT NULL,
    programme_id VARCHAR NOT NULL,
    course_id    VARCHAR NOT NULL,
    learned      BIGINT  NOT NULL,
    credited     BIGINT  NOT NULL
);

-- One row a school × programme × day: what that day added, under the school the teacher had
-- when it was loaded. It is history and is not moved when a teacher moves (rule 22).
-- school_id '' stands for teachers who were not on the roster.
CREATE TABLE daily (
    school_id    VARCHAR NOT NULL,
    programme_id VARCHAR NOT NULL,
    local_day    DATE    NOT NULL,
    enrolled     BIGINT  NOT NULL,  -- teachers
    started      BIGINT  NOT NULL,  -- teachers
    completed    BIGINT  NOT NULL,  -- teachers
    learned      BIGINT  NOT NULL,  -- seconds
    credited     BIGINT  NOT NULL   -- seconds
);

-- One row a hole in a teacher's numbering: the entries between were never seen. An alarm.
CREATE TABLE ledger_gaps (
    teacher_id   VARCHAR     NOT NULL,
    programme_id VARCHAR     NOT NULL,
    after_seq    BIGINT      NOT NULL,  -- the last entry before the hole
    before_seq   BIGINT      NOT NULL,  -- the first entry behind it
    found_at     TIMESTAMPTZ NOT NULL
);
