-- One city's or county's part of the attached database `province`, into the attached `edition`:
-- the same tables, and no row of anybody else. Variable prefix: the digits of the region.

CREATE TABLE edition.about AS FROM province.about;
CREATE TABLE edition.programmes AS FROM province.programmes;
CREATE TABLE edition.courses AS FROM province.courses;

CREATE TABLE edition.regions AS
FROM province.regions WHERE starts_with(region, getvariable('prefix'));
CREATE TABLE edition.schools AS
FROM province.schools WHERE starts_with(region, getvariable('prefix'));
CREATE TABLE edition.teachers AS
FROM province.teachers WHERE starts_with(region, getvariable('prefix'));
CREATE TABLE edition.standing AS
FROM province.standing WHERE starts_with(region, getvariable('prefix'));
CREATE TABLE edition.totals AS
FROM province.totals WHERE starts_with(region, getvariable('prefix'));
CREATE TABLE edition.course_totals AS
FROM province.course_totals WHERE starts_with(region, getvariable('prefix'));
CREATE TABLE edition.distribution AS
FROM province.distribution WHERE starts_with(region, getvariable('prefix'));
CREATE TABLE edition.daily AS
FROM province.daily WHERE starts_with(region, getvariable('prefix'));

-- These tell the school only.
CREATE TABLE edition.progress AS
FROM province.progress SEMI JOIN edition.schools USING (school_id);
CREATE TABLE edition.course_progress AS
FROM province.course_progress SEMI JOIN edition.schools USING (school_id);
