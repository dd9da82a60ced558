"""Where a teacher lives: one fixed hash for every topic, every state and every lookup."""

from zlib import crc32


def partition_of(teacher_id: str, partitions: int) -> int:
    """The partition, 0 ≤ p < partitions, of everything about this teacher.

    CRC-32 of the UTF-8 id (ISO 3309): the same in every language and for ever, unlike
    the hash of a Kafka client. Changing it would move teachers away from their state.
    """
    return crc32(teacher_id.encode()) % partitions


def bucket_of(teacher_id: str, partitions: int, buckets: int) -> int:
    """The bucket, 0 ≤ b < buckets, of this teacher's state inside its partition."""
    return crc32(teacher_id.encode()) // partitions % buckets
