"""`python -m bench.country`."""

from bench.country.cli import country

country()
