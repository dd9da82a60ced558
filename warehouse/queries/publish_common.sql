-- What every published file says of itself and of the programmes. Variables publication_id,
-- published_region, as_of; variable region_like: prefix of the codes of the file's regions.

-- One row.
CREATE TABLE out.about AS
SELECT getvariable('publication_id') AS publication_id,
       getvariable('as_of') AS as_of,
       getvariable('published_region') AS region,
       1 AS layout;

-- One row a region in the file's region.
CREATE TABLE out.regions AS
SELECT region, name FROM regions
WHERE starts_with(region, getvariable('region_like'))
ORDER BY region;

-- One row a programme; `required` in seconds.
CREATE TABLE out.programmes AS
FROM programmes ORDER BY opens_at, programme_id;

-- One row a course of a programme; `required` in seconds.
CREATE TABLE out.courses AS
FROM courses ORDER BY programme_id, place;
