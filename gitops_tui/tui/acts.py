"""What a person can ask for from any screen: plan, confirm, hold, terminate, refresh, leave.

Nothing is written here: a plan is asked for and shown, and only the question's button sends an approval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from gitops_tui.model.action import Action
from gitops_tui.model.application import AppKey
from gitops_tui.model.core import Core
from gitops_tui.model.plan import Outcome, Plan, SyncRequest
from gitops_tui.model.snapshot import AppView, Hold
from gitops_tui.tui.words import clock, sentences

if TYPE_CHECKING:
    from gitops_tui.tui.screens.frame import Frame

NEEDS_SUBJECT = frozenset(
    {
        "sync",
        "heal",
        "revert",
        "rollback",
        "hold",
        "terminate",
        "diff",
        "objects",
        "manifest",
        "events",
        "logs",
        "actions",
        "why",
    }
)


class Acts:
    """The verbs of one screen, about that screen's subject."""

    def __init__(self, screen: Frame) -> None:
        self._screen = screen

    # --- what can be done now

    def why_not(self, action: str) -> str:
        if action not in NEEDS_SUBJECT:
            return ""
        app = self._screen.application()
        if app is None:
            return "No application is selected"
        if action in ("sync", "heal", "revert", "rollback"):
            cannot = {"heal": _cannot_heal, "rollback": _cannot_roll_back}.get(action)
            return busy(app) or (cannot(app) if cannot else "")
        if action == "terminate" and app.progress is None and not app.is_orphaned_operation:
            return "No operation is running"
        return ""

    # --- plans

    def sync(self, apps: Sequence[AppKey] = ()) -> None:
        keys = tuple(apps) or self._subject()
        if keys:
            self._plan(lambda: self._core.plan_sync(keys, SyncRequest(prune=self._prunes(keys))))

    def _prunes(self, keys: Sequence[AppKey]) -> bool:
        """Objects that Git no longer has are part of the plan, named one by one; without any it prunes nothing."""
        found = (self._screen.seat.newest().find(key) for key in keys)
        return any(resource.is_left_over for app in found if app is not None for resource in app.resources)

    def heal(self) -> None:
        keys = self._subject()
        if keys:
            self._plan(lambda: self._core.plan_heal(keys[0]))

    def revert(self, commits: Sequence[str]) -> None:
        keys = self._subject()
        if keys and commits:
            self._plan(lambda: self._core.plan_revert(keys[0], tuple(commits)))
        elif keys:
            self._screen.seat.tell("Choose a commit in History (3), then press v")

    def rollback(self, entry: int | None) -> None:
        """To an entry of the history; what came since is part of the plan, named one by one."""
        keys = self._subject()
        if keys and entry is not None:
            self._plan(lambda: self._core.plan_rollback(keys[0], entry, prune=True))
        elif keys:
            self._screen.seat.tell("Choose a commit that was deployed in History (3), then press b")

    def _plan(self, make: Callable[[], Future[Plan]]) -> None:
        from gitops_tui.tui.screens.plan import PlanScreen

        self._screen.app.push_screen(PlanScreen(make))

    # --- the rest

    def hold(self) -> None:
        from gitops_tui.tui.screens.hold import HoldScreen, Wanted

        app = self._screen.application()
        if app is None:
            return
        if app.hold is not None and app.hold.is_active(self._screen.seat.now()):
            self._release(app, app.hold)
            return

        def answer(given: object) -> None:
            if isinstance(given, Wanted):
                self._ask(self._core.hold(app.key, given.reason, given.duration))

        self._screen.app.push_screen(HoldScreen(app), answer)

    def _release(self, app: AppView, hold: Hold) -> None:
        """Whoever holds it had a reason, and automation may act as soon as it is gone."""
        from gitops_tui.tui.screens.question import Choice, Question

        def answer(verb: object) -> None:
            if verb == "release":
                self._ask(self._core.release(app.key))

        until = f" until {clock(hold.expires, self._screen.seat.now())}" if hold.expires else ""
        told = [f"{hold.owner} holds it{until}: {hold.reason}", "Automation goes on as soon as it is released."]
        question = Question(f"Release {app.app.name}?", told, [Choice("release", "Release")])
        self._screen.app.push_screen(question, answer)

    def actions(self) -> None:
        """On the object under the cursor: choose one, confirm it, and it runs."""
        from gitops_tui.tui.screens.actions import ActionQuestion, ActionsScreen

        app, subject = self._screen.application(), self._screen.subject
        if app is None or subject is None or subject.resource is None:
            self._screen.seat.tell("Choose an object in Status (1), Tree (4) or Objects (o), then press a")
            return
        key = subject.resource

        def chosen(action: object) -> None:
            if isinstance(action, Action):
                self._screen.app.push_screen(ActionQuestion(app, key, action), lambda given: run(action, given))

        def run(action: Action, given: object) -> None:
            if isinstance(given, dict):
                self._ask(self._core.run_action(app.key, key, action.name, given))

        self._screen.app.push_screen(ActionsScreen(app, key), chosen)

    def terminate(self) -> None:
        from gitops_tui.tui.screens.question import Choice, Question

        app = self._screen.application()
        if app is None:
            return
        verbs = {"terminate": self._core.terminate, "resume": self._core.resume}
        choices = [Choice("terminate", "Terminate", is_destructive=True)]
        if app.is_orphaned_operation:
            choices.insert(0, Choice("resume", "Resume"))

        def answer(verb: object) -> None:
            if isinstance(verb, str):
                self._ask(verbs[verb](app.key))

        title, told = _about_operation(app)
        self._screen.app.push_screen(Question(title, told, choices), answer)

    def why(self) -> None:
        from gitops_tui.tui.screens.why import WhyScreen

        subject = self._screen.subject
        if subject is not None:
            self._screen.app.push_screen(WhyScreen(subject.app, subject.resource))

    def help(self) -> None:
        from gitops_tui.tui.screens.help import HelpScreen

        self._screen.app.push_screen(HelpScreen(self._screen.seat.options.bindings))

    def refresh(self, *, hard: bool) -> None:
        keys = self._subject()
        app = None if hard or not keys else keys[0]
        self._core.refresh(app, hard=hard)
        self._screen.seat.tell("Fetching and comparing " + (app.name if app else "everything"), timeout=2)

    def leave(self) -> None:
        from gitops_tui.tui.screens.question import Choice, Question

        running = self._core.running_operations()
        if not running:
            self._screen.app.exit(0)
            return

        def answer(verb: object) -> None:
            if verb == "leave":
                self._screen.app.exit(0)

        names = [str(key) for key in running]
        told = ["These operations run here and would be left orphaned, for the next instance to resume:", *names]
        self._screen.app.push_screen(Question("Quit?", told, [Choice("leave", "Quit anyway", True)]), answer)

    @property
    def _core(self) -> Core:
        return self._screen.seat.core

    def _subject(self) -> tuple[AppKey, ...]:
        subject = self._screen.subject
        return () if subject is None else (subject.app,)

    def _ask(self, question: Future[Outcome]) -> None:
        self._screen.seat.ask(self._screen, question, self._told)

    def _told(self, outcome: Outcome) -> None:
        text = sentences(outcome.text, outcome.hint)
        self._screen.seat.tell(text, severity="information" if outcome.ok else "error")


def busy(app: AppView) -> str:
    """Why no operation can start on it now, or empty."""
    if app.is_orphaned_operation:
        return "An orphaned operation is in the way: x resumes or terminates it"
    return "An operation is running; x terminates it" if app.progress is not None else ""


def _cannot_roll_back(app: AppView) -> str:
    """As in Argo CD: automation would deploy the newest commit again at once."""
    if app.app.sync_policy.is_automated:
        return "Auto-sync is on: turn it off first (app set --sync-policy none), or revert the commit (v)"
    return "" if app.history else "Nothing was deployed yet"


def _cannot_heal(app: AppView) -> str:
    if app.as_reported:
        return "Its source is not rendered here: nothing is healed"
    return "" if app.drift or app.is_drifted else "Nothing has drifted"


def _about_operation(app: AppView) -> tuple[str, list[str]]:
    where = f" in wave {app.progress.wave}" if app.progress else ""
    if app.is_orphaned_operation:
        owner = app.operation_owner or "an instance that is gone"
        return f"Orphaned operation of {app.app.name}", [
            f"Left behind{where}, started by {owner}.",
            "Resume takes it over and finishes it. Terminate stops it where it is; nothing is rolled back.",
        ]
    return f"Terminate the operation of {app.app.name}?", [
        f"It is running{where}, in namespace {app.app.destination.namespace}, cluster {app.cluster}.",
        "It stops where it is: what was applied stays applied, nothing is rolled back.",
    ]
