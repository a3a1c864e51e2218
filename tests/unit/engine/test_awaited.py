"""Who waits for comparisons is told when all are done, and not by what stood before a refresh."""

from __future__ import annotations

import threading

from gitops_tui.engine.awaited import Awaited
from gitops_tui.model.application import AppKey

SHOP, WEB = AppKey("argocd", "shop"), AppKey("argocd", "web")


def test_nothing_is_done_before_the_applications_are_known() -> None:
    awaited = Awaited()
    assert not awaited.wait(0)
    assert awaited.loaded() and awaited.wait(0)


def test_each_application_is_waited_for() -> None:
    awaited = Awaited()
    awaited.add([SHOP, WEB])
    assert not awaited.loaded()
    assert awaited.done(SHOP, lambda: False) and not awaited.is_all_done
    assert awaited.done(WEB, lambda: False) and awaited.is_all_done


def test_what_is_busy_again_is_still_waited_for() -> None:
    awaited = Awaited()
    awaited.add([SHOP])
    awaited.loaded()
    assert not awaited.done(SHOP, lambda: True) and not awaited.wait(0)


def test_who_waits_is_woken() -> None:
    awaited, seen = Awaited(), list[bool]()
    awaited.add([SHOP])
    awaited.loaded()
    waiter = threading.Thread(target=lambda: seen.append(awaited.wait(60)))
    waiter.start()
    awaited.done(SHOP, lambda: False)
    waiter.join(60)
    assert seen == [True]
