-- At most one row: learners who are not on the roster. Parameter: programme_id.
SELECT teachers, enrolled, started, completed, learned, credited, recognised
FROM not_on_roster
WHERE programme_id = $programme_id
