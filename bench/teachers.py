"""The teachers of a measurement: numbered, and each on the partition of their name."""

from array import array

from pipeline.schemas.partitioning import partition_of


def name(number: int) -> str:
    """A teacher's id."""
    return f"teacher-{number:08d}"


def population(teachers: int, partitions: int) -> list["array[int]"]:
    """The teachers' numbers by partition, in their order."""
    numbers = [array("L") for _ in range(partitions)]
    for number in range(teachers):
        numbers[partition_of(name(number), partitions)].append(number)
    return numbers
