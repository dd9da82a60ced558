"""All credit once more from the logs, by the reference: what differs, or would differ."""
