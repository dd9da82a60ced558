-- The names of one province's teachers, for who may see names: a file of their own, so that every
-- other file can go where names must not. Variable published_region: the province's code.

-- One row a teacher on the roster whose name the school told.
CREATE TABLE out.names AS
SELECT teacher_id, name FROM placed
WHERE province = getvariable('published_region') AND name IS NOT NULL
ORDER BY school_id, teacher_id;
