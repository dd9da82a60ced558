"""A made-up country of any size, straight in DuckDB, and what the warehouse takes for it."""
