-- One row a school that has teachers of a list among the rows asked for, when teachers stand in
-- the order of region and school; `before`: how many of the list stand before the school's. So
-- a page far behind needs no sorting of everybody. `count`: how many of a school's teachers are
-- on the list, from its totals. Parameters: programme_id, offset, limit, the scope's.
WITH counted AS (
    SELECT region, school_id, {count} AS teachers
    FROM totals
    WHERE {scope} AND programme_id = $programme_id
), placed AS (
    SELECT *, sum(teachers) OVER (ORDER BY region, school_id) - teachers AS before FROM counted
)
SELECT school_id, before::BIGINT AS before
FROM placed
WHERE teachers > 0 AND before + teachers > $offset AND before < $offset + $limit
ORDER BY before
