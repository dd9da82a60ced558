"""Measured, never tested: how fast, how much memory, how long."""
