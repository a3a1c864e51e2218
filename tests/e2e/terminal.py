"""The real program in a pseudo-terminal, and what stands on its screen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte

PROGRAM = [sys.executable, "-m", "gitops_tui.cli.main"]
PATIENCE_S = 60.0
STARTED = (b"\x1b[?1049h", b"\x1b[?25l", b"\x1b[?1000h", b"\x1b[?2004h")
"""Modes that the cockpit sets: the other screen, no cursor, the mouse, bracketed paste."""
ENDED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l")


class Screen:
    """One program in a pty of 120x40. What it writes is drawn as a terminal would."""

    def __init__(self, words: list[str], env: Mapping[str, str]) -> None:
        self._screen = pyte.Screen(120, 40)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self.is_hung_up = False
        self.child = pexpect.spawn(
            PROGRAM[0], [*PROGRAM[1:], *words], env=dict(env), dimensions=(40, 120), timeout=PATIENCE_S
        )
        self.before = termios.tcgetattr(self.child.child_fd)

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def read(self, seconds: float = 0.1) -> bool:
        """Draw what came within ``seconds``; False where the program has ended."""
        try:
            data = self.child.read_nonblocking(1 << 16, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        # Kitty's keyboard sequences are none that pyte knows: it would draw their ends.
        self._stream.feed(data.replace(b"\x1b[>1u", b"").replace(b"\x1b[<u", b""))
        return True

    def drain(self) -> bool:
        """Draw all that came so far; False where the program has ended."""
        for _ in range(50):
            before = len(self.raw)
            if not self.read(0.05):
                return False
            if len(self.raw) == before:
                break
        return True

    def until(self, holds: Callable[[str], object], what: str, patience_s: float = PATIENCE_S) -> str:
        """Read until ``holds`` is true of the screen's text; the text."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            alive = self.drain()
            text = self.text
            if holds(text):
                return text
            assert alive, f"ended before {what}:\n{self.raw[-3000:].decode(errors='replace')}"
        raise AssertionError(f"never came: {what}; the screen shows\n{self.text}")

    def shows(self, *words: str, patience_s: float = PATIENCE_S) -> str:
        return self.until(lambda text: all(word in text for word in words), f"{words} on the screen", patience_s)

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def hang_up(self) -> None:
        """Close the terminal under the program, as a window that is closed or a line that breaks."""
        self.child.ptyproc.fileobj.close()
        self.is_hung_up = True

    def end(self) -> int:
        """Read to the end; the exit code, as a shell gives it."""
        deadline = time.monotonic() + PATIENCE_S
        while self.read(0.2):
            assert time.monotonic() < deadline, f"did not end; the screen shows\n{self.text}"
        self.child.close()
        return int(self.child.exitstatus if self.child.exitstatus is not None else 128 + self.child.signalstatus)

    def has_restored_modes(self) -> bool:
        """Whether every mode that the program set was taken back after, in the sequences it wrote."""
        pairs = zip(STARTED, ENDED, strict=True)
        return all(start in self.raw and self.raw.rfind(end) > self.raw.rfind(start) for start, end in pairs)


@contextmanager
def on_screen(words: list[str], env: Mapping[str, str]) -> Iterator[Screen]:
    screen = Screen(words, env)
    try:
        yield screen
    finally:
        if screen.child.isalive():
            screen.child.kill(signal.SIGKILL)
        if not screen.is_hung_up:
            screen.child.close()


def command(*words: str, env: Mapping[str, str], timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
    """One command in pipes, with nobody to ask."""
    return subprocess.run(
        [*PROGRAM, *words], capture_output=True, text=True, env=dict(env), timeout=timeout_s, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def environment(home: Path, **variables: str) -> dict[str, str]:
    """An environment with folders of its own, where nobody's settings are."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")}
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CACHE", "STATE", "CONFIG")}
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    return {
        "LANG": "C.UTF-8", **kept, **folders, "HOME": str(home), "TMPDIR": str(home / "tmp"), "TERM": "xterm-256color",
        "TEXTUAL_ANIMATIONS": "none", "PYTHONPATH": str(Path(__file__).parents[2]),
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@example.org",
        "GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "ana@example.org", **variables,
    }  # fmt: skip


def processes_of(marker: str) -> list[str]:
    """Command lines of living processes that carry ``marker`` in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (folder / "environ").read_bytes() and (folder / "stat").read_text().split()[2] != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
