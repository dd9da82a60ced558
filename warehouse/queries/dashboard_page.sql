-- A page of another query: the rows that a filter lets through, in an order, from an offset on.
-- `limit`: how many, NULL for all. Parameters: offset, limit, and what the others ask for.
SELECT * FROM ({rows}) WHERE {filter} ORDER BY {order} LIMIT $limit OFFSET $offset
