-- One row a programme, the one that opened last first. A file of an older publication may lack
-- the switch `ranking` (rule 28).
SELECT * FROM programmes ORDER BY opens_at DESC, programme_id
