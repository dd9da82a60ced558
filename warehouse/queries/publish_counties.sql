-- One row a teacher on the roster × programme, begun or not: all that a county keeps of its
-- teachers, with the names of schools and regions beside their codes. `courses`: those in which
-- anything was learned or credited, in the order of the programme. Variable published_region: the
-- province's code. Regions are in one piece each.
WITH in_courses AS (
    SELECT teacher_id, programme_id,
           list({'course_id': course_id, 'course': courses.name, 'learned': learned,
                 'credited': credited} ORDER BY courses.place, course_id) AS courses
    FROM course_progress
    JOIN placed USING (teacher_id)
    LEFT JOIN courses USING (programme_id, course_id)
    WHERE province = getvariable('published_region')
    GROUP BY ALL
)
SELECT getvariable('as_of') AS as_of,
       placed.region, coalesce(regions.name, placed.region) AS region_name,
       placed.school_id, schools.name AS school, schools.other,
       placed.teacher_id, placed.stage, placed.subject,
       placed.registered, placed.verified, placed.verified_at,
       programmes.programme_id, programmes.name AS programme, enrolled_at, started_at, completed_at,
       coalesce(learned, 0) AS learned, coalesce(credited, 0) AS credited,
       coalesce(recognised, 0) AS recognised, programmes.required, in_courses.courses
FROM placed
CROSS JOIN programmes
JOIN schools USING (school_id)
LEFT JOIN regions ON regions.region = placed.region
LEFT JOIN standing
    ON standing.teacher_id = placed.teacher_id AND standing.programme_id = programmes.programme_id
LEFT JOIN in_courses ON in_courses.teacher_id = placed.teacher_id
    AND in_courses.programme_id = programmes.programme_id
WHERE placed.province = getvariable('published_region')
ORDER BY placed.region, placed.school_id, placed.teacher_id, programmes.opens_at,
         programmes.programme_id
