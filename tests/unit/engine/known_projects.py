"""Projects without a cluster: what a home session would hold."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from gitops_tui.engine.projects import Projects
from gitops_tui.model.resource import Object
from gitops_tui.model.system import GlobalProject


def projects(
    *objects: Object, is_served: bool = True, word: str = "synced", global_projects: Sequence[GlobalProject] = ()
) -> Projects:
    cache = SimpleNamespace(
        objects=lambda group, kind: list(objects),
        state=lambda *kind: SimpleNamespace(word=word, error="no"),
        wait_synced=lambda timeout_s, kind: True,
    )
    discovery = SimpleNamespace(find=lambda group, kind: object() if is_served else None)
    home = SimpleNamespace(cache=cache, discovery=discovery)
    connection = SimpleNamespace(server="https://prod.example", context="prod")
    clusters = SimpleNamespace(resolve=lambda destination: SimpleNamespace(connection=connection))
    return Projects(cast(Any, home), cast(Any, clusters), namespace="argocd", globals_of=lambda: global_projects)


def no_projects() -> Projects:
    """Neither files nor the cluster can hold any: everything is permitted."""
    return projects(is_served=False)
