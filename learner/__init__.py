"""The teacher's own page: what is learned, credited and required, and why something is not yet."""
