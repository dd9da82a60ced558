"""What every process tells of itself: metrics in Prometheus' text format, and its health."""
