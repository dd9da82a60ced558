"""Pathway: a stateful reducer over whole records, grouped by partition.

Named apart from the package it imports. Static mode ends by itself at the end that the topic has
when the run begins. Persistence without a licence key is a log of the input, which a start
computes anew; so views may stay one object in memory that no snapshot has to hold. Without a
key Pathway also sends no telemetry; its own monitoring is off.
"""

from typing import Any

import pathway as pw
from job import Job, decode, full_view
from merging import View, take

BACKLOG = 2000
"""Records read and not yet worked on: a bound of the memory for a topic read from its start."""

Key = tuple[str, str]
Views = pw.PyObjectWrapper[dict[Key, View]]


def read(job: Job) -> pw.Table:
    """Columns: data, partition, offset."""
    kafka = {"bootstrap.servers": job.servers, "group.id": job.group,
             "auto.offset.reset": "earliest"}
    return pw.io.kafka.read(
        kafka, topic=job.input, format="raw", mode="static", with_metadata=True, name="telemetry",
        autogenerate_key=True, max_backlog_size=BACKLOG,
        autocommit_duration_ms=int(job.flush_seconds * 1000),
    ).select(pw.this.data, partition=pw.this._metadata["partition"].as_int(unwrap=True),
             offset=pw.this._metadata["offset"].as_int(unwrap=True))


def watch(job: Job, records: pw.Table) -> pw.Table:
    """Columns: teacher, resource; only ever added to."""

    @pw.reducers.stateful_many
    def views_and_full(state: tuple[Views, tuple[Key, ...]] | None,
                       rows: list[tuple[list[Any], int]]) -> tuple[Views, tuple[Key, ...]]:
        views = {} if state is None else state[0].value
        full: list[Key] = []
        for (data, partition, offset), _ in rows:
            if offset < job.ends.get(partition, 0):
                full += take(views, job.needed, decode(data).events())
        return pw.wrap_py_object(views), tuple(full)

    state = records.groupby(pw.this.partition).reduce(
        state=views_and_full(pw.this.data, pw.this.partition, pw.this.offset))
    changes = state.to_stream().filter(pw.this.is_upsert)
    full = pw.apply_with_type(lambda state: state[1], tuple[Key, ...], pw.this.state)
    views = changes.select(full=full).flatten(pw.this.full)
    return views.select(teacher=pw.this.full[0], resource=pw.this.full[1])


def write(job: Job, views: pw.Table) -> None:
    """The views as records of the output topic."""
    key = pw.apply_with_type(str.encode, bytes, pw.this.teacher)
    value = pw.apply_with_type(full_view, bytes, pw.this.teacher, pw.this.resource)
    records = views.select(key=key, value=value)
    pw.io.kafka.write(records, {"bootstrap.servers": job.servers}, job.output, format="raw",
                      key=records.key, value=records.value, name="full_views")


def main() -> None:
    """Persists about every second; ends with what the topic holds."""
    job = Job.from_environment()
    write(job, watch(job, read(job)))
    persistence = pw.persistence.Config(pw.persistence.Backend.filesystem(job.state),
                                        snapshot_interval_ms=int(job.flush_seconds * 1000))
    pw.run(monitoring_level=pw.MonitoringLevel.NONE, with_http_server=False,
           persistence_config=persistence)


if __name__ == "__main__":
    main()
