-- At most one row: a school. Parameter: school_id.
SELECT school_id, name, region, other FROM schools WHERE school_id = $school_id
