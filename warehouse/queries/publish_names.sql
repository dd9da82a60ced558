-- The names of one province's teachers, for who may see names: a file of their own, so that every
-- other file can go where names must not. Variable published_region: the province's code.

-- One row a teacher on the roster whose name the school told. `place`: as in the province's table
-- standing; `by_pinyin`: 1, 2, 3 … in the order of names, the same for the same name, because to
-- sort a million names by pinyin takes seconds.
CREATE TABLE out.names AS
WITH roster AS (
    SELECT teacher_id, name,
           (row_number() OVER (ORDER BY region, school_id, teacher_id))::INTEGER AS place
    FROM placed
    WHERE province = getvariable('published_region')
), ordered AS (
    SELECT name, (dense_rank() OVER (ORDER BY name COLLATE zh_cn))::INTEGER AS by_pinyin
    FROM (SELECT DISTINCT name FROM roster WHERE name IS NOT NULL)
)
SELECT teacher_id, name, place, by_pinyin
FROM roster JOIN ordered USING (name)
ORDER BY place;
