"""Bytes to dictionaries and back, exactly as Kubernetes reads them; pure."""
