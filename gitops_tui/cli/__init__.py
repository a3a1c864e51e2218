"""The command line: parses, assembles, prints, chooses the exit code."""
