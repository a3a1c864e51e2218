"""What a script may do, and what becomes of one that does something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gitops_tui.lua.runner import Runner
from gitops_tui.model.script import Answer, Script

OBJECT = {
    "metadata": {"name": "eins", "labels": {"größe": "€😀"}, "finalizers": []},
    "spec": {"replicas": 3, "ratio": 0.5, "paused": False, "ports": [80, None, 443], "gone": None},
}


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    found = Runner()
    yield found
    found.close()


def run(runner: Runner, text: str, *, open_libs: bool = True, **values: Any) -> Answer:
    return runner.run(Script(text, open_libs, "health.lua"), {"obj": OBJECT, **values})


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("return obj.spec.replicas + 1", "number", 4),
        ("return obj.spec.ratio * 4", "number", 2),
        ("return obj.spec.ratio", "number", 0.5),
        ("return obj.spec.paused", "boolean", False),
        ("return obj.spec.gone == nil and obj.status == nil", "boolean", True),
        ("return obj.metadata.labels['größe']", "string", "€😀"),
        ("return obj.spec.ports", "table", [80, 443]),
        ("return #obj.spec.ports .. ':' .. obj.spec.ports[1]", "string", "2:80"),
        ("return obj.metadata.finalizers", "table", []),
        ("return {a = {1, {b = 'c'}}}", "table", {"a": [1, {"b": "c"}]}),
        ("return", "nil", None),
        ("local x = 1", "nil", None),
        ("return function() end", "function", None),
        ("return 'first', 'second'", "string", "first"),
        ("hs = {} hs.status = 'Healthy' return hs", "table", {"status": "Healthy"}),
        ("return ('a\\255b')", "string", "a�b"),
        ("return word", "string", "given"),
    ],
)
def test_values_go_in_and_out_as_json_has_them(runner: Runner, text: str, kind: str, value: object) -> None:
    found = run(runner, text, word="given")
    assert (found.kind, found.value, found.error) == (kind, value, "")
    assert type(found.value) is type(value)


def test_an_object_comes_back_as_it_went_in(runner: Runner) -> None:
    found = run(runner, "return obj").value
    assert found["spec"] == {"replicas": 3, "ratio": 0.5, "paused": False, "ports": [80, 443]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("return obj.status.phase", "health.lua:1: attempt to index field 'status' (a nil value)"),
        ("\nreturn 1 +", "health.lua:2: unexpected symbol near '<eof>'"),
        ("error('told', 0)", "told"),
        ("error({code = 1})", "an error without a message"),
        ("return {1, nil, 3}", "keys"),
        ("return {1, named = 2}", "keys"),
        ("return {1 / 0}", "inf"),
        ("return {print}", "function"),
        ("local t = {} t.t = t return t", "deep"),
        ("\x1bLua", "only text"),
        ("local function f() return 1 + f() end return f()", "stack overflow"),
    ],
)
def test_what_fails_says_how(runner: Runner, text: str, words: str) -> None:
    found = run(runner, text)
    assert words in found.error and "\n" not in found.error
    assert found.value is None and not found.is_runaway


FORBIDDEN = [
    "io", "os.execute", "os.exit", "os.getenv", "os.remove", "os.rename", "os.tmpname", "os.setlocale", "os.clock",
    "debug", "package", "dofile", "load", "loadfile", "loadstring", "module", "getfenv", "setfenv", "newproxy",
    "python", "string.dump",
]  # fmt: skip


@pytest.mark.parametrize("name", FORBIDDEN)
def test_there_is_no_way_out(runner: Runner, name: str) -> None:
    first, *rest = name.split(".")
    whole = f"{first}.{rest[0]}" if rest else first
    assert run(runner, f"return tostring({whole})").value == "nil"


@pytest.mark.parametrize(
    "text",
    [
        "return require('io')",
        "return require('debug')",
        "return require('package')",
        "return require('python')",
        "return getmetatable('').__index",
        "getmetatable('').__index = nil",
        "return _G.io.open('/etc/passwd')",
        "for name, value in pairs(_G) do if name == 'python' or name == 'package' then return 1 end end error('none')",
    ],
)
def test_no_door_is_left_open(runner: Runner, text: str) -> None:
    assert run(runner, text).error


def test_every_value_within_reach_is_a_plain_one(runner: Runner) -> None:
    """Whatever a script gets hold of, following tables and metatables, is no userdata: nothing of Python's."""
    text = """
        local seen, found = {}, {}
        local function look(value, path)
          if type(value) == 'userdata' or type(value) == 'thread' then table.insert(found, path) end
          local meta = getmetatable(value)
          if type(meta) == 'table' then look(meta, path .. '!') end
          if type(value) ~= 'table' or seen[value] then return end
          seen[value] = true
          for key, one in pairs(value) do look(key, path .. '#') look(one, path .. '.' .. tostring(key)) end
        end
        look(_G, '_G')
        return found
    """
    assert run(runner, text) == Answer("table", [])


RUNAWAY = [
    "while true do end",
    "while true do pcall(function() while true do end end) end",
    "while true do xpcall(error, function() while true do end end) end",
    "local turn = coroutine.wrap(function() while true do coroutine.yield() end end) while true do turn() end",
    "return ('a'):rep(30):find(('a*'):rep(20) .. 'b')",
    "local function f() pcall(f) return 1 + f() end return f()",
    "local t = {} for _ = 1, 60 do t = {t, t} end return t",
    "return setmetatable({}, {__index = function(t, k) while true do end end}).x",
]


@pytest.mark.parametrize("text", RUNAWAY)
def test_a_runaway_script_is_stopped_wherever_it_is(text: str) -> None:
    """Less than Argo CD's second, so that the tests take less; the way it ends is the same."""
    runner = Runner(cpu_s=0.1)
    try:
        found = run(runner, text)
        assert found.is_runaway and "0.1 s of CPU time" in found.error
        assert run(runner, "return 'goes on'").value == "goes on"
    finally:
        runner.close()


@pytest.mark.parametrize(
    "text",
    [
        "return ('x'):rep(1e9)",
        "local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} for i = 1, 1e9 do t[i] = i end",
    ],
)
def test_memory_is_bounded(text: str) -> None:
    """Given more time than the machine needs, so that memory is what ends it."""
    runner = Runner(cpu_s=30)
    try:
        assert "not enough memory" in run(runner, text).error
    finally:
        runner.close()


def test_a_script_leaves_nothing_to_the_next(runner: Runner) -> None:
    run(runner, "left = 1 string.upper = nil table.insert = nil pairs = nil obj.spec.replicas = 9")
    text = "return tostring(left) .. tostring(string.upper ~= nil) .. tostring(pairs ~= nil) .. obj.spec.replicas"
    assert run(runner, text).value == "niltruetrue3"


def test_without_open_libraries_there_is_what_argo_cd_opens(runner: Runner) -> None:
    def closed(text: str) -> Answer:
        return run(runner, text, open_libs=False)

    assert closed("local t = {'b', 'a'} table.sort(t) return table.concat(t)").value == "ab"
    assert closed("return require('os').date('!%Y-%m-%dT%XZ', 0)").value == "1970-01-01T00:00:00Z"
    assert closed("return type(os.time())").value == "number"
    assert closed("return tostring(string) .. tostring(math) .. tostring(coroutine)").value == "nilnilnil"
    assert closed("return ('x'):upper()").error
    assert run(runner, "return ('x'):upper() .. math.floor(1.5) .. require('string').rep('y', 2)").value == "X1yy"


def test_printing_goes_nowhere(runner: Runner) -> None:
    assert run(runner, "print('{}') print(obj) return 1").value == 1


def test_a_child_that_was_ended_is_started_again() -> None:
    runner = Runner()
    try:
        assert run(runner, "return 1").value == 1
        assert runner._child is not None
        runner._child.kill()
        runner._child.wait()
        assert run(runner, "return 2").value == 2
    finally:
        runner.close()
    assert runner._child is None


def test_nothing_is_heard_until_the_deadline() -> None:
    runner = Runner(cpu_s=1000, deadline_s=0.5)
    try:
        found = run(runner, "while true do end")
        assert found.is_runaway and "did not end" in found.error
    finally:
        runner.close()
