"""`python -m bench.collector`."""

from bench.collector.cli import collector

collector()
