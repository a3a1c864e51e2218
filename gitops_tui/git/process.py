"""The git program, run so that it never asks, never hangs and never meets a terminal.

Plumbing through one wrapper and not through GitPython's objects: see docs/decisions/git.md.
"""

from __future__ import annotations

import functools
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from gitops_tui.errors import RepositoryError

QUICK_S = 60.0
"""For what only reads the local disk."""
NETWORK_S = 900.0
"""For a fetch or a push as a whole; a connection that stands still is given up by git itself much earlier."""

_PROGRESS = re.compile(
    r"(?P<phase>[A-Z][A-Za-z ]+):\s+(?P<percent>\d+)% \(\d+/\d+\)(?:, (?P<amount>[\d.]+ [KMG]?i?B))?"
)
_FOREIGN = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
    *("GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_CEILING_DIRECTORIES", "GIT_QUARANTINE_PATH"),
    *("GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "GIT_PAGER", "GIT_EXTERNAL_DIFF", "GIT_TRACE", "GIT_LITERAL_PATHSPECS"),
)
"""Set by a surrounding git (a hook, an alias): they would point ours at another repository."""
_SETTINGS = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "-c", "core.pager=cat"),
    *("-c", "color.ui=false", "-c", "log.showSignature=false", "-c", "gc.autoDetach=false"),
    *("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30", "-c", "advice.detachedHead=false"),
)


class Progress(Struct, frozen=True):
    """How far a transfer is, in git's own words."""

    phase: str
    percent: int
    received: str = ""

    def __str__(self) -> str:
        return f"{self.phase} {self.percent} %" + (f", {self.received}" if self.received else "")


OnProgress = Callable[[Progress], None]


class Result(Struct, frozen=True):
    stdout: bytes
    stderr: str
    status: int

    @property
    def text(self) -> str:
        return self.stdout.decode(errors="replace")


class Runner:
    """Runs git in one directory. Thread-safe; `stop` ends what runs, so that a program can quit in the middle."""

    def __init__(self, directory: Path | None = None, env: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self._env = dict(env or {})
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(
        self,
        *args: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = QUICK_S,
        on_progress: OnProgress | None = None,
    ) -> Result:
        """Whatever git's exit status is, the result tells; raises `RepositoryError` where it did not come to an end."""
        process = self.start(*args, env=env, has_stdin=stdin is not None)
        try:
            reading = _StderrReader(process, on_progress)
            stdout = _communicate(process, stdin, timeout_s)
            return Result(stdout, reading.text(), process.wait())
        except subprocess.TimeoutExpired as error:
            raise RepositoryError(
                f"git {args[0]} did not finish within {timeout_s:.0f} s",
                hint="Check the connection to the repository and try again.",
            ) from error
        finally:
            self.end(process)

    def start(
        self, *args: str, env: Mapping[str, str] | None = None, has_stdin: bool = True
    ) -> subprocess.Popen[bytes]:
        """A running git with pipes; for long-lived ones. The caller ends it, or `stop` does."""
        try:
            process = subprocess.Popen(
                ("git", *_SETTINGS, *args),
                cwd=self.directory,
                env=environment() | self._env | dict(env or {}),
                stdin=subprocess.PIPE if has_stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            if self.directory is not None and not self.directory.is_dir():
                raise RepositoryError(f"{self.directory} is gone", hint="Try again: it is made anew.") from error
            raise RepositoryError("the git program was not found", hint="Install git 2.31 or later.") from error
        with self._lock:
            self._running.add(process)
            is_over = self._stopped
        if is_over:
            self.end(process)
            raise RepositoryError("this program is about to end", hint="Start it again.")
        return process

    def stop(self) -> None:
        """End everything that runs here; nothing runs here after that."""
        with self._lock:
            self._stopped = True
            running = tuple(self._running)
        for process in running:
            self.end(process)

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End one that `start` began, with its children, and close its pipes."""
        with self._lock:
            self._running.discard(process)
        if process.poll() is None:
            _kill(process)
        for stream in (process.stdin, process.stdout):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except OSError:
                    pass
        process.wait()


class _StderrReader:
    """Reads stderr on a thread of its own, so that neither pipe can block the other; keeps what is not progress."""

    def __init__(self, process: subprocess.Popen[bytes], on_progress: OnProgress | None) -> None:
        assert process.stderr is not None
        self._stream = process.stderr
        self._on_progress = on_progress
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, name="git-stderr", daemon=True)
        self._thread.start()

    def text(self) -> str:
        self._thread.join(timeout=5)
        return "\n".join(self._lines)

    def _read(self) -> None:
        with self._stream as stream:
            pending = ""
            while chunk := os.read(stream.fileno(), 8192):
                *lines, pending = re.split(r"[\r\n]", pending + chunk.decode(errors="replace"))
                for line in lines:
                    self._take(line)
            self._take(pending)

    def _take(self, line: str) -> None:
        found = _PROGRESS.search(line)
        if found is None:
            if line.strip():
                self._lines.append(line)
        elif self._on_progress is not None:
            self._on_progress(Progress(found["phase"], int(found["percent"]), found["amount"] or ""))


def _communicate(process: subprocess.Popen[bytes], stdin: bytes | None, timeout_s: float) -> bytes:
    """Popen's own ``communicate`` without stderr, which has its reader."""
    timer = threading.Timer(timeout_s, _kill, (process,))
    timer.daemon = True
    timer.start()
    writer = threading.Thread(target=_write, args=(process, stdin), name="git-stdin", daemon=True)
    try:
        if stdin is not None:
            writer.start()
        assert process.stdout is not None
        stdout = process.stdout.read()
        process.wait()
    finally:
        is_expired = not timer.is_alive()
        timer.cancel()
    if is_expired:
        raise subprocess.TimeoutExpired("git", timeout_s)
    return stdout


def _write(process: subprocess.Popen[bytes], stdin: bytes | None) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(stdin or b"")
        process.stdin.close()
    except OSError:
        pass  # git ended early; its exit status tells why


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With its children: a fetch has helpers that would go on."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()


def environment() -> dict[str, str]:
    """This process' environment, in which git asks nobody for anything and speaks English to us."""
    env = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return (
        env
        | _ssh(env.get("GIT_SSH_COMMAND", ""), env.get("GIT_SSH", ""))
        | {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "SSH_ASKPASS": "",
            "SSH_ASKPASS_REQUIRE": "never",
            "GCM_INTERACTIVE": "never",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_LITERAL_PATHSPECS": "1",
            "LC_ALL": "C.UTF-8",
            "LANGUAGE": "",
        }
    )


@functools.cache
def _ssh(command: str, program: str) -> dict[str, str]:
    """The user's own ssh, told not to ask. A ``GIT_SSH`` program may not be OpenSSH: it is left as it is."""
    if program and not command:
        return {}
    command = command or _configured_ssh() or "ssh"
    return {"GIT_SSH_COMMAND": f"{command} -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15"}


def _configured_ssh() -> str:
    try:
        found = subprocess.run(
            ("git", "config", "--get", "core.sshCommand"), capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip()
