"""The door, and everything else that answers over HTTP."""

from ops.dashboards.model import Dashboard, Panel, Query, Row, Unit
from ops.dashboards.promql import mean, most, quantile, rate, share
from pipeline.metrics.catalogue import collector, http

HERE = 'job="collector"'
PAGES = 'job=~"dashboard|learner|worker"'
EVENTS = f'{HERE},route="/v1/events"'

ANSWERS = Row("Answers of the collectors", (
    Panel("Requests, by status", "docs/reference/collector-status.md says what each is.",
          (Query(rate(http.REQUESTS, "status", HERE), "{{status}}"),), Unit.PER_SECOND),
    Panel("Requests, by route", "`other` is what nobody should ask for.",
          (Query(rate(http.REQUESTS, "route", HERE), "{{route}}"),), Unit.PER_SECOND),
    Panel("5xx and 429", "Share of all answers. Alerts: CollectorFails, CollectorThrottles.",
          (Query(share(http.REQUESTS, "instance", HERE, 'status=~"5.."'), "{{instance}}: 5xx"),
           Query(share(http.REQUESTS, "instance", HERE, 'status="429"'), "{{instance}}: 429")),
          Unit.SHARE, bad=0.05),
    Panel("Time of a post of events", "Until Kafka has acknowledged it and it is answered: half of "
          "them, 95 and 99 of a hundred. Alert: CollectorSlow.",
          (Query(quantile(0.5, http.SECONDS, "job", EVENTS), "half"),
           Query(quantile(0.95, http.SECONDS, "job", EVENTS), "95 %"),
           Query(quantile(0.99, http.SECONDS, "job", EVENTS), "99 %")), Unit.SECONDS, bad=1),
    Panel("The same, by collector", "99 of a hundred: one far above the others is a sick machine.",
          (Query(quantile(0.99, http.SECONDS, "instance", EVENTS), "{{instance}}"),),
          Unit.SECONDS, bad=1),
    Panel("Requests being answered", "At this moment.",
          (Query(most(http.IN_FLIGHT, "instance", HERE), "{{instance}}"),)),
))

EVENTS_IN = Row("Events", (
    Panel("Taken", "Acknowledged by Kafka and answered with 202.",
          (Query(rate(collector.EVENTS, "instance"), "{{instance}}"),), Unit.PER_SECOND),
    Panel("Refused, by reason", "Kept as rejections. Alert: CollectorRefuses.",
          (Query(rate(collector.REFUSED, "reason"), "{{reason}}"),), Unit.PER_SECOND),
    Panel("Packing", "Events a record.",
          (Query(mean(collector.EVENTS, collector.RECORDS), "events a record"),)),
))

KAFKA = Row("To Kafka", (
    Panel("Connected", "1 while there is a producer that is connected. Alert: KafkaAway.",
          (Query(f"min by (instance) ({collector.CONNECTED.name})", "{{instance}}"),)),
    Panel("Records not acknowledged", "Their posts got 503.",
          (Query(rate(collector.SEND_FAILURES, "instance"), "{{instance}}"),), Unit.PER_SECOND),
    Panel("Bytes", "Before compression.",
          (Query(rate(collector.BYTES, "instance"), "{{instance}}"),), Unit.BYTES_A_SECOND),
    Panel("Posts that wait to be packed", "Few, and for milliseconds.",
          (Query(most(collector.WAITING_POSTS, "instance"), "{{instance}}"),), width=12),
    Panel("Waiting for Kafka", "What is too much is answered with 503 `queue_full`.",
          (Query(most(collector.WAITING_BYTES, "instance"), "{{instance}}"),), Unit.BYTES,
          width=12),
))

OTHERS = Row("Dashboard, teachers' page, progress API", (
    Panel("Requests, by status", "By process.",
          (Query(rate(http.REQUESTS, "job, status", PAGES), "{{job}} {{status}}"),),
          Unit.PER_SECOND),
    Panel("5xx", "Share of all answers. Alert: PagesFail.",
          (Query(share(http.REQUESTS, "job, instance", PAGES, 'status=~"5.."'),
                 "{{job}} {{instance}}"),), Unit.SHARE, bad=0.05),
    Panel("Time of an answer", "95 of a hundred.",
          (Query(quantile(0.95, http.SECONDS, "job", PAGES), "{{job}}"),), Unit.SECONDS, bad=2),
))

DASHBOARD = Dashboard("collector", "xueshi: collector and pages",
                      "The door, and everything else that answers over HTTP.",
                      (ANSWERS, EVENTS_IN, KAFKA, OTHERS))
