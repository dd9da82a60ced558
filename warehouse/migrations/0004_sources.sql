-- Where the loader stands, and the programmes as it found them at its start.

-- One row a partition: the offset to read next. Written in the transaction of the rows
-- before it, so what is loaded and what is skipped never disagree.
CREATE TABLE kafka_offsets (
    topic           VARCHAR NOT NULL,
    kafka_partition INTEGER NOT NULL,
    next_offset     BIGINT  NOT NULL
);

-- One row a topic: the broker's own id of it, which a topic made anew does not have.
CREATE TABLE kafka_topics (
    topic    VARCHAR NOT NULL,
    topic_id VARCHAR NOT NULL
);

-- One row: the moment up to which the loader has read.
CREATE TABLE loaded (
    as_of TIMESTAMPTZ NOT NULL
);

-- One row a programme.
CREATE TABLE programmes (
    programme_id     VARCHAR     NOT NULL,
    name             VARCHAR     NOT NULL,
    opens_at         TIMESTAMPTZ NOT NULL,
    closes_at        TIMESTAMPTZ NOT NULL,
    required         BIGINT      NOT NULL,  -- seconds
    seconds_per_hour BIGINT      NOT NULL   -- rule 6
);

-- One row a course of a programme, numbered in the order of the programme file.
CREATE TABLE courses (
    programme_id VARCHAR NOT NULL,
    place        INTEGER NOT NULL,
    course_id    VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    required     BIGINT  NOT NULL  -- seconds
);
