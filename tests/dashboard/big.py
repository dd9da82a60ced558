"""A published province of any size, straight in DuckDB: for sizes no other way makes in time."""

import hashlib
from pathlib import Path

import duckdb

from warehouse.manifest import Manifest, PublishedFile, manifest_path

PUBLICATION = "20230820T120000-000001"

TABLES = """
CREATE TABLE out.about AS
SELECT '20230820T120000-000001' AS publication_id,
       TIMESTAMPTZ '2023-08-20 12:00:00+08' AS as_of, '440000' AS region, 2 AS layout;
CREATE TABLE out.regions AS FROM (VALUES ('440000', '广东省'), ('440100', '广州市'),
    ('440103', '荔湾区'), ('440104', '越秀区'), ('441900', '东莞市')) AS v(region, name);
CREATE TABLE out.programmes AS
SELECT 'summer' AS programme_id, '暑期研修' AS name,
       TIMESTAMPTZ '2023-07-14 00:00:00+08' AS opens_at,
       TIMESTAMPTZ '2023-09-01 00:00:00+08' AS closes_at,
       8100::BIGINT AS required, 2700::BIGINT AS seconds_per_hour, false AS ranking;
CREATE TABLE out.courses AS FROM (VALUES ('summer', 1, 'ideals', '思想铸魂', 5400::BIGINT),
    ('summer', 2, 'cases', '以案促学', 2700::BIGINT))
    AS v(programme_id, place, course_id, name, required);
CREATE TABLE out.schools AS
SELECT format('s{:06}', i) AS school_id, ['440103', '440104', '441900'][i % 3 + 1] AS region,
       '第' || i || '小学' AS name, i % 50 = 0 AS other
FROM range({teachers} // 80) AS r(i) ORDER BY region, school_id;
CREATE TABLE out.teachers AS
SELECT teacher_id, school_id, region, hash(i) % 40 > 0 AS registered, hash(i) % 9 > 0 AS verified,
       TIMESTAMPTZ '2023-06-01 00:00:00+08' AS since, NULL::VARCHAR AS stage,
       NULL::VARCHAR AS subject
FROM (SELECT i, format('t{:08}', i) AS teacher_id,
             format('s{:06}', hash(i) % ({teachers} // 80)) AS school_id
      FROM range({teachers}) AS r(i))
JOIN out.schools USING (school_id) ORDER BY school_id, teacher_id;
CREATE TABLE out.course_progress AS
SELECT teacher_id, school_id, 'summer' AS programme_id, course_id,
       required * least(hash(teacher_id) % 12, 10) // 10 AS learned, learned AS credited
FROM out.teachers, out.courses WHERE hash(teacher_id) % 12 > 1
ORDER BY school_id, teacher_id, course_id;
CREATE TABLE out.progress AS
SELECT teacher_id, school_id, programme_id,
       TIMESTAMPTZ '2023-07-14 08:00:00+08' + to_hours((hash(teacher_id) % 500)::INTEGER)
           AS enrolled_at,
       enrolled_at + INTERVAL 1 DAY AS started_at,
       CASE WHEN credited = 8100 THEN enrolled_at + INTERVAL 9 DAY END AS completed_at,
       learned, credited, CASE WHEN credited = 8100 THEN 8100 ELSE 0 END::BIGINT AS recognised
FROM (SELECT teacher_id, school_id, programme_id, sum(learned)::BIGINT AS learned,
             sum(credited)::BIGINT AS credited
      FROM out.course_progress GROUP BY ALL)
ORDER BY school_id, teacher_id;
CREATE TABLE out.standing AS
SELECT 'summer' AS programme_id,
       (row_number() OVER (ORDER BY region, t.school_id, t.teacher_id))::INTEGER AS place,
       t.teacher_id, t.school_id, region, verified,
       CASE WHEN NOT registered THEN 0 WHEN enrolled_at IS NULL THEN 1
            WHEN completed_at IS NULL THEN 3 WHEN NOT verified THEN 4 ELSE 5 END AS funnel,
       enrolled_at, completed_at, coalesce(learned, 0) AS learned,
       coalesce(credited, 0) AS credited,
       coalesce(recognised, 0) AS recognised
FROM out.teachers AS t LEFT JOIN out.progress USING (teacher_id) ORDER BY place;
CREATE TABLE out.daily AS
SELECT school_id, region, programme_id, (enrolled_at AT TIME ZONE 'Asia/Shanghai')::DATE
           AS local_day,
       count(*) AS enrolled, count(*) AS started, count(completed_at) AS completed,
       sum(learned)::BIGINT AS learned, sum(credited)::BIGINT AS credited
FROM out.progress JOIN out.schools USING (school_id) GROUP BY ALL ORDER BY ALL;
CREATE TABLE out.totals AS
SELECT t.region, t.school_id, 'summer' AS programme_id, count(*) AS on_roster,
       count_if(t.registered) AS registered,
       count_if(registered AND enrolled_at IS NOT NULL) AS enrolled,
       count_if(registered AND started_at IS NOT NULL) AS started,
       count_if(registered AND completed_at IS NOT NULL) AS completed,
       count_if(registered AND completed_at IS NOT NULL AND t.verified) AS verified,
       count_if(registered AND completed_at IS NOT NULL AND t.verified) AS certificate,
       count_if(t.verified) AS verified_at_all,
       coalesce(sum(learned), 0)::BIGINT AS learned, coalesce(sum(credited), 0)::BIGINT AS credited,
       coalesce(sum(recognised), 0)::BIGINT AS recognised
FROM out.teachers AS t LEFT JOIN out.progress USING (teacher_id)
GROUP BY region, t.school_id ORDER BY region, t.school_id;
CREATE TABLE out.course_totals AS
SELECT region, school_id, programme_id, course_id, sum(learned)::BIGINT AS learned,
       sum(credited)::BIGINT AS credited, count_if(credited = required) AS reached
FROM out.course_progress JOIN out.schools USING (school_id)
JOIN out.courses USING (programme_id, course_id) GROUP BY ALL ORDER BY ALL;
CREATE TABLE out.distribution AS
SELECT region, school_id, programme_id,
       CASE WHEN credited >= 8100 THEN 8100 WHEN credited = 0 THEN 0
            ELSE greatest(1, credited // 2700 * 2700) END AS at_least, count(*) AS teachers
FROM out.progress JOIN out.schools USING (school_id) GROUP BY ALL ORDER BY ALL;
"""


def publish_big(published: Path, teachers: int) -> None:
    """Guangdong's file alone, with so many teachers."""
    published.mkdir(parents=True)
    path = published / f"440000-{PUBLICATION}.duckdb"
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'Asia/Shanghai'")
        db.execute(f"ATTACH '{path}' AS out (STORAGE_VERSION 'v1.0.0')")
        db.execute(TABLES.replace("{teachers}", str(teachers)))
        db.execute("DETACH out")
    manifest_path(published).write_text(_manifest(path).model_dump_json(), encoding="utf-8")


def _manifest(path: Path) -> Manifest:
    with path.open("rb") as file:
        summed = hashlib.file_digest(file, "sha256").hexdigest()
    file_ = PublishedFile(name=path.name, region="440000", sha256=summed,
                          bytes=path.stat().st_size, rows={})
    return Manifest(publication_id=PUBLICATION, sequence=1, as_of=1_692_504_000_000,
                    as_of_local="2023-08-20T12:00:00+08:00", offsets=[], warnings=[],
                    files=[file_], names=[], counties=[], kept=[PUBLICATION])
