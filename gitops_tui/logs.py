"""Where diagnostics go: a file under the XDG state folder, never the terminal that the cockpit draws on."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

ROOT = "gitops_tui"


def logger(name: str) -> logging.Logger:
    return logging.getLogger(name)


def log_to_file(path: Path, level: str = "warning") -> None:
    """Send the project's diagnostics to ``path`` (rotated at 1 MiB, three kept), and nothing to the terminal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=1 << 20, backupCount=3, delay=True)
    _install(handler, level)


def log_path() -> Path | None:
    """The file that diagnostics go to, or None where they go elsewhere."""
    files = (one for one in logging.getLogger(ROOT).handlers if isinstance(one, logging.FileHandler))
    return next((Path(one.baseFilename) for one in files), None)


def log_to_stderr(level: str = "info") -> None:
    """For the headless controller: one line an event."""
    _install(logging.StreamHandler(), level)


def _install(handler: logging.Handler, level: str) -> None:
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s %(message)s"))
    root = logging.getLogger(ROOT)
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    root.propagate = False
