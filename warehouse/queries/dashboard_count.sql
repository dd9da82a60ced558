-- One row: how many rows of another query a filter lets through.
SELECT count(*) FROM ({rows}) WHERE {filter}
