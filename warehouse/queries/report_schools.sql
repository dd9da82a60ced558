-- One row a school that belongs to exactly this region. Parameter: region.
SELECT school_id, name, other FROM schools WHERE region = $region ORDER BY other, school_id
