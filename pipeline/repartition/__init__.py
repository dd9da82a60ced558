"""Another number of partitions: everything goes to topics of another prefix (ADR 25)."""
