"""The screens that a key opens: imported when the first screen stands, or, where somebody is faster, with the key.

Nothing of them is needed to draw the applications, and an import is longer than a key may take.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitops_tui.tui.screens.frame import Frame
    from gitops_tui.tui.seat import Subject

SCREENS = "gitops_tui.tui.screens"
VIEWS = {
    "diff": "DiffScreen",
    "objects": "ObjectsScreen",
    "manifest": "ManifestScreen",
    "events": "EventsScreen",
    "logs": "LogsScreen",
}
"""A view's module, which is its name, and its class."""
QUESTIONS = ("plan", "question", "hold", "actions", "why", "help", "patch")
"""Modules of what is asked and told over a view (`gitops_tui.tui.acts`)."""
LATER = tuple(f"{SCREENS}.{name}" for name in (*VIEWS, *QUESTIONS))


def view_class(name: str) -> Callable[[Subject], Frame]:
    """The class of a view; its module is imported now if it was not."""
    found: Callable[[Subject], Frame] = getattr(import_module(f"{SCREENS}.{name}"), VIEWS[name])
    return found


def import_the_rest() -> Thread | None:
    """In the background; None where everything is there. To be called again costs nothing."""
    missing = [name for name in LATER if name not in sys.modules]
    if not missing:
        return None
    thread = Thread(target=lambda: [import_module(name) for name in missing], name="imports", daemon=True)
    thread.start()
    return thread
