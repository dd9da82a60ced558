"""The first page: is anything wrong, and where?"""

from ops.dashboards.model import Dashboard, Kind, Panel, Query, Row, Unit
from ops.dashboards.promql import age, mean, most, rate, share
from pipeline.metrics.catalogue import collector, common, http, lag, loader, publisher, worker

PROCESSES = "collector|worker|loader|publisher|dashboard|learner|lag"
WORST = f"max({lag.MOST_LAG_SECONDS.name}{{group=~\".*(worker|loader)\"}})"

FOUR = Row("The four numbers to watch first", (
    Panel("Processes that do not answer", "0 is good. Alerts: ProcessDown, NobodyLeft.",
          (Query(f'count(up{{job=~"{PROCESSES}"}} == 0) or vector(0)'),),
          bad=1, kind=Kind.NUMBER, width=6),
    Panel("Behind", "Age of the oldest record that a worker or the loader has not dealt with. "
          "Alerts: LagGrowing, LagHigh.", (Query(WORST),),
          Unit.SECONDS, 60, 600, Kind.NUMBER, 6),
    Panel("Age of what is published", "Up to when bureaus and teachers can see. Alerts: "
          "PublicationLate, NothingPublished.",
          (Query(f'time() - max({publisher.AS_OF.name}{{job="publisher"}})'),),
          Unit.SECONDS, 900, 10_800, Kind.NUMBER, 6),
    Panel("Posts answered with 5xx", "Share of all the collectors' answers; players send such "
          "posts again. Alert: CollectorFails.",
          (Query(share(http.REQUESTS, "job", 'job="collector"', 'status=~"5.."')),),
          Unit.SHARE, 0.001, 0.01, Kind.NUMBER, 6),
), height=5)

WRONG = Row("What is wrong", (
    Panel("Alerts that fire", "Each has its entry in the runbook.",
          (Query('ALERTS{alertstate="firing"}'),), kind=Kind.TABLE, width=12),
    Panel("Answers", "1: the process answers Prometheus; 0: it does not.",
          (Query(f'min by (job, instance) (up{{job=~"{PROCESSES}"}})', "{{job}} {{instance}}"),),
          width=12),
    Panel("Errors and warnings", "Lines logged, also those that a flood suppressed.",
          (Query(rate(common.LOG_LINES, "job, level"), "{{job}} {{level}}"),), Unit.PER_SECOND),
    Panel("Refused", "Events refused at the door, by the workers, and records that the loader "
          "could not use; all are kept with their reason.",
          (Query(rate(collector.REFUSED, "job"), "at the door"),
           Query(rate(worker.REFUSED, "kind"), "by workers: {{kind}}"),
           Query(rate(loader.REFUSED, "job"), "by the loader")), Unit.PER_SECOND),
    Panel("Metrics that could not be read", "Since the process was started; without them alerts "
          "are blind.", (Query(most(common.UNREADABLE, "job, instance"), "{{job}} {{instance}}"),),
          bad=1),
))

FLOW = Row("From the player to the reader", (
    Panel("Events", "In at the door, decided by the watching agent, and new entries of the ledger "
          "in the warehouse, which are fewer.",
          (Query(rate(collector.EVENTS, "job"), "taken at the door"),
           Query(rate(worker.EVENTS, "agent"), "decided: {{agent}}"),
           Query(rate(loader.ENTRIES, "job"), "ledger entries landed")), Unit.PER_SECOND),
    Panel("Freshness", "How old what a stage has not dealt with is, and all of the way together.",
          (Query(most(lag.FRESHNESS, "stage"), "{{stage}}"),), Unit.SECONDS, bad=900),
    Panel("Seconds behind", "Of each group's worst partition.",
          (Query(most(lag.MOST_LAG_SECONDS, "group"), "{{group}}"),), Unit.SECONDS, bad=600),
    Panel("Age of what readers have", "By process: a dashboard's copy may be older than the "
          "publisher's.", (Query(age(publisher.AS_OF, "job, instance"), "{{job}} {{instance}}"),),
          Unit.SECONDS, bad=900),
    Panel("Events a record", "How well the collectors pack: more is cheaper.",
          (Query(mean(collector.EVENTS, collector.RECORDS), "events a record"),)),
    Panel("Kafka answers", "1 as seen by `lag --serve` and by the collectors.",
          (Query(most(lag.UP, "job"), "{{job}}"),
           Query(f"min by (job, instance) ({collector.CONNECTED.name})",
                 "{{job}} {{instance}}"))),
))

MACHINES = Row("Processes and machines", (
    Panel("Memory", "Resident.", (Query(most(common.MEMORY, "job, instance"),
                                        "{{job}} {{instance}}"),), Unit.BYTES),
    Panel("Processor", "Cores used.", (Query(rate(common.CPU, "job, instance"),
                                             "{{job}} {{instance}}"),)),
    Panel("Free disk", "Of the disk that holds the process's data. Alerts: DiskFilling, DiskFull.",
          (Query(f"min by (job, instance) ({common.DISK_FREE.name} / {common.DISK_SIZE.name})",
                 "{{job}} {{instance}}"),), Unit.SHARE),
    Panel("Open files and connections", "As a share of what is allowed. Alert: FilesRunOut.",
          (Query(f"max by (job, instance) ({common.FILES.name}{{job=~\"{PROCESSES}\"}} "
                 f"/ {common.MOST_FILES.name})", "{{job}} {{instance}}"),), Unit.SHARE, bad=0.8),
    Panel("Threads", "A number that only grows is a fault.",
          (Query(most(common.THREADS, "job, instance"), "{{job}} {{instance}}"),)),
    Panel("Running since", "Age of each process: a saw blade is one that ends again and again.",
          (Query(f'time() - max by (job, instance) ({common.START.name}{{job=~"{PROCESSES}"}})',
                 "{{job}} {{instance}}"),), Unit.SECONDS),
    Panel("Builds", "Processes by version: more than one line is an upgrade under way.",
          (Query(f"count by (process, version) ({common.BUILD.name})",
                 "{{process}} {{version}}"),), width=24),
))

DASHBOARD = Dashboard("overview", "xueshi: overview", "Is anything wrong, and where?",
                      (FOUR, WRONG, FLOW, MACHINES))
