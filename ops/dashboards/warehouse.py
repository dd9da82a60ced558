"""From the ledger to the published files."""

from ops.dashboards.model import Dashboard, Panel, Query, Row, Unit
from ops.dashboards.promql import age, most, quantile, rate, total
from pipeline.metrics.catalogue import common, loader, publisher

LOADING = Row("Loader", (
    Panel("Records landed", "By topic.",
          (Query(rate(loader.RECORDS, "topic"), "{{topic}}"),), Unit.PER_SECOND),
    Panel("New ledger entries", "Without repeats.",
          (Query(rate(loader.ENTRIES, "job"), "entries"),), Unit.PER_SECOND),
    Panel("Newest record landed", "Its age: it grows while nothing comes on this topic.",
          (Query(age(loader.WATERMARK, "topic"), "{{topic}}"),), Unit.SECONDS),
    Panel("Time of a landing", "One transaction: half of them, and nine of ten. Alert: "
          "LandingSlow.",
          (Query(quantile(0.5, loader.TRANSACTION_SECONDS, "job"), "half"),
           Query(quantile(0.9, loader.TRANSACTION_SECONDS, "job"), "90 %")),
          Unit.SECONDS, bad=10),
    Panel("Time since the last landing", "It grows while nothing comes. Alert: LoaderStuck.",
          (Query(age(loader.LANDED_AT, "instance"), "{{instance}}"),), Unit.SECONDS),
    Panel("Read and not landed", "Records.",
          (Query(most(loader.WAITING, "instance"), "{{instance}}"),)),
    Panel("Gaps in the ledger", "Since the loader was started: entries were lost. Alert: "
          "LedgerGap.", (Query(most(loader.GAPS, "instance"), "{{instance}}"),), bad=1),
    Panel("Records that could not be used", "By reason; kept as rejections. Alert: "
          "UnreadableRecords.",
          (Query(rate(loader.REFUSED, "reason"), "{{reason}}"),), Unit.PER_SECOND),
    Panel("Kafka and the loader", "1 while it is away, or does not take the loader's rejections.",
          (Query(most(loader.AWAY, "instance"), "{{instance}}: Kafka is away"),
           Query(most(loader.STUCK, "instance"), "{{instance}}: stuck")), bad=1),
    Panel("Offsets", "Records a second by which the loader gets on.",
          (Query(f"sum by (topic) (rate({loader.OFFSET.name}[$__rate_interval]))", "{{topic}}"),),
          Unit.PER_SECOND, width=24),
))

FILES = Row("Files", (
    Panel("Warehouse", "Sizes. The WAL is folded in when it is large.",
          (Query(most(loader.FILE_BYTES, "file"), "{{file}}"),), Unit.BYTES),
    Panel("Snapshots", "Time to copy the warehouse for the publisher: half of them, nine of ten.",
          (Query(quantile(0.5, loader.SNAPSHOT_SECONDS, "job"), "half"),
           Query(quantile(0.9, loader.SNAPSHOT_SECONDS, "job"), "90 %")), Unit.SECONDS),
    Panel("Snapshots that failed", "Since the loader was started. Alert: SnapshotsFail.",
          (Query(most(loader.SNAPSHOT_FAILURES, "instance"), "{{instance}}"),), bad=1),
    Panel("Free disk", "The loader needs room for one more copy of the warehouse.",
          (Query(most(common.DISK_FREE, "job, instance", 'job=~"loader|publisher"'),
                 "{{job}} {{instance}}"),), Unit.BYTES, width=24),
))

PUBLISHING = Row("Publisher", (
    Panel("Attempts, by result", "An hour. Alerts: CheckFails, PublicationFails.",
          (Query(f"sum by (result) (increase({publisher.ATTEMPTS.name}[1h]))", "{{result}}"),)),
    Panel("Time of an attempt", "Half of them, and nine of ten.",
          (Query(quantile(0.5, publisher.SECONDS, "job"), "half"),
           Query(quantile(0.9, publisher.SECONDS, "job"), "90 %")), Unit.SECONDS),
    Panel("Cases that checks found", "The last time. `fail` keeps everything from being published. "
          "Alerts: CheckFails, CheckWarns.",
          (Query(total(publisher.CASES, "check, severity"), "{{severity}}: {{check}}"),), bad=1),
    Panel("Age of what is published", "By reader. Alerts: PublicationLate, NothingPublished.",
          (Query(age(publisher.AS_OF, "job, instance"), "{{job}} {{instance}}"),),
          Unit.SECONDS, bad=900),
    Panel("Publication", "Its number, by reader: all have the same soon after each.",
          (Query(most(publisher.SEQUENCE, "job, instance"), "{{job}} {{instance}}"),)),
    Panel("Time since the last checks", "They run with every attempt that has something new.",
          (Query(age(publisher.CHECKED_AT, "instance"), "{{instance}}"),), Unit.SECONDS),
    Panel("Files", "Of the last good publication.",
          (Query(most(publisher.FILES, "job"), "{{job}}"),), width=12),
    Panel("Bytes", "Of the last good publication.",
          (Query(most(publisher.BYTES, "job"), "{{job}}"),), Unit.BYTES, width=12),
))

DASHBOARD = Dashboard("warehouse", "xueshi: warehouse and publications",
                      "From the ledger to the published files.", (LOADING, FILES, PUBLISHING))
