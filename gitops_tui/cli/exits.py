"""Exit codes, as Argo CD's command line has them (semantics 1.14)."""

OK = 0
FAILED = 1
"""An operation did not succeed, or `app diff` found a difference."""
USAGE = 2
"""A wrong option or settings file."""
ERROR = 20
"""Anything that kept the command from answering."""
INTERRUPTED = 130
