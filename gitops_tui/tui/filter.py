"""The filter language of ``/``: words and ``key:value`` terms that must all hold; ``!`` in front turns one around."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.snapshot import AppView, TroubleKind

Test = Callable[[AppView, str], bool]


def _contains(*texts: str, needle: str) -> bool:
    return any(needle in text.casefold() for text in texts)


def _text(app: AppView, needle: str) -> bool:
    return _contains(app.app.name, app.app.namespace, app.trouble.what, app.app.destination.namespace, needle=needle)


def _cluster(app: AppView, needle: str) -> bool:
    return _contains(app.cluster, app.app.destination.name, app.app.destination.server, needle=needle)


def _drift(app: AppView, needle: str) -> bool:
    if needle in ("", "yes", "any"):
        return bool(app.drift)
    if needle in ("no", "none"):
        return not app.drift
    return any(_contains(field.label, field.text, _manager(field), needle=needle) for _, field in app.drift)


def _manager(field: FieldDrift) -> str:
    return field.writer.manager if field.writer else ""


KEYS: dict[str, Test] = {
    "sync": lambda app, needle: _contains(app.sync.value, "syncing" if app.progress else "", needle=needle),
    "health": lambda app, needle: _contains(app.health.status.value, needle=needle),
    "ns": lambda app, needle: _contains(app.app.destination.namespace, needle=needle),
    "project": lambda app, needle: _contains(app.app.project, needle=needle),
    "cluster": _cluster,
    "drift": _drift,
}


class Term(Struct, frozen=True):
    test: Test
    needle: str
    is_negated: bool

    def holds(self, app: AppView) -> bool:
        return self.test(app, self.needle) != self.is_negated


FIELDS = " ".join(f"{key}:" for key in KEYS)


def parse(text: str) -> tuple[Term, ...]:
    """An unknown ``key:`` is looked for as text (``billing:2.9``); where that finds nothing, `no_fields` says why."""
    return tuple(_term(word) for word in text.casefold().split() if word != "!")


def _term(word: str) -> Term:
    is_negated = word.startswith("!")
    key, colon, needle = word.lstrip("!").partition(":")
    if colon and key in KEYS:
        return Term(KEYS[key], needle, is_negated)
    return Term(_text, word.lstrip("!"), is_negated)


def no_fields(text: str) -> list[str]:
    """What stands before a colon as fields do, and is none."""
    keys = (word.lstrip("!").partition(":") for word in text.casefold().split())
    return list(dict.fromkeys(key for key, colon, _ in keys if colon and key.isalpha() and key not in KEYS))


def negated(text: str) -> list[str]:
    """The words that turn around: one that finds nothing lets everything through, and is not missed."""
    return [word for word in text.split() if word.startswith("!")]


def matching(apps: Iterable[AppView], text: str, *, trouble_only: bool) -> list[AppView]:
    """The applications that the filter lets through, in their order."""
    terms = parse(text)
    return [
        app
        for app in apps
        if (not trouble_only or app.trouble.kind is not TroubleKind.NONE) and all(term.holds(app) for term in terms)
    ]
