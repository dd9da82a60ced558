-- One row a bin of credited seconds: 0 for none, 1 for less than `width`, and so on; `bins` for
-- all that is required. Teachers without any progress are in no row. `scope` says which rows of
-- `progress`. Parameters: programme_id, required and width in seconds, bins, and what the scope
-- asks for.
SELECT CASE WHEN credited >= $required THEN $bins
            WHEN credited = 0 THEN 0
            ELSE 1 + credited // $width END AS bin,
       count(*) AS teachers
FROM progress
WHERE {scope} AND programme_id = $programme_id
GROUP BY ALL
ORDER BY ALL
