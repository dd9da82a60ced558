-- One row a teacher of a page: their `place` in the province's table `standing`, by which the rest
-- is found; of a million teachers nothing else is sorted. `names`: the join that brings the order of
-- names, where that is asked for; `filter` and `order` say which teachers, and how they stand.
-- Parameters: programme_id, offset, limit, and what the filter asks for.
SELECT place
FROM standing {names}
WHERE programme_id = $programme_id AND {filter}
ORDER BY {order}
LIMIT $limit OFFSET $offset
