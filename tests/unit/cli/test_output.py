"""What leaves the program: harmless to look at, exact for programs."""

from __future__ import annotations

import io
import json
import sys

import pytest

from gitops_tui.cli.output import clean, complain, document, paint, say, say_document, table, tell
from gitops_tui.errors import GitOpsError

HOSTILE = "a\x1b[2Jb\x1b]0;title\x07c\x9b31md\u202ee\u200bf\rg\x08h\x7fi\u2028j\ufdd0k"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def at_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Called in the test and not in a fixture: pytest's capture takes standard output over between the two."""
    made = Terminal()
    monkeypatch.setattr(sys, "stdout", made)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return made


def hostile_characters(text: str) -> list[str]:
    return [char for char in text if char != "\n" and not char.isprintable()]


def test_clean_keeps_words_and_takes_the_rest() -> None:
    assert clean("naïve ✓ 日本 ⏎") == "naïve ✓ 日本 ⏎"
    assert hostile_characters(clean(HOSTILE)) == []
    assert clean("a\nb\tc") == "a⏎b c"
    assert clean("a\nb\tc", keep_newlines=True) == "a\nb\tc"


def test_nothing_hostile_reaches_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    say(HOSTILE)
    say(f"{paint(HOSTILE, 'red')} and {HOSTILE}")
    say_document(document({HOSTILE: [HOSTILE]}, "json"))
    say_document(document({HOSTILE: [HOSTILE]}, "yaml"))
    assert "\x1b[31m" in terminal.getvalue()
    text = terminal.getvalue().replace("\x1b[31m", "", 1).replace("\x1b[0m", "", 1)
    assert hostile_characters(text) == []


def test_nothing_hostile_reaches_a_pipe_that_people_read(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    say(paint(HOSTILE, "red"))
    say(table(("NAME",), [(HOSTILE,)]))
    tell(HOSTILE)
    complain(GitOpsError(HOSTILE, hint=HOSTILE))
    told = capsys.readouterr()
    assert hostile_characters(told.out + told.err) == []


def test_documents_are_exact_and_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    text = HOSTILE + "\ud800\U000e0001"
    say_document(document({"text": text}, "json"))
    out = capsys.readouterr().out
    assert hostile_characters(out) == []
    assert json.loads(out) == {"text": text}


def test_colour_for_a_person_only(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    say(paint("x", "green"))
    assert terminal.getvalue() == "\x1b[32mx\x1b[0m\n"
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with monkeypatch.context() as around:
            around.setenv(name, value)
            quiet = Terminal()
            around.setattr(sys, "stdout", quiet)
            say(paint("x", "green"))
            assert quiet.getvalue() == "x\n"


def test_no_colour_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    say(paint("x", "green"))
    assert capsys.readouterr().out == "x\n"


def test_a_locale_without_glyphs(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    say("a → ✓")
    say_document("ü")
    assert raw.getvalue() == b"a ? ?\n?\n"


def test_tables_align_wide_characters_and_keep_lines() -> None:
    lines = table(("NAME", "WHAT"), [("日本", "x"), ("e\u0301", "two\nlines"), ("plain", "")]).splitlines()
    assert lines == ["NAME   WHAT", "日本   x", "e\u0301      two⏎lines", "plain"]
    assert table(("NAME",), []) == ""


def test_nobody_listens_to_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        encoding = "utf-8"

        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    tell("x")
