"""`python -m pipeline`: the same as `xueshi`."""

from pipeline.cli import main

main()
