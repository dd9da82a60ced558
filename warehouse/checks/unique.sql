-- #fail: rows that must be unique are there twice
SELECT 'daily ' || school_id || ' ' || programme_id || ' ' || local_day AS found
FROM daily GROUP BY school_id, programme_id, local_day HAVING count(*) > 1
UNION ALL
SELECT 'regions ' || region FROM regions GROUP BY region HAVING count(*) > 1
UNION ALL
SELECT 'schools ' || school_id FROM schools GROUP BY school_id HAVING count(*) > 1
UNION ALL
SELECT 'rejections ' || topic || ' ' || kafka_partition || ' ' || kafka_offset || ' ' || reason
FROM rejections WHERE kafka_offset >= 0
GROUP BY topic, kafka_partition, kafka_offset, reason, teacher_id, resource_id, session_id
HAVING count(*) > 1
