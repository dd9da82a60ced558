-- The file of one province: nothing of any other. Variable published_region: its code.

-- One row a school.
CREATE TABLE out.schools AS
SELECT school_id, region, name, other FROM schools
WHERE starts_with(region, getvariable('region_like'))
ORDER BY region, school_id;

-- One row a teacher on the roster, under the present school.
CREATE TABLE out.teachers AS
SELECT teacher_id, school_id, region, registered, verified, verified_at, since, stage, subject
FROM placed
WHERE province = getvariable('published_region')
ORDER BY school_id, teacher_id;

-- One row a teacher × programme.
CREATE TABLE out.progress AS
SELECT teacher_id, school_id, programme_id, enrolled_at, started_at, completed_at,
       learned, credited, recognised, void_certificates
FROM standing LEFT JOIN ended_certificates USING (teacher_id, programme_id)
WHERE province = getvariable('published_region')
ORDER BY school_id, teacher_id, programme_id;

-- One row a teacher on the roster × programme, begun or not, in the order that lists have: so that
-- none of a million teachers' lists needs a join. `place`: 1, 2, 3 … in that order, the same in
-- every programme. `funnel`: the last stage reached with all before it (rule 27): 0 on the roster,
-- 1 registered, 2 enrolled, 3 started, 4 completed, 5 completed and verified, so entitled to a
-- certificate (rule 23).
CREATE TABLE out.standing AS
WITH roster AS (
    SELECT teacher_id, school_id, region, registered, verified,
           (row_number() OVER (ORDER BY region, school_id, teacher_id))::INTEGER AS place
    FROM placed
    WHERE province = getvariable('published_region')
)
SELECT programmes.programme_id, roster.place, roster.teacher_id, roster.school_id, roster.region,
       roster.verified,
       CASE WHEN NOT roster.registered THEN 0
            WHEN enrolled_at IS NULL THEN 1
            WHEN started_at IS NULL THEN 2
            WHEN completed_at IS NULL THEN 3
            WHEN NOT roster.verified THEN 4
            ELSE 5 END AS funnel,
       enrolled_at, completed_at, coalesce(learned, 0) AS learned,
       coalesce(credited, 0) AS credited, coalesce(recognised, 0) AS recognised
FROM roster
CROSS JOIN programmes
LEFT JOIN (FROM standing WHERE province = getvariable('published_region')) AS begun
    ON begun.teacher_id = roster.teacher_id AND begun.programme_id = programmes.programme_id
ORDER BY programmes.programme_id, roster.place;

-- One row a teacher × programme × course.
CREATE TABLE out.course_progress AS
SELECT teacher_id, placed.school_id, programme_id, course_id, learned, credited
FROM course_progress JOIN placed USING (teacher_id)
WHERE placed.province = getvariable('published_region')
ORDER BY placed.school_id, teacher_id, programme_id, course_id;

-- One row a school × programme × day, under the school of the day.
CREATE TABLE out.daily AS
SELECT school_id, schools.region, programme_id, local_day, enrolled, started, completed,
       learned, credited
FROM daily JOIN schools USING (school_id)
WHERE starts_with(schools.region, getvariable('region_like'))
ORDER BY school_id, programme_id, local_day;

-- One row a school × programme; see publication.sql.
CREATE TABLE out.totals AS
SELECT * EXCLUDE (province) FROM school_totals
WHERE province = getvariable('published_region')
ORDER BY region, school_id, programme_id;

-- One row a school × programme × course; see publication.sql.
CREATE TABLE out.course_totals AS
SELECT * EXCLUDE (province) FROM school_course_totals
WHERE province = getvariable('published_region')
ORDER BY region, school_id, programme_id, course_id;

-- One row a school × programme × step of credited seconds; see publication.sql.
CREATE TABLE out.distribution AS
SELECT * EXCLUDE (province) FROM school_distribution
WHERE province = getvariable('published_region')
ORDER BY region, school_id, programme_id, at_least;
