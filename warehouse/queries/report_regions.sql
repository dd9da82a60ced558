-- One row a region in (prefix) the one asked for, itself included. Parameter: prefix.
SELECT region, name FROM regions WHERE starts_with(region, $prefix) ORDER BY region
