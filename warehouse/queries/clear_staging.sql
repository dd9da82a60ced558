-- Empty the temporary tables of a landing.
DELETE FROM incoming_ledger;
DELETE FROM incoming_regions;
DELETE FROM incoming_schools;
DELETE FROM incoming_teachers;
DELETE FROM incoming_verifications;
DELETE FROM incoming_removals;
DELETE FROM incoming_rejections;
DELETE FROM incoming_offsets;
