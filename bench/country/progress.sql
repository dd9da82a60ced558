-- Where everybody stands, from the stories. Tables steps (stories.py), people; variables as
-- before, and stories: how many stories each programme has.

-- One row a story: what it comes to. Moments in seconds from the day of enrolment.
CREATE TEMP TABLE stories AS
SELECT programme_id, story, max(seq) AS last_seq, max(day) AS days,
       max(86400 * day + second) FILTER (kind = 'enrolled') AS enrolled_s,
       max(86400 * day + second) FILTER (kind = 'started') AS started_s,
       max(86400 * day + second) FILTER (kind = 'completed') AS completed_s
FROM steps
GROUP BY ALL;

CREATE TEMP TABLE story_courses AS
SELECT programme_id, story, course_id,
       arg_max(learned, seq) AS learned, arg_max(credited, seq) AS credited
FROM steps
WHERE kind = 'learned'
GROUP BY ALL;

-- One row a story × day: what the day adds.
CREATE TEMP TABLE story_days AS
WITH added AS (
    SELECT *, credited - lag(credited, 1, 0) OVER (
        PARTITION BY programme_id, story, course_id ORDER BY seq) AS credited_step
    FROM steps
)
SELECT programme_id, story, day,
       count_if(kind = 'enrolled') AS enrolled, count_if(kind = 'started') AS started,
       count_if(kind = 'completed') AS completed,
       sum(seconds)::BIGINT AS learned, sum(if(kind = 'learned', credited_step, 0))::BIGINT
           AS credited
FROM added
GROUP BY ALL;

-- One row a teacher × programme: whose story, and its first day at 00:00. `later`: seconds
-- that they are behind the story's time of day. Four of ten never heard of the other programmes.
CREATE TEMP TABLE lives AS
SELECT people.teacher_id, people.school_id, stories.*,
       (opens_at AT TIME ZONE 'Asia/Shanghai')::DATE
           + floor(chance(teacher_id, 'day' || programmes.programme_id) ** 1.5
                   * (date_diff('day', opens_at, closes_at) - days))::INTEGER AS first_day,
       floor(chance(teacher_id, 'later') * 5 * 3600)::BIGINT AS later
FROM people
JOIN programmes ON programmes.programme_id = '{programme}'
    OR chance(teacher_id, programmes.programme_id) < 0.6
JOIN stories ON stories.programme_id = programmes.programme_id AND stories.story =
    floor(chance(teacher_id, if(programmes.programme_id = '{programme}', '{programme}', 'way'))
          ** luck * getvariable('stories'));

INSERT INTO progress
WITH sums AS (
    SELECT programme_id, story, sum(learned)::BIGINT AS learned,
           sum(credited)::BIGINT AS credited
    FROM story_courses
    GROUP BY ALL
)
SELECT teacher_id, programme_id, last_seq,
       (first_day + to_seconds(enrolled_s + later)) AT TIME ZONE 'Asia/Shanghai',
       (first_day + to_seconds(started_s + later)) AT TIME ZONE 'Asia/Shanghai',
       (first_day + to_seconds(completed_s + later)) AT TIME ZONE 'Asia/Shanghai',
       coalesce(learned, 0), coalesce(credited, 0),
       CASE WHEN completed_s IS NULL THEN 0 ELSE coalesce(credited, 0) END
FROM lives LEFT JOIN sums USING (programme_id, story);

INSERT INTO course_progress
SELECT teacher_id, programme_id, course_id, learned, credited
FROM lives JOIN story_courses USING (programme_id, story);

INSERT INTO daily
SELECT school_id, programme_id, first_day + day, sum(enrolled)::BIGINT, sum(started)::BIGINT,
       sum(completed)::BIGINT, sum(learned)::BIGINT, sum(credited)::BIGINT
FROM lives JOIN story_days USING (programme_id, story)
GROUP BY ALL;

INSERT INTO rejections
SELECT 'xueshi.telemetry', i % 8, i, one_of(['clock', 'late', 'malformed', 'repeated'], i, 'why'),
       1 + i % 5, make_timestamptz(getvariable('opens_ms') * 1000) + to_minutes(i % 40000),
       format('t{:08}', i), NULL, NULL, '', ''::BLOB
FROM range(getvariable('teachers') // 1000) AS r(i);

INSERT INTO kafka_offsets SELECT 'xueshi.ledger', i, 1000 FROM range(8) AS r(i);
INSERT INTO loaded VALUES (make_timestamptz(getvariable('as_of_ms') * 1000));
