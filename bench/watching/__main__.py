"""`python -m bench.watching`."""

from bench.watching.cli import watching

watching()
