-- Where everybody is. Variables: teachers and schools (how many), province (first digits), factor,
-- ranking, opens_ms and as_of_ms (epoch milliseconds). `{programme}`: the one that most attend.

-- A number in [0, 1) that is always the same for the same thing and purpose. (Hashed twice: once
-- would leave the numbers of two purposes alike.)
CREATE TEMP MACRO chance(thing, purpose) AS
    (hash(hash(thing, purpose)) >> 11)::DOUBLE / 9007199254740992;
-- The same, of a normal distribution.
CREATE TEMP MACRO normal(thing, purpose) AS
    sqrt(-2 * ln(1 - chance(thing, purpose))) * cos(2 * pi() * chance(thing, purpose || '2'));
CREATE TEMP MACRO one_of(options, thing, purpose) AS
    options[1 + floor(chance(thing, purpose) * len(options))::BIGINT];

UPDATE programmes SET ranking = getvariable('ranking');

INSERT INTO regions
SELECT code, name, row_number() OVER (ORDER BY code) FROM gbt2260;

-- One row a place that schools belong to (rule 20): a county, or a city that has none. `weight`:
-- how populous it is; a few provinces are far larger than others.
CREATE TEMP TABLE seats AS
WITH every AS (
    SELECT code AS region, name,
           exp(0.6 * normal(code, 'people'))
               * CASE left(code, 2) WHEN '44' THEN 2.0 WHEN '37' THEN 1.5 WHEN '41' THEN 1.5
                 WHEN '32' THEN 1.4 ELSE 1 END AS weight
    FROM gbt2260
    WHERE starts_with(code, getvariable('province')) AND (code NOT LIKE '%00'
       OR (code NOT LIKE '%0000' AND left(code, 4) NOT IN
           (SELECT left(code, 4) FROM gbt2260 WHERE code NOT LIKE '%00')))
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY chance(region, 'chosen')) AS number FROM every
)
SELECT region, name, weight,
       sum(weight) OVER (ORDER BY region) / sum(weight) OVER () AS upto
FROM numbered
WHERE number <= greatest(1, getvariable('schools') // 5);  -- a small country has few of them

-- One row a school: an entry 其他 of each seat, and the others by the seats' weights. `luck`:
-- how well its teachers do, 1 on the average; `first`, `beyond`: the numbers of its teachers.
CREATE TEMP TABLE made_schools AS
WITH placed AS (
    SELECT region, name, true AS other, 0 AS number FROM seats
    UNION ALL
    SELECT seats.region, seats.name, false, row_number() OVER (PARTITION BY seats.region)
    FROM range(getvariable('schools') - (SELECT count(*) FROM seats)) AS r(i)
    ASOF JOIN seats
        ON (i + 0.5) / (getvariable('schools') - (SELECT count(*) FROM seats)) <= seats.upto
), sized AS (
    SELECT *, 's' || region || format('{:04}', number) AS school_id,
           exp(0.7 * normal(school_id, 'size')) * if(other, 0.4, 1) AS size,
           one_of(['小学', '小学', '小学', '初级中学', '初级中学', '高级中学', '幼儿园'],
                  school_id, 'kind') AS kind
    FROM placed
), summed AS (
    SELECT *, sum(size) OVER (ORDER BY school_id) / sum(size) OVER () AS share FROM sized
)
SELECT school_id, region, other, kind,
       name || if(other, '其他', '第' || number || kind) AS name,
       exp(0.25 * normal(school_id, 'luck') + 0.2 * normal(region, 'luck')) AS luck,
       round(getvariable('teachers') * lag(share, 1, 0) OVER (ORDER BY school_id))::BIGINT
           AS first,
       round(getvariable('teachers') * share)::BIGINT AS beyond
FROM summed;

INSERT INTO schools
SELECT school_id, region, name, other, row_number() OVER (ORDER BY school_id)
FROM made_schools;

-- One row a teacher. Ids say nothing of the school: numbers are shuffled by a factor that has
-- no divisor in common with how many there are.
CREATE TEMP TABLE people AS
SELECT format('t{:08}', number * getvariable('factor') % getvariable('teachers')) AS teacher_id,
       school_id, kind, luck, number
FROM (SELECT school_id, kind, luck, unnest(range(first, beyond)) AS number FROM made_schools);

-- Who enrolled is registered; of every fifty, one came from another school meanwhile.
INSERT INTO teachers BY NAME
SELECT teacher_id, school_id,
       chance(teacher_id, '{programme}') ** luck < {enrolled}
           OR chance(teacher_id, 'registered') < 0.6 AS registered,
       make_timestamptz(getvariable('opens_ms') * 1000) - INTERVAL 30 DAY AS since,
       one_of(['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴', '欧阳'], number, 'n1')
           || one_of(['伟', '芳', '娜', '敏', '静', '丽', '强', '磊', '军', '洋'], number, 'n2')
           || one_of(['', '', '华', '英', '平', '红', '明', '霞', '刚'], number, 'n3') AS name,
       CASE kind WHEN '小学' THEN '小学' WHEN '幼儿园' THEN '学前' WHEN '初级中学' THEN '初中'
           ELSE '高中' END AS stage,
       one_of(['语文', '数学', '英语', '物理', '化学', '历史', '体育', '音乐', '美术'],
              number, 'subject') AS subject,
       number AS source_offset
FROM people;

INSERT INTO teachers BY NAME
SELECT teacher_id, (SELECT any_value(school_id) FROM made_schools) AS school_id, registered,
       since - INTERVAL 200 DAY AS since, name, stage, subject,
       source_offset + getvariable('teachers') AS source_offset
FROM teachers
WHERE chance(teacher_id, 'moved') < 0.02;

-- Nine of ten are verified; of every thousand, one was refused meanwhile and approved again.
CREATE TEMP TABLE approvals AS
SELECT teacher_id, number,
       make_timestamptz(getvariable('opens_ms') * 1000) + to_seconds(floor(chance(teacher_id, 'at') * 40 * 86400)::BIGINT)
           AS since
FROM people
WHERE chance(teacher_id, 'verified') < 0.9;

INSERT INTO verifications
SELECT teacher_id, true, since, 3 * number FROM approvals
UNION ALL
SELECT teacher_id, turn = 2, since + turn * INTERVAL 2 DAY, 3 * number + turn
FROM approvals, (VALUES (1), (2)) AS turns(turn)
WHERE chance(teacher_id, 'refused') < 0.001;
