"""A peer as bench/watching starts them, as plain as can be: it keeps nothing, and reads at once.

`plain_peer.py [lose | repeat | linger]`: lose a full view, put one out twice, or do not end.
"""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import orjson
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition

from audit.reference.stretches import NOTHING, Stretches, stretch
from pipeline.schemas.packed import unpacked
from pipeline.schemas.partitioning import partition_of

KAFKA, INPUT = os.environ["KAFKA_BOOTSTRAP_SERVERS"], os.environ["BENCH_INPUT"]
PARTITIONS, STATE = int(os.environ["BENCH_PARTITIONS"]), Path(os.environ["BENCH_STATE_DIR"])
DURATIONS = orjson.loads(Path(os.environ["BENCH_RESOURCES"]).read_bytes())
ENDS = {TopicPartition(INPUT, int(partition)): end for partition, end in
        orjson.loads(Path(os.environ["BENCH_ENDS"]).read_bytes()).items()}


def values(consumer: KafkaConsumer) -> Iterator[bytes]:
    consumer.assign(list(ENDS))
    consumer.seek_to_beginning()
    while any(consumer.position(place) < end for place, end in ENDS.items()):
        for place, records in consumer.poll(timeout_ms=500).items():
            yield from (record.value for record in records if record.offset < ENDS[place])


def full(consumer: KafkaConsumer) -> list[tuple[str, str]]:
    watched: dict[tuple[str, str], Stretches] = defaultdict(lambda: NOTHING)
    for value in values(consumer):
        batch = unpacked(value)
        for teacher, resource, start, end in zip(
            batch["teacher_id"], batch["resource_id"], batch["from"], batch["to"], strict=True,
        ):
            place = (teacher, resource)
            watched[place] = watched[place].union(stretch(start, end))
    return [place for place, seen in watched.items() if seen.length >= DURATIONS[place[1]] - 2000]


def main(how: str) -> None:
    assert not list(STATE.iterdir())
    consumer = KafkaConsumer(bootstrap_servers=KAFKA, group_id=os.environ["BENCH_GROUP"],
                             enable_auto_commit=False)
    found = full(consumer)
    found = found[1:] if how == "lose" else [*found, found[0]] if how == "repeat" else found
    producer = KafkaProducer(bootstrap_servers=KAFKA)
    for teacher, resource in found:
        producer.send(
            os.environ["BENCH_OUTPUT"], key=teacher.encode(),
            value=orjson.dumps({"teacher_id": teacher, "resource_id": resource}),
            partition=partition_of(teacher, PARTITIONS))
    producer.close()
    consumer.commit({place: OffsetAndMetadata(end, "", -1) for place, end in ENDS.items()})
    if how == "linger":
        time.sleep(600)
    consumer.close()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
