"""The ``refresh`` annotation: obeyed once, and taken off with what came of it."""

from __future__ import annotations

from gitops_tui.engine.refreshing import Refreshes
from gitops_tui.model.application import AppKey, Application, Origin, parse_application
from gitops_tui.model.resource import Object

KEY = AppKey("argocd", "shop")
OFF = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": None}}}


def obj(version: int, refresh: str = "", timestamp: str = "", uid: str = "u") -> Object:
    notes = {"argocd.argoproj.io/refresh": refresh, "argocd.argoproj.io/refresh-timestamp": timestamp}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": "shop", "namespace": "argocd", "uid": uid, "resourceVersion": str(version),
            "annotations": {key: text for key, text in notes.items() if text},
        },
        "spec": {"source": {"repoURL": "https://h/o/r", "path": "."}, "destination": {"server": "https://k"}},
    }  # fmt: skip


def app(version: int, refresh: str = "", timestamp: str = "", uid: str = "u") -> Application:
    return parse_application(obj(version, refresh, timestamp, uid), origin=Origin(in_cluster=True))


def test_it_is_obeyed_once_and_taken_off_when_it_is_done() -> None:
    refreshes = Refreshes()
    assert not refreshes.take(app(1))
    assert not refreshes.done(KEY)
    assert refreshes.take(app(2, "normal"))
    assert not refreshes.take(app(3, "normal"))  # another field was written meanwhile
    assert refreshes.taken_off(KEY, obj(3, "normal")) == {}
    assert refreshes.done(KEY)
    assert not refreshes.done(KEY)
    assert refreshes.taken_off(KEY, obj(3, "normal")) == OFF
    refreshes.went(KEY, obj(4))
    assert refreshes.taken_off(KEY, obj(4)) == {}


def test_who_asks_again_meanwhile_is_obeyed_again() -> None:
    refreshes = Refreshes()
    assert refreshes.take(app(1, "normal", "10:00"))
    refreshes.done(KEY)
    assert refreshes.taken_off(KEY, obj(2, "normal", "10:01")) == {}
    assert refreshes.taken_off(KEY, obj(2, "hard", "10:00")) == {}
    assert refreshes.take(app(2, "normal", "10:01"))
    assert refreshes.taken_off(KEY, obj(2, "normal", "10:01")) == {}
    refreshes.done(KEY)
    assert refreshes.taken_off(KEY, obj(2, "normal", "10:01")) == OFF


def test_the_same_words_ask_again_once_they_were_taken_off() -> None:
    refreshes = Refreshes()
    assert refreshes.take(app(5, "hard"))
    refreshes.done(KEY)
    refreshes.went(KEY, obj(6))
    assert not refreshes.take(app(5, "hard"))  # the watch is behind
    assert refreshes.take(app(7, "hard"))


def test_an_application_of_the_same_name_is_another_one() -> None:
    refreshes = Refreshes()
    assert refreshes.take(app(5, "hard"))
    assert refreshes.take(app(6, "hard", uid="v"))
    refreshes.forget(KEY)
    assert refreshes.take(app(6, "hard", uid="v"))
