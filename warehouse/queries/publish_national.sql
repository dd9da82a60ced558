-- The national file: no teacher, no school; counts by county (or city without counties) and
-- up. Region '' stands for teachers whose school is not on the roster of schools.

-- One row a county × programme; see publication.sql.
CREATE TABLE out.totals AS
SELECT coalesce(region, '') AS region, programme_id,
       sum(on_roster)::BIGINT AS on_roster, sum(registered)::BIGINT AS registered,
       sum(enrolled)::BIGINT AS enrolled, sum(started)::BIGINT AS started,
       sum(completed)::BIGINT AS completed, sum(verified)::BIGINT AS verified,
       sum(certificate)::BIGINT AS certificate,
       sum(verified_at_all)::BIGINT AS verified_at_all,
       sum(learned)::BIGINT AS learned, sum(credited)::BIGINT AS credited,
       sum(recognised)::BIGINT AS recognised
FROM school_totals
GROUP BY ALL
ORDER BY ALL;

-- One row a county × programme × course; see publication.sql.
CREATE TABLE out.course_totals AS
SELECT coalesce(region, '') AS region, programme_id, course_id,
       sum(learned)::BIGINT AS learned, sum(credited)::BIGINT AS credited,
       sum(reached)::BIGINT AS reached
FROM school_course_totals
GROUP BY ALL
ORDER BY ALL;

-- One row a county × programme × step of credited seconds; see publication.sql.
CREATE TABLE out.distribution AS
SELECT coalesce(region, '') AS region, programme_id, at_least, sum(teachers)::BIGINT AS teachers
FROM school_distribution
GROUP BY ALL
ORDER BY ALL;

-- One row a county × programme × day. '' also stands for those not on the roster at the time.
CREATE TABLE out.daily AS
SELECT coalesce(schools.region, '') AS region, programme_id, local_day,
       sum(enrolled)::BIGINT AS enrolled, sum(started)::BIGINT AS started,
       sum(completed)::BIGINT AS completed,
       sum(learned)::BIGINT AS learned, sum(credited)::BIGINT AS credited
FROM daily LEFT JOIN schools USING (school_id)
GROUP BY ALL
ORDER BY ALL;

-- One row a programme: those with progress who are not on the roster (rule 21). Stages leave
-- out what only the roster tells (registered, verified).
CREATE TABLE out.not_on_roster AS
SELECT programme_id,
       count(*) AS teachers,
       count_if(enrolled_at IS NOT NULL)::BIGINT AS enrolled,
       count_if(enrolled_at IS NOT NULL AND started_at IS NOT NULL)::BIGINT AS started,
       count_if(enrolled_at IS NOT NULL AND started_at IS NOT NULL
           AND completed_at IS NOT NULL)::BIGINT AS completed,
       sum(learned)::BIGINT AS learned, sum(credited)::BIGINT AS credited,
       sum(recognised)::BIGINT AS recognised
FROM standing
WHERE NOT listed
GROUP BY ALL
ORDER BY ALL;

-- One row a reason: events refused anywhere on the path (rule 19). No ids, no raw bytes.
CREATE TABLE out.refusals AS
SELECT reason, sum(count)::BIGINT AS events
FROM rejections
GROUP BY ALL
ORDER BY ALL;
