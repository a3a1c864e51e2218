"""Work in its order, a few helpers, and pictures for whoever listens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from gitops_tui.engine.board import Board
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.schedule import Schedule
from gitops_tui.errors import OperationError
from gitops_tui.model.application import AppKey, parse_application
from gitops_tui.model.reader import Origin
from gitops_tui.model.snapshot import AppView, ClusterView, Mode, Problem, Snapshot, Trouble, TroubleKind

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


# --- schedule


@pytest.fixture
def schedule() -> Iterator[Schedule]:
    found = Schedule("test")
    yield found
    found.stop()


def test_work_runs_in_the_order_in_which_it_is_due(schedule: Schedule) -> None:
    done: list[str] = []
    over = threading.Event()
    schedule.put("last", over.set, 0.06)
    schedule.put("b", lambda: done.append("b"), 0.04)
    schedule.put("a", lambda: done.append("a"), 0.02)
    schedule.put("now", lambda: done.append("now"))
    schedule.start()
    assert over.wait(60)
    assert done == ["now", "a", "b"]


def test_equal_work_is_done_once_the_newest_at_the_earliest_time(schedule: Schedule) -> None:
    done: list[str] = []
    over = threading.Event()
    schedule.put("key", lambda: done.append("first"), 30)
    schedule.put("key", lambda: done.append("second"))
    schedule.put("key", lambda: done.append("third"), 30)
    schedule.start()
    schedule.put("end", over.set, 0.05)
    assert over.wait(60)
    assert done == ["third"]


def test_dropped_work_is_not_done(schedule: Schedule) -> None:
    done: list[str] = []
    over = threading.Event()
    schedule.put("key", lambda: done.append("key"), 0.01)
    schedule.drop("key")
    schedule.drop("unknown")
    schedule.start()
    schedule.put("end", over.set, 0.05)
    assert over.wait(60)
    assert done == []


def test_work_that_fails_ends_nothing(schedule: Schedule) -> None:
    over = threading.Event()
    schedule.put("bad", lambda: 1 / 0)
    schedule.put("good", over.set, 0.01)
    schedule.start()
    assert over.wait(60)


def test_work_may_put_itself_again(schedule: Schedule) -> None:
    over = threading.Event()
    rounds: list[int] = []

    def work() -> None:
        rounds.append(1)
        if len(rounds) == 3:
            over.set()
        else:
            schedule.put("key", work)

    schedule.put("key", work)
    schedule.start()
    assert over.wait(60)


def test_a_stopped_schedule_does_nothing_more(schedule: Schedule) -> None:
    done: list[str] = []
    schedule.start()
    schedule.put("later", lambda: done.append("later"), 0.05)
    schedule.stop()
    assert done == []
    Schedule("never started").stop()


# --- pool


def test_a_pool_answers_in_order_with_no_more_threads_than_it_may_have() -> None:
    pool = Pool("test-pool", 3)
    meet = threading.Barrier(3)

    def work(number: int) -> int:
        meet.wait(60)
        return number * 2

    assert pool.map(work, range(6)) == [0, 2, 4, 6, 8, 10]
    assert sum(one.name.startswith("test-pool-") for one in threading.enumerate()) == 3
    pool.stop()


def test_an_exception_is_the_answer_of_its_own_work() -> None:
    pool = Pool("test", 2)

    def fail() -> None:
        raise OperationError("no")

    with pytest.raises(OperationError, match="no"):
        pool.submit(fail).result(60)
    assert pool.submit(lambda: 1).result(60) == 1
    pool.stop()


def test_a_stopped_pool_ends_its_threads_and_answers_what_it_was_asked() -> None:
    pool = Pool("test-stop", 2)
    begun, go_on = threading.Event(), threading.Event()

    def work() -> str:
        begun.set()
        go_on.wait(60)
        return "done"

    running = pool.submit(work)
    assert begun.wait(60)
    waiting: list[Future[str]] = [pool.submit(work) for _ in range(3)]
    pool.stop()
    go_on.set()
    assert running.result(60) == "done"
    assert [one.result(60) for one in waiting] == ["done"] * 3
    assert pool.submit(work).cancelled()
    for thread in threading.enumerate():
        if thread.name.startswith("test-stop-"):
            thread.join(60)
            assert not thread.is_alive()


# --- board


def view(name: str, kind: TroubleKind = TroubleKind.NONE, since: datetime | None = None) -> AppView:
    raw = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"project": "p", "source": {"repoURL": "r"}, "destination": {"name": "in-cluster"}},
    }
    return AppView(name, parse_application(raw, origin=Origin()), trouble=Trouble(kind, "", since))


@pytest.fixture
def board() -> Iterator[Board]:
    found = Board(lambda: NOW, ClusterView("c"), Mode.OBSERVING)
    yield found
    found.stop()


def names(snapshot: Snapshot) -> list[str]:
    return [one.app.name for one in snapshot.apps]


def test_the_worst_comes_first_and_of_the_same_the_newest(board: Board) -> None:
    board.put_app(view("fine"))
    board.put_app(view("a-old", TroubleKind.DRIFTED, NOW - timedelta(days=14)))
    board.put_app(view("new", TroubleKind.DRIFTED, NOW))
    board.put_app(view("down", TroubleKind.DEGRADED, NOW))
    board.put_app(view("also-fine"))
    assert names(board.current()) == ["new", "a-old", "down", "also-fine", "fine"]
    board.keep_apps([AppKey("argocd", "down")])
    assert names(board.current()) == ["down"]
    assert board.view(AppKey("argocd", "fine")) is None


def test_listeners_get_growing_numbers_and_one_that_fails_harms_no_other(board: Board) -> None:
    numbers: list[int] = []
    seen = threading.Event()

    def bad(_: Snapshot) -> None:
        if numbers:
            raise ValueError("a listener's own trouble")

    def good(snapshot: Snapshot) -> None:
        numbers.append(snapshot.number)
        if snapshot.apps:
            seen.set()

    board.subscribe(bad)
    end = board.subscribe(good)
    board.start()
    board.put_app(view("one"))
    assert seen.wait(60)
    for number in range(5):
        board.put_app(view(str(number)))
        board.current()
    assert numbers == sorted(set(numbers))
    end()
    end()
    count = len(numbers)
    board.current()
    assert len(numbers) == count


def test_what_did_not_change_is_no_news(board: Board) -> None:
    numbers: list[int] = []
    board.put_app(view("one"))
    board.put_problems((Problem("a", "b"),))
    board.current()
    changed = board._changed
    changed.clear()
    board.subscribe(lambda snapshot: numbers.append(snapshot.number))
    board.put_app(view("one"))
    board.put_problems((Problem("a", "b"),))
    board.put_cluster(ClusterView("c"))
    board.keep_apps([AppKey("argocd", "one")])
    assert not changed.is_set()
    board.put_cluster(replace(ClusterView("c"), is_reachable=False))
    assert changed.is_set()


def test_loading_ends_and_the_mode_says_why(board: Board) -> None:
    assert board.snapshot().is_loading
    board.loaded()
    board.put_mode(Mode.RECONCILING, "because")
    found = board.current()
    assert (found.is_loading, found.mode, found.mode_reason) == (False, Mode.RECONCILING, "because")


def test_the_journal_keeps_the_newest(board: Board) -> None:
    for number in range(600):
        board.note(AppKey("argocd", "one"), str(number))
    journal = board.current().journal
    assert (len(journal), journal[-1].text, journal[-1].at) == (500, "599", NOW)
