"""Metrics of every process: the machine's side of it."""

from pipeline.metrics.metric import EVERYWHERE, Kind, Metric, Process

KEEPS_DATA = (Process.COLLECTOR, Process.WORKER, Process.LOADER, Process.PUBLISHER,
              Process.DASHBOARD, Process.LEARNER)

BUILD = Metric("xueshi_build_info", Kind.GAUGE, "", "1; which build runs", EVERYWHERE,
               {"process": "name of the command", "version": "the package's version"})
START = Metric("process_start_time_seconds", Kind.GAUGE, "seconds",
               "when it was started, since 1970", EVERYWHERE)
CPU = Metric("process_cpu_seconds_total", Kind.COUNTER, "seconds",
             "processor time used, own and of the system for it", EVERYWHERE)
MEMORY = Metric("process_resident_memory_bytes", Kind.GAUGE, "bytes",
                "memory that it really has", EVERYWHERE)
FILES = Metric("process_open_fds", Kind.GAUGE, "", "open files and connections", EVERYWHERE)
MOST_FILES = Metric("process_max_fds", Kind.GAUGE, "",
                    "open files and connections that it may have", EVERYWHERE)
THREADS = Metric("xueshi_process_threads", Kind.GAUGE, "", "threads", EVERYWHERE)
DISK_FREE = Metric("xueshi_disk_free_bytes", Kind.GAUGE, "bytes",
                   "free on the disk that holds XUESHI_VAR_DIR", KEEPS_DATA)
DISK_SIZE = Metric("xueshi_disk_size_bytes", Kind.GAUGE, "bytes",
                   "size of the disk that holds XUESHI_VAR_DIR", KEEPS_DATA)
LOG_LINES = Metric("xueshi_log_lines_total", Kind.COUNTER, "",
                   "lines logged, also those that a flood suppressed", EVERYWHERE,
                   {"level": "WARNING, ERROR, CRITICAL"})
UNREADABLE = Metric("xueshi_metrics_failures_total", Kind.COUNTER, "",
                    "groups of metrics that could not be read when asked for", EVERYWHERE)

METRICS = (BUILD, START, CPU, MEMORY, FILES, MOST_FILES, THREADS, DISK_FREE, DISK_SIZE, LOG_LINES,
           UNREADABLE)
