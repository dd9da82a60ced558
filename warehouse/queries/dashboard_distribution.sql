-- One row a bin of credited seconds: 0 for none, 1 for less than `width`, and so on; `bins` for
-- all that is required. Teachers without any progress are in no row. `scope` says which rows of
-- `distribution`, whose steps are whole hours, as `width` is some. Parameters: programme_id,
-- required and width in seconds, bins, and what the scope asks for.
SELECT CASE WHEN at_least >= $required THEN $bins
            WHEN at_least = 0 THEN 0
            ELSE 1 + at_least // $width END AS bin,
       sum(teachers)::BIGINT AS teachers
FROM distribution
WHERE {scope} AND programme_id = $programme_id
GROUP BY ALL
ORDER BY ALL
