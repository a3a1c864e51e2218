"""What sources were rendered to, by what is read there: in memory, and on disk for the next start."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec

from gitops_tui import __version__
from gitops_tui.files import write_whole
from gitops_tui.logs import logger
from gitops_tui.model.application import Source
from gitops_tui.render.directory import Rendered

IN_MEMORY = 256
ON_DISK = 512
_ROOT = Path(__file__).parents[1]
_MADE_BY = ("render", "manifest", "model/application.py")
"""The code that decides what a rendering is: what another version of it made does not count."""


class Renderings:
    """Thread-safe; several processes may use one folder. A file that cannot be read or written counts for nothing.

    What lies in the folder is as secret as the repositories it comes from: only its owner may read it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[str, Rendered] = {}

    def of(self, content: str, source: Source, render: Callable[[], Rendered]) -> Rendered:
        """The rendering of ``source`` where ``content`` is read; ``render`` makes it if it is not known."""
        key = hashlib.sha256("\n".join((_maker(), content, repr(source))).encode(errors="surrogatepass")).hexdigest()
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = self._read(key)
            if known is None:
                known = render()
                self._write(key, known)
            self._remember(key, known)
        return known

    def forget(self) -> None:
        """Everything is rendered anew."""
        with self._lock:
            self._known.clear()
        for file in self._files():
            with suppress(OSError):
                file.unlink()

    def _remember(self, key: str, found: Rendered) -> None:
        with self._lock:
            while len(self._known) >= IN_MEMORY:
                self._known.pop(next(iter(self._known)))
            self._known[key] = found

    # --- on disk
    def _read(self, key: str) -> Rendered | None:
        file = self._folder / key
        try:
            found = msgspec.msgpack.decode(file.read_bytes(), type=Rendered)
            os.utime(file)
            return found
        except (OSError, ValueError):
            return None

    def _write(self, key: str, found: Rendered) -> None:
        """What has no such form (an integer of 65 bits) is rendered at each start."""
        try:
            write_whole(self._folder / key, msgspec.msgpack.encode(found), folder_mode=0o700)
            self._drop_oldest()
        except (OSError, OverflowError, ValueError) as error:
            logger(__name__).info("a rendering is not kept for the next start: %s", error)

    def _drop_oldest(self) -> None:
        files = list(self._files())
        if len(files) > ON_DISK:
            for file in sorted(files, key=lambda one: one.stat().st_mtime_ns)[:-ON_DISK]:
                file.unlink(missing_ok=True)

    def _files(self) -> Iterator[Path]:
        with suppress(OSError):
            yield from self._folder.iterdir()


@cache
def _maker() -> str:
    """The version; where files of it were changed since, that, too."""
    files = (
        file for name in _MADE_BY for file in ([_ROOT / name] if "." in name else sorted((_ROOT / name).glob("*.py")))
    )
    stamps = [f"{file.name} {facts.st_size} {facts.st_mtime_ns}" for file in files if (facts := file.stat())]
    return "\n".join((__version__, *stamps))
