"""A small HTTP server that hostile clients cannot exhaust: bounded in connections, time and bytes."""
