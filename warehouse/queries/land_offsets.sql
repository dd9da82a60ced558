-- From incoming_offsets to kafka_offsets, and the moment up to which all is loaded.

DELETE FROM kafka_offsets USING incoming_offsets AS sent
WHERE kafka_offsets.topic = sent.topic AND kafka_offsets.kafka_partition = sent.kafka_partition;
INSERT INTO kafka_offsets FROM incoming_offsets;

DELETE FROM loaded;
INSERT INTO loaded VALUES (getvariable('landed_at'));
