"""Answers from stored evidence: why there is no credit, what was refused, what a rebuild says."""
