"""How far each consumer is behind, in records and in seconds, and whether it is getting anywhere."""
