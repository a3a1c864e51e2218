"""What Git providers send when somebody pushed: checked, and read into one value. No policy of what to do with it."""
