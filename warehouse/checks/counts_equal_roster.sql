-- #fail: a programme does not count each teacher of the roster exactly once (rules 22, 27)
WITH counted AS (
    SELECT programme_id, sum(on_roster) AS on_roster FROM school_totals GROUP BY ALL
), roster AS (
    SELECT count(DISTINCT teacher_id) AS teachers FROM teachers
    WHERE since <= getvariable('as_of')
)
SELECT programme_id || ' counts ' || on_roster || ' of ' || teachers AS found
FROM counted CROSS JOIN roster
WHERE on_roster <> teachers
