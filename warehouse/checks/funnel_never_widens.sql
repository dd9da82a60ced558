-- #fail: a stage of the funnel has more teachers than the one before it (rule 27)
SELECT coalesce(school_id, '') || ' ' || programme_id AS found
FROM school_totals
WHERE NOT (on_roster >= registered AND registered >= enrolled AND enrolled >= started
           AND started >= completed AND completed >= verified AND verified >= certificate)
   OR certificate < 0
