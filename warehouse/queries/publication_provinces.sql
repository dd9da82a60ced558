-- One row a province that has schools; `named`: whether any of its teachers' names is known.
SELECT left(schools.region, 2) || '0000' AS province,
       bool_or(coalesce(known.named, false)) AS named
FROM schools
LEFT JOIN (
    SELECT province, bool_or(name IS NOT NULL) AS named FROM placed GROUP BY ALL
) AS known ON known.province = left(schools.region, 2) || '0000'
GROUP BY ALL
ORDER BY ALL
