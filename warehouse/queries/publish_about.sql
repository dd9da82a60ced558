-- What every published file says of itself. Variables publication_id, published_region, as_of.

-- One row.
CREATE TABLE out.about AS
SELECT getvariable('publication_id') AS publication_id,
       getvariable('as_of') AS as_of,
       getvariable('published_region') AS region,
       2 AS layout;
