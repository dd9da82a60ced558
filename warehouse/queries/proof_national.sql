-- The national file. One row a figure: what, '', programme, region or region/course, amount.
-- `all.` stands for the sums of all days.
FROM (
    UNPIVOT totals
    ON on_roster, registered, enrolled, completed, certificate, learned, credited, recognised
    INTO NAME what VALUE amount
) SELECT 'region.' || what, '', programme_id, region, amount
UNION ALL
FROM (UNPIVOT course_totals ON learned, credited INTO NAME what VALUE amount)
SELECT 'region.course.' || what, '', programme_id, region || '/' || course_id, amount
UNION ALL
FROM (UNPIVOT daily ON learned, credited, enrolled, completed INTO NAME what VALUE amount)
SELECT 'all.' || what, '', programme_id, '', sum(amount)::BIGINT
GROUP BY ALL;
