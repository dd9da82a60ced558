"""How far each consumer is behind, in records and seconds, and whether it gets anywhere."""
