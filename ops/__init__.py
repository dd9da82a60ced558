"""What watches a deployment: Prometheus' configuration and alerts, Grafana's dashboards."""
