-- #fail: the days do not add up to the progress
WITH days AS (
    SELECT programme_id, sum(enrolled) AS enrolled, sum(started) AS started,
           sum(completed) AS completed, sum(learned) AS learned, sum(credited) AS credited
    FROM daily
    GROUP BY ALL
), now AS (
    SELECT programme_id, count(enrolled_at) AS enrolled, count(started_at) AS started,
           count(completed_at) AS completed, sum(learned) AS learned, sum(credited) AS credited
    FROM progress
    GROUP BY ALL
)
SELECT programme_id AS found
FROM now LEFT JOIN days USING (programme_id)
WHERE (now.enrolled, now.started, now.completed, now.learned, now.credited) IS DISTINCT FROM
    (coalesce(days.enrolled, 0), coalesce(days.started, 0), coalesce(days.completed, 0),
     coalesce(days.learned, 0), coalesce(days.credited, 0))
