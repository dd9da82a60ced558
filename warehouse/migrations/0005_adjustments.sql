-- What people decided stands in the ledger with who and why (adjustments); NULL for all others.
ALTER TABLE ledger ADD COLUMN adjustment_id VARCHAR;
ALTER TABLE ledger ADD COLUMN reverses VARCHAR;    -- the adjustment that this one takes back
ALTER TABLE ledger ADD COLUMN decided_by VARCHAR;
ALTER TABLE ledger ADD COLUMN reason VARCHAR;
