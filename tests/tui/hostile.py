"""Text as somebody outside could write it, at its worst, and an application that is made of it."""

from __future__ import annotations

import dataclasses

from msgspec.structs import replace

from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision, Logged
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import HealthStatus
from tests.tui import world

HOSTILE = (
    "[/foo] bar",
    "denied: [red]spec.x[/red] must be in [a b]",
    "\x1b]52;c;aGVsbG8=\x1b\\ \x1b]0;owned\x07 \x1b[31mred",
    "bidi \u202egnp.exe\u202c zero\u200bwidth \u2066x\u2069",
    "one\ntwo\rthree\u2028four",
    "x" * 9000,
)


def hostile_app() -> AppView:
    """Every text that somebody outside can write, at its worst."""
    bad = " ".join(HOSTILE[:5])
    view = world.auth_service()
    told = Decision(Code.CONDITION, {"condition": bad, "message": bad}, (world.key("Secret", bad, bad),))
    drift = replace(world.DEBUG, live=bad, label=bad, writer=replace(world.KUBECTL_EDIT, manager=bad))
    return replace(
        view,
        uid="uid-hostile",
        app=dataclasses.replace(view.app, name=bad),
        commit=replace(world.RAISE_TTL, subject=bad, author_name=bad),
        trouble=replace(view.trouble, what=bad),
        resources=(world.resource("Secret", bad, "auth", message=bad, drift=(drift,), health=HealthStatus.DEGRADED),),
        why=(told,),
        log=(Logged(told, world.NOW, world.NOW),),
        operation_owner=bad,
        is_orphaned_operation=True,
    )
