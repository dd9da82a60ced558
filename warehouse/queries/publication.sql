-- Temporary tables that all files of one publication are cut from.
-- Variable as_of: TIMESTAMPTZ, the moment the snapshot speaks of. Provinces are the codes'
-- first two digits (rule 20); a teacher stands under the school they belong to now (rule 22).

-- One row a teacher whose identity is verified: since when without a break (rule 23). Another
-- approval in between changes nothing; of two decisions at one moment, the one sent later holds.
CREATE TEMP TABLE approved AS
WITH decided AS (
    SELECT teacher_id, verified, since, row(since, source_offset) AS turn
    FROM verifications
    WHERE since <= getvariable('as_of')
), refused AS (
    SELECT teacher_id, max(turn) AS turn FROM decided WHERE NOT verified GROUP BY teacher_id
)
SELECT teacher_id, min(since) AS verified_at
FROM decided LEFT JOIN refused USING (teacher_id)
WHERE verified AND (refused.turn IS NULL OR decided.turn > refused.turn)
GROUP BY teacher_id;

-- One row a teacher on the roster. Without a known school: region and province are NULL.
CREATE TEMP TABLE placed AS
SELECT
    teacher.teacher_id, teacher.school_id, teacher.registered, teacher.since,
    approved.verified_at IS NOT NULL AS verified, approved.verified_at,
    teacher.name, teacher.stage, teacher.subject,
    schools.region, left(schools.region, 2) || '0000' AS province
FROM teachers_at(getvariable('as_of')) AS teacher
LEFT JOIN approved USING (teacher_id)
LEFT JOIN schools USING (school_id)
ORDER BY province, teacher.school_id, teacher.teacher_id;

-- One row a teacher × programme with progress, on the roster or not (then `listed` is false).
CREATE TEMP TABLE standing AS
SELECT
    progress.*, placed.province, placed.region, placed.school_id,
    placed.teacher_id IS NOT NULL AS listed,
    coalesce(placed.registered, false) AS registered,
    coalesce(placed.verified, false) AS verified
FROM progress
LEFT JOIN placed USING (teacher_id)
ORDER BY placed.province, placed.school_id, progress.teacher_id, progress.programme_id;

-- One row a school × programme: the funnel of rule 27. A stage counts the teachers who reached
-- it and every stage before it, so that it can only get narrower; `verified_at_all` counts
-- those on the roster whose identity is verified, however far they are. A certificate needs
-- completion and verification (rule 23), so here it is the same number as `verified`.
-- Seconds are of everybody on the roster.
CREATE TEMP TABLE school_totals AS
WITH programme_ids AS (
    SELECT programme_id FROM programmes UNION SELECT programme_id FROM progress
), roster AS (
    SELECT province, region, school_id,
           count(*) AS on_roster,
           count_if(registered)::BIGINT AS registered,
           count_if(verified)::BIGINT AS verified_at_all
    FROM placed
    GROUP BY ALL
), reached AS (
    SELECT school_id, programme_id,
           count_if(registered AND enrolled_at IS NOT NULL)::BIGINT AS enrolled,
           count_if(registered AND enrolled_at IS NOT NULL AND started_at IS NOT NULL)::BIGINT
               AS started,
           count_if(registered AND enrolled_at IS NOT NULL AND started_at IS NOT NULL
               AND completed_at IS NOT NULL)::BIGINT AS completed,
           count_if(registered AND enrolled_at IS NOT NULL AND started_at IS NOT NULL
               AND completed_at IS NOT NULL AND verified)::BIGINT AS verified,
           sum(learned)::BIGINT AS learned,
           sum(credited)::BIGINT AS credited,
           sum(recognised)::BIGINT AS recognised
    FROM standing
    WHERE listed
    GROUP BY ALL
)
SELECT
    roster.province, roster.region, roster.school_id, programme_ids.programme_id,
    roster.on_roster, roster.registered,
    coalesce(reached.enrolled, 0) AS enrolled,
    coalesce(reached.started, 0) AS started,
    coalesce(reached.completed, 0) AS completed,
    coalesce(reached.verified, 0) AS verified,
    coalesce(reached.verified, 0) AS certificate,
    roster.verified_at_all,
    coalesce(reached.learned, 0) AS learned,
    coalesce(reached.credited, 0) AS credited,
    coalesce(reached.recognised, 0) AS recognised
FROM roster
CROSS JOIN programme_ids
LEFT JOIN reached ON reached.school_id = roster.school_id
    AND reached.programme_id = programme_ids.programme_id;

-- One row a school × programme × course. `reached`: teachers with all of its required seconds.
CREATE TEMP TABLE school_course_totals AS
SELECT
    placed.province, placed.region, placed.school_id,
    course_progress.programme_id, course_progress.course_id,
    sum(course_progress.learned)::BIGINT AS learned,
    sum(course_progress.credited)::BIGINT AS credited,
    count(*) FILTER (course_progress.credited >= courses.required AND courses.required > 0)
        AS reached  -- 0, not NULL, of a course that the programme does not have
FROM course_progress
JOIN placed USING (teacher_id)
LEFT JOIN courses USING (programme_id, course_id)
GROUP BY ALL;

-- One row a teacher × programme, only where there are any. `void_certificates`: the days of
-- Asia/Shanghai that a certificate may once have borne and now does not, in order: the later of
-- any moment of completion and any approval that were ever told, except the day that holds. So
-- whatever was printed is among them, also before a record that came late moved the day.
CREATE TEMP TABLE ended_certificates AS
WITH completions AS (
    SELECT teacher_id, programme_id, happened_at AS completed_at FROM ledger
    WHERE kind = 'completed'
), approvals AS (
    SELECT teacher_id, since AS verified_at FROM verifications
    WHERE verified AND since <= getvariable('as_of')
), moved AS (  -- all others have one moment of each, and it holds
    SELECT once.teacher_id
    FROM completions AS once LEFT JOIN progress USING (teacher_id, programme_id)
    WHERE once.completed_at IS DISTINCT FROM progress.completed_at
    UNION
    SELECT once.teacher_id FROM approvals AS once LEFT JOIN approved USING (teacher_id)
    WHERE once.verified_at IS DISTINCT FROM approved.verified_at
), days AS (
    SELECT teacher_id, programme_id,
           (greatest(completed_at, verified_at) AT TIME ZONE 'Asia/Shanghai')::DATE AS local_day
    FROM completions SEMI JOIN moved USING (teacher_id) JOIN approvals USING (teacher_id)
), holding AS (
    SELECT teacher_id, programme_id,
           (greatest(progress.completed_at, approved.verified_at)
               AT TIME ZONE 'Asia/Shanghai')::DATE AS local_day
    FROM progress SEMI JOIN moved USING (teacher_id) JOIN approved USING (teacher_id)
    WHERE progress.completed_at IS NOT NULL
)
SELECT teacher_id, programme_id, list(DISTINCT local_day ORDER BY local_day) AS void_certificates
FROM days ANTI JOIN holding USING (teacher_id, programme_id, local_day)
GROUP BY ALL;

-- One row a school × programme × step of credited seconds that any of its teachers is on.
-- `at_least`: 0 for none at all, 1 for less than an hour, then whole hours, last all that is
-- required; everybody in the row has so much, and less than the next step. Who has no progress
-- is in no row.
CREATE TEMP TABLE school_distribution AS
SELECT province, region, school_id, programme_id,
       CASE WHEN credited >= programmes.required THEN programmes.required
            WHEN credited = 0 THEN 0
            ELSE greatest(1, credited // seconds_per_hour * seconds_per_hour) END AS at_least,
       count(*) AS teachers
FROM standing JOIN programmes USING (programme_id)
WHERE listed
GROUP BY ALL;
