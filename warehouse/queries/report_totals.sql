-- One row a place below the region: the sums of publication.sql's totals. `unit` is the
-- place: a school's id, or the first `digits` digits of its region. Parameters: prefix of the
-- regions asked for, programme_id.
SELECT {unit} AS unit,
       sum(on_roster)::BIGINT, sum(registered)::BIGINT, sum(enrolled)::BIGINT,
       sum(started)::BIGINT, sum(completed)::BIGINT, sum(verified)::BIGINT,
       sum(certificate)::BIGINT, sum(verified_at_all)::BIGINT,
       sum(learned)::BIGINT, sum(credited)::BIGINT, sum(recognised)::BIGINT
FROM totals
WHERE starts_with(region, $prefix) AND programme_id = $programme_id
GROUP BY ALL
ORDER BY ALL
