"""jq expressions that could run for ever cost their time-out and nothing more; Argo CD's answers are the same."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from gitops_tui.diff.jqrule import RuleError, is_plain
from gitops_tui.engine.jqrunner import REST_AFTER, JqRunner

OBJECT = {"kind": "Deployment", "spec": {"replicas": 3, "template": {"list": [{"name": "a"}, {"name": "b"}]}}}


@pytest.fixture
def runner() -> Iterator[JqRunner]:
    found = JqRunner(timeout_s=20.0)
    yield found
    found.stop()


PLAIN = [
    ".spec.replicas",
    '.spec.template.spec.initContainers[] | select(.name == "injected")',
    ".webhooks[]?.clientConfig.caBundle",
    '.metadata.annotations["a.b/c"], .metadata.labels',
    '.spec.list[] | select(.name | startswith("x") and (contains("until") | not))',
    "..|.x?",
]
NOT_PLAIN = [
    "until(true == false; [.] + [1])",
    "def f: f; f",
    "range(0; 1000000000)",
    '.x | test("(a+)+$")',
    ".x * 1000000000",
    "..|..|..",
    "$ENV",
    "env",
    '"\\(repeat(1))"',
    ".a" + ",.a" * 20,
]


@pytest.mark.parametrize("expression", PLAIN)
def test_paths_and_conditions_are_plain(expression: str) -> None:
    assert is_plain(expression)


@pytest.mark.parametrize("expression", NOT_PLAIN)
def test_loops_patterns_and_products_are_not(expression: str) -> None:
    assert not is_plain(expression)


def test_what_is_plain_runs_here(runner: JqRunner) -> None:
    left, problem = runner.delete(OBJECT, ".spec.replicas")
    assert (left["spec"], problem) == ({"template": OBJECT["spec"]["template"]}, "")
    assert runner._child is None


def test_the_rest_gives_what_jq_gives(runner: JqRunner) -> None:
    left, problem = runner.delete(OBJECT, '.spec.template.list[] | select(.name | test("^a$"))')
    assert problem == ""
    assert left["spec"]["template"]["list"] == [{"name": "b"}]
    left, _ = runner.delete(OBJECT, "def f: .spec.replicas; f")
    assert "replicas" not in left["spec"]


def test_a_runaway_expression_costs_its_time_out_and_the_next_one_works(runner: JqRunner) -> None:
    runner.delete(OBJECT, "range(0; 1) as $x | .nothing")  # the process is there by now
    runner.timeout_s = 0.3
    left, problem = runner.delete(OBJECT, "until(true == false; [.] + [1])")
    assert left is OBJECT
    assert "until(true == false" in problem and "took longer than 0.3 s" in problem
    runner.timeout_s = 20.0
    assert "replicas" not in runner.delete(OBJECT, "def f: .spec.replicas; f")[0]["spec"]


def test_what_timed_out_twice_in_a_row_rests(runner: JqRunner) -> None:
    runner.timeout_s = 0.2
    problems = [runner.delete(OBJECT, "last(repeat(1))")[1] for _ in range(REST_AFTER + 1)]
    assert "not tried" not in problems[REST_AFTER - 1]
    assert "not tried for a minute" in problems[REST_AFTER]


def test_it_reads_no_environment(runner: JqRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "swordfish")
    assert os.environ["SECRET"]
    _, problem = runner.delete(OBJECT, 'error("\\(env)")')
    assert "swordfish" not in problem and "jq" in problem


def test_a_process_that_dies_is_a_problem_and_not_the_end(runner: JqRunner) -> None:
    _, problem = runner.delete(OBJECT, "halt_error")
    left, _ = runner.delete(OBJECT, "def f: .spec.replicas; f")
    assert "replicas" not in left["spec"]
    assert problem


def test_memory_is_bounded(runner: JqRunner) -> None:
    _, problem = runner.delete(OBJECT, '("x" * 4000000000) | .y')
    assert problem


def test_what_cannot_be_read_is_said_before_anything_runs(runner: JqRunner) -> None:
    with pytest.raises(RuleError, match=r"jq \.spec\["):
        runner.delete(OBJECT, ".spec[")


def test_of_a_secret_no_value_is_told(runner: JqRunner) -> None:
    secret = {"kind": "Secret", "apiVersion": "v1", "data": {"p": "aHVudGVyMg=="}}
    _, problem = runner.delete(secret, "error(.data.p) as $x | .", secret=True)
    assert "aHVudGVyMg" not in problem
