"""Where the loader stands in each topic, and whether these are still the same topics."""

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from warehouse.source import lost


def known_offsets(db: DuckDBPyConnection) -> dict[tuple[str, int], int]:
    """(topic, partition) → the offset to read next."""
    rows = db.execute("SELECT topic, kafka_partition, next_offset FROM kafka_offsets").fetchall()
    return {(topic, partition): offset for topic, partition, offset in rows}


def check_topics(db: DuckDBPyConnection, found: Mapping[str, str]) -> None:
    """Keep the ids of topics seen first (topic → id), compare those of the others.

    A topic that was deleted and made anew has the old name and, sooner or later, the old
    offsets, but other records: going on would mix two histories.

    Raises:
        WarehouseError: a topic is not the one that was loaded so far.
    """
    known = dict(db.execute("SELECT topic, topic_id FROM kafka_topics").fetchall())
    for topic, topic_id in found.items():
        if topic not in known:
            db.execute("INSERT INTO kafka_topics VALUES (?, ?)", [topic, topic_id])
        elif known[topic] != topic_id:
            raise lost(f"{topic} was deleted and made anew")
