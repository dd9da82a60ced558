"""Metrics of the processes that answer to people and players."""

from pipeline.metrics.metric import MILLISECONDS_TO_SECONDS, Kind, Metric, Process

SERVERS = (Process.COLLECTOR, Process.DASHBOARD, Process.LEARNER, Process.WORKER)
ROUTE = "a fixed list of a process's routes, `other` for the rest"

REQUESTS = Metric("xueshi_http_requests_total", Kind.COUNTER, "", "requests answered", SERVERS,
                  {"route": ROUTE,
                   "status": "status code; `aborted` where the client left before the answer"})
SECONDS = Metric("xueshi_http_request_seconds", Kind.HISTOGRAM, "seconds",
                 "from a request's head to the end of its answer", SERVERS, {"route": ROUTE},
                 MILLISECONDS_TO_SECONDS)
IN_FLIGHT = Metric("xueshi_http_requests_in_flight", Kind.GAUGE, "",
                   "requests that are being answered", SERVERS)

METRICS = (REQUESTS, SECONDS, IN_FLIGHT)
