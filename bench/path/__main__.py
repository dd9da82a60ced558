"""`python -m bench.path`."""

from bench.path.cli import path

path()
