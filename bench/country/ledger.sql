-- The entries of one day (variable local_day), as a loader lands them: in the order of time.
INSERT INTO ledger BY NAME
SELECT teacher_id, programme_id, seq, kind,
       (first_day + to_seconds(86400 * day + second + later)) AT TIME ZONE 'Asia/Shanghai'
           AS happened_at,
       getvariable('local_day')::DATE AS local_day, course_id, resource_id, seconds, learned,
       credited, (hash(teacher_id) % 8)::INTEGER AS kafka_partition,
       getvariable('ledger_rows') + row_number() OVER () AS kafka_offset
FROM lives JOIN steps USING (programme_id, story)
WHERE steps.day = getvariable('local_day')::DATE - lives.first_day
ORDER BY happened_at;
