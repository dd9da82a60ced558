-- From incoming_ledger to ledger, progress, course_progress, daily and ledger_gaps.
-- An entry counts if its seq is beyond the last loaded one of its teacher and programme, so a
-- repeat changes nothing (rule 14). Variable landed_at: TIMESTAMPTZ, the moment of loading.

-- One row a new entry. `previous_seq`: the entry before it, loaded earlier or in this landing.
CREATE OR REPLACE TEMP TABLE fresh AS
WITH once AS (
    FROM incoming_ledger
    QUALIFY row_number() OVER (
        PARTITION BY teacher_id, programme_id, seq ORDER BY kafka_partition, kafka_offset) = 1
)
SELECT
    once.*,
    make_timestamptz(once.happened_ms * 1000) AS happened_at,
    (make_timestamptz(once.happened_ms * 1000) AT TIME ZONE 'Asia/Shanghai')::DATE AS local_day,
    lag(once.seq, 1, coalesce(progress.last_seq, 0)) OVER entries AS previous_seq
FROM once
LEFT JOIN progress USING (teacher_id, programme_id)
WHERE once.seq > coalesce(progress.last_seq, 0)
WINDOW entries AS (PARTITION BY once.teacher_id, once.programme_id ORDER BY once.seq);

INSERT INTO ledger
SELECT teacher_id, programme_id, seq, kind, happened_at, local_day, course_id, resource_id,
       seconds, learned, credited, kafka_partition, kafka_offset,
       adjustment_id, reverses, decided_by, reason
FROM fresh;

INSERT INTO ledger_gaps
SELECT teacher_id, programme_id, previous_seq, seq, getvariable('landed_at')
FROM fresh
WHERE seq > previous_seq + 1;

-- One row a new entry that sets a course's totals: by how much it moves each of them.
CREATE OR REPLACE TEMP TABLE course_steps AS
SELECT
    fresh.teacher_id, fresh.programme_id, fresh.course_id, fresh.seq, fresh.local_day,
    fresh.learned, fresh.credited,
    fresh.learned - lag(fresh.learned, 1, coalesce(known.learned, 0)) OVER entries
        AS learned_step,
    fresh.credited - lag(fresh.credited, 1, coalesce(known.credited, 0)) OVER entries
        AS credited_step
FROM fresh
LEFT JOIN course_progress AS known USING (teacher_id, programme_id, course_id)
WHERE fresh.course_id IS NOT NULL
WINDOW entries AS (
    PARTITION BY fresh.teacher_id, fresh.programme_id, fresh.course_id ORDER BY fresh.seq);

-- One row a teacher × programme × milestone reached for the first time, and its day; completion
-- may also be taken back (−1) and come again, as when a hold is set and reversed.
CREATE OR REPLACE TEMP TABLE milestones AS
SELECT fresh.teacher_id, fresh.programme_id, fresh.kind, 1 AS step,
       arg_min(fresh.local_day, fresh.seq) AS local_day
FROM fresh
LEFT JOIN progress USING (teacher_id, programme_id)
WHERE (fresh.kind = 'enrolled' AND progress.enrolled_at IS NULL)
   OR (fresh.kind = 'started' AND progress.started_at IS NULL)
GROUP BY ALL
UNION ALL
SELECT teacher_id, programme_id, 'completed', if(kind = 'completed', 1, -1), local_day
FROM (
    SELECT fresh.*, lag(fresh.kind, 1, if(progress.completed_at IS NULL, 'reopened', 'completed'))
        OVER (PARTITION BY fresh.teacher_id, fresh.programme_id ORDER BY fresh.seq) AS before
    FROM fresh
    LEFT JOIN progress USING (teacher_id, programme_id)
    WHERE fresh.kind IN ('completed', 'reopened')
)
WHERE kind <> before;

-- One row a teacher × programme touched: what the new entries say.
CREATE OR REPLACE TEMP TABLE moved AS
WITH sums AS (
    SELECT teacher_id, programme_id, sum(learned_step) AS learned, sum(credited_step) AS credited
    FROM course_steps
    GROUP BY ALL
)
SELECT
    teacher_id, programme_id, max(seq) AS last_seq,
    arg_max(happened_at, seq) FILTER (kind = 'enrolled') AS enrolled_at,
    arg_max(happened_at, seq) FILTER (kind = 'started') AS started_at,
    arg_max(happened_at, seq) FILTER (kind = 'completed') AS completed_at,
    arg_max(kind, seq) FILTER (kind IN ('completed', 'reopened')) AS completion,
    coalesce(any_value(sums.learned), 0)::BIGINT AS learned_step,
    coalesce(any_value(sums.credited), 0)::BIGINT AS credited_step
FROM fresh
LEFT JOIN sums USING (teacher_id, programme_id)
GROUP BY teacher_id, programme_id;

MERGE INTO progress AS was USING moved
ON was.teacher_id = moved.teacher_id AND was.programme_id = moved.programme_id
WHEN MATCHED THEN UPDATE SET
    last_seq = moved.last_seq,
    enrolled_at = coalesce(moved.enrolled_at, was.enrolled_at),
    started_at = coalesce(moved.started_at, was.started_at),
    completed_at = CASE WHEN moved.completion = 'reopened' THEN NULL
                        ELSE coalesce(moved.completed_at, was.completed_at) END,
    learned = was.learned + moved.learned_step,
    credited = was.credited + moved.credited_step,
    recognised = CASE WHEN coalesce(moved.completion = 'completed', was.completed_at IS NOT NULL)
                      THEN was.credited + moved.credited_step ELSE 0 END
WHEN NOT MATCHED THEN INSERT VALUES (
    moved.teacher_id, moved.programme_id, moved.last_seq, moved.enrolled_at, moved.started_at,
    CASE WHEN moved.completion = 'completed' THEN moved.completed_at END,
    moved.learned_step, moved.credited_step,
    CASE WHEN moved.completion = 'completed' THEN moved.credited_step ELSE 0 END);

MERGE INTO course_progress AS was USING (
    SELECT teacher_id, programme_id, course_id,
           arg_max(learned, seq) AS learned, arg_max(credited, seq) AS credited
    FROM course_steps
    GROUP BY ALL
) AS moved
ON was.teacher_id = moved.teacher_id AND was.programme_id = moved.programme_id
    AND was.course_id = moved.course_id
WHEN MATCHED THEN UPDATE SET learned = moved.learned, credited = moved.credited
WHEN NOT MATCHED THEN INSERT VALUES (
    moved.teacher_id, moved.programme_id, moved.course_id, moved.learned, moved.credited);

-- What this landing adds to each school × programme × day.
MERGE INTO daily AS was USING (
    WITH changes AS (
        SELECT teacher_id, programme_id, local_day,
               0 AS enrolled, 0 AS started, 0 AS completed,
               learned_step AS learned, credited_step AS credited
        FROM course_steps
        UNION ALL
        SELECT teacher_id, programme_id, local_day,
               if(kind = 'enrolled', step, 0), if(kind = 'started', step, 0),
               if(kind = 'completed', step, 0), 0, 0
        FROM milestones
    ), schools_now AS (
        SELECT teacher_id, school_id
        FROM teachers SEMI JOIN fresh USING (teacher_id)
        WHERE since <= getvariable('landed_at')
        QUALIFY row_number() OVER (
            PARTITION BY teacher_id ORDER BY since DESC, source_offset DESC) = 1
    )
    SELECT coalesce(school_id, '') AS school_id, programme_id, local_day,
           sum(enrolled)::BIGINT AS enrolled, sum(started)::BIGINT AS started,
           sum(completed)::BIGINT AS completed,
           sum(learned)::BIGINT AS learned, sum(credited)::BIGINT AS credited
    FROM changes LEFT JOIN schools_now USING (teacher_id)
    GROUP BY ALL
) AS added
ON was.school_id = added.school_id AND was.programme_id = added.programme_id
    AND was.local_day = added.local_day
WHEN MATCHED THEN UPDATE SET
    enrolled = was.enrolled + added.enrolled,
    started = was.started + added.started,
    completed = was.completed + added.completed,
    learned = was.learned + added.learned,
    credited = was.credited + added.credited
WHEN NOT MATCHED THEN INSERT VALUES (
    added.school_id, added.programme_id, added.local_day, added.enrolled, added.started,
    added.completed, added.learned, added.credited);
