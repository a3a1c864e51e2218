"""gitops-tui: a GitOps cockpit in the terminal.

Import nothing heavy here: ``gitops-tui --version`` must answer at the speed of the interpreter.
"""

__version__ = "0.1.0"
