-- From incoming_regions, _schools, _teachers, _verifications and _removals to the roster.
-- A tombstone takes away all that was sent before it under its key, as compaction of the topic
-- will. Regions and schools keep what was sent last. Teachers and verifications keep their
-- history; what says again what holds already is left out, so a platform that sends its whole
-- roster every night does not make the tables grow.

DELETE FROM regions USING incoming_removals AS gone
WHERE gone.kind = 'region' AND region = gone.id;
DELETE FROM schools USING incoming_removals AS gone
WHERE gone.kind = 'school' AND school_id = gone.id;
DELETE FROM teachers USING incoming_removals AS gone
WHERE gone.kind = 'teacher' AND teacher_id = gone.id;
DELETE FROM verifications USING incoming_removals AS gone
WHERE gone.kind = 'verification' AND teacher_id = gone.id;

DELETE FROM incoming_regions AS sent USING incoming_removals AS gone
WHERE gone.kind = 'region' AND region = gone.id AND sent.source_offset < gone.source_offset;
DELETE FROM incoming_schools AS sent USING incoming_removals AS gone
WHERE gone.kind = 'school' AND school_id = gone.id AND sent.source_offset < gone.source_offset;
DELETE FROM incoming_teachers AS sent USING incoming_removals AS gone
WHERE gone.kind = 'teacher' AND teacher_id = gone.id AND sent.source_offset < gone.source_offset;
DELETE FROM incoming_verifications AS sent USING incoming_removals AS gone
WHERE gone.kind = 'verification' AND teacher_id = gone.id
    AND sent.source_offset < gone.source_offset;

DELETE FROM regions USING incoming_regions AS sent WHERE regions.region = sent.region;
INSERT INTO regions
FROM incoming_regions
QUALIFY row_number() OVER (PARTITION BY region ORDER BY source_offset DESC) = 1;

DELETE FROM schools USING incoming_schools AS sent WHERE schools.school_id = sent.school_id;
INSERT INTO schools
FROM incoming_schools
QUALIFY row_number() OVER (PARTITION BY school_id ORDER BY source_offset DESC) = 1;

INSERT INTO teachers
WITH sent AS (
    SELECT teacher_id, school_id, registered, make_timestamptz(since_ms * 1000) AS since,
           source_offset, name, stage, subject
    FROM incoming_teachers
), latest AS (
    FROM teachers SEMI JOIN sent USING (teacher_id)
    QUALIFY row_number() OVER (
        PARTITION BY teacher_id ORDER BY since DESC, source_offset DESC) = 1
), alone AS (
    -- Where a batch says several things of one teacher, their order decides: keep them all.
    FROM sent QUALIFY count(*) OVER (PARTITION BY teacher_id) = 1
)
FROM sent
ANTI JOIN (
    SELECT alone.source_offset
    FROM alone JOIN latest USING (teacher_id, school_id, registered, since)
    WHERE (alone.name, alone.stage, alone.subject)
        IS NOT DISTINCT FROM (latest.name, latest.stage, latest.subject)
) AS known USING (source_offset);

INSERT INTO verifications
WITH sent AS (
    SELECT teacher_id, verified, make_timestamptz(since_ms * 1000) AS since, source_offset
    FROM incoming_verifications
), latest AS (
    FROM verifications SEMI JOIN sent USING (teacher_id)
    QUALIFY row_number() OVER (
        PARTITION BY teacher_id ORDER BY since DESC, source_offset DESC) = 1
), alone AS (
    FROM sent QUALIFY count(*) OVER (PARTITION BY teacher_id) = 1
)
FROM sent
ANTI JOIN (
    SELECT alone.source_offset
    FROM alone JOIN latest USING (teacher_id, verified, since)
) AS known USING (source_offset);
