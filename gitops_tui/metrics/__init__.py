"""The Prometheus endpoint of the controller."""
