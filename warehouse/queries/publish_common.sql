-- What the files of provinces and of the country say of the programmes and of themselves.
-- Variable region_like: prefix of the codes of the file's regions.

-- One row a region in the file's region.
CREATE TABLE out.regions AS
SELECT region, name FROM regions
WHERE starts_with(region, getvariable('region_like'))
ORDER BY region;

-- One row a programme; `required` in seconds.
CREATE TABLE out.programmes AS
SELECT * REPLACE (coalesce(ranking, false) AS ranking)
FROM programmes ORDER BY opens_at, programme_id;

-- One row a course of a programme; `required` in seconds.
CREATE TABLE out.courses AS
FROM courses ORDER BY programme_id, place;
