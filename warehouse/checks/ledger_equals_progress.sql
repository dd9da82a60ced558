-- #fail: the ledger does not add up to the progress
-- Entries and the known gaps must make up 1 … last_seq: none is there twice, none is missing
-- unnoticed. Learned seconds are compared where no entry is missing, and where nobody decided on
-- them (adjustments); the last totals of each course always.
-- Grouped once, by course, because that is most of the work.
WITH told AS MATERIALIZED (
    SELECT teacher_id, programme_id, course_id, max(seq) AS last_seq, count(*) AS entries,
           coalesce(sum(seconds) FILTER (kind = 'learned'), 0) AS seconds,
           bool_or(adjustment_id IS NOT NULL) AS adjusted,
           arg_max(learned, seq) AS learned, arg_max(credited, seq) AS credited
    FROM ledger
    WHERE hash(teacher_id) % getvariable('parts') = getvariable('part')
    GROUP BY ALL
), heads AS (
    SELECT teacher_id, programme_id, max(last_seq) AS last_seq, sum(entries) AS entries,
           sum(seconds) AS learned, bool_or(adjusted) AS adjusted
    FROM told
    GROUP BY ALL
), held AS MATERIALIZED (
    FROM course_progress
    WHERE hash(teacher_id) % getvariable('parts') = getvariable('part')
), holes AS (
    SELECT teacher_id, programme_id, sum(before_seq - after_seq - 1) AS missing
    FROM ledger_gaps
    GROUP BY ALL
), sums AS (
    SELECT teacher_id, programme_id, sum(learned) AS learned, sum(credited) AS credited
    FROM held
    GROUP BY ALL
)
SELECT 'progress of ' || teacher_id || ' in ' || programme_id AS found
FROM (FROM progress WHERE hash(teacher_id) % getvariable('parts') = getvariable('part')) AS progress
FULL JOIN heads USING (teacher_id, programme_id)
FULL JOIN sums USING (teacher_id, programme_id)
LEFT JOIN holes USING (teacher_id, programme_id)
WHERE progress.last_seq IS DISTINCT FROM heads.last_seq
   OR heads.entries + coalesce(holes.missing, 0) IS DISTINCT FROM heads.last_seq
   OR progress.learned IS DISTINCT FROM coalesce(sums.learned, 0)
   OR progress.credited IS DISTINCT FROM coalesce(sums.credited, 0)
   OR (heads.entries = heads.last_seq AND NOT heads.adjusted
       AND progress.learned IS DISTINCT FROM heads.learned)
UNION ALL
SELECT 'course ' || course_id || ' of ' || teacher_id || ' in ' || programme_id
FROM held
FULL JOIN (FROM told WHERE course_id IS NOT NULL) AS told
    USING (teacher_id, programme_id, course_id)
WHERE held.learned IS DISTINCT FROM told.learned
   OR held.credited IS DISTINCT FROM told.credited
