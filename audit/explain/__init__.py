"""Why has this video no credit? One teacher, one resource, from what is stored. Pure, but for
`gather` (reads Kafka) and `live` (asks a worker)."""
