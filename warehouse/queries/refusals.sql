-- One row a reason code of the national file: events refused.
SELECT reason, events FROM refusals ORDER BY events DESC, reason;
