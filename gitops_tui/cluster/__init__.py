"""The adapter to a Kubernetes API server: raw JSON in and out, errors of our own."""
