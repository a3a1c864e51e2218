"""The demo's world: a cluster, its Git repository and weeks of history, made in a temporary directory.

`apps` tells the stories, `replay` lets them happen again under a clock that is set back, so that every object's
managedFields, uid, generation and age come from the same code that answers a living client.
"""

from gitops_tui.sandbox.world.world import World

__all__ = ["World"]
