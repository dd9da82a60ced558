"""`xueshi chaos`: faults on purpose under load, and the proof that no hour is lost (rule 14).

What one run does, in this order:

1. A real broker of its own comes up behind a proxy (broker.py, proxy.py), with a second replica
   that is registered and never there (phantom.py), so that it can be told to refuse writes.
2. Collectors, workers, loader and publisher start as processes (stage.py); a supervisor starts
   again what ends, and notes how it ended (supervisor.py).
3. Two loads with a known truth begin (load/, loads.py): over HTTP by clients that never give up
   and whose clocks are a day wrong, and straight to Kafka, repeated, shuffled and with poison.
4. A plan made from the seed (plan.py) says at which share of the load which fault happens. Each
   fault (faults/) does its harm under load, must show that it landed, and restores what it
   changed; then the time until the path has caught up is taken (catching_up.py).
5. When all is sent, decided and published, loader and publisher leave; four copies of everybody's
   figures are held against the truth (copies/), and what lies in Kafka against the invariants
   (invariants/); then the others leave. Every SIGTERM is timed (judging.py).
6. The report (report.py) counts all of it. A run is wrong if a figure differs, an invariant is
   broken, a fault did not land, or a process left late or with an error.

A process dies at a named point of its work by being run as `python -m chaos.victim` (victim.py,
wrapping.py, worker_points.py, warehouse_points.py, collector_points.py).
"""
