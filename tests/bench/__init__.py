"""What is measured, each beside its yardstick from the same run."""
