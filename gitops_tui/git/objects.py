"""Git objects by id, through one long-lived ``cat-file --batch``: about a tenth of a millisecond each, cached."""

from __future__ import annotations

import subprocess
import threading
from collections import OrderedDict
from typing import Literal, TypeAlias

from msgspec import Struct

from gitops_tui.errors import RepositoryError
from gitops_tui.git.process import Runner

Kind: TypeAlias = Literal["blob", "symlink", "tree", "submodule"]

CACHED_BYTES = 64 * 2**20
CACHED_OBJECT_BYTES = 4 * 2**20
LARGEST_OBJECT = 100 * 2**20
"""What is larger is no manifest: it is read past, never into memory."""
CACHED_TREES = 20_000


class ObjectMissing(RepositoryError):
    """No object has this name here."""


class ObjectTooLarge(RepositoryError):
    """An object is larger than anything that is read."""


class TreeEntry(Struct, frozen=True):
    """One name in a tree. ``path`` is relative to the repository's root, ``mode`` as git writes it (``100644``)."""

    path: str
    mode: str
    kind: Kind
    oid: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class GitObject(Struct, frozen=True):
    """``oid`` is the full id; ``type`` is ``commit``, ``tree``, ``blob`` or ``tag``."""

    oid: str
    type: str
    content: bytes


class ObjectStore:
    """Reads the objects of one repository. Thread-safe: one request at a time goes through the pipe."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.is_suspect = False
        """Something that must be here could not be read: the repository wants to be checked."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._cache: OrderedDict[str, GitObject] = OrderedDict()
        self._cached_bytes = 0
        self._trees: OrderedDict[str, dict[str, TreeEntry]] = OrderedDict()

    def read(self, name: str) -> GitObject:
        """The object of any name that git understands (``main^{commit}``); raises `ObjectMissing`."""
        with self._lock:
            cached = self._cache.get(name)
            if cached is not None:
                self._cache.move_to_end(name)
                return cached
            found = self._request(name)
            if found.oid == name:
                self._keep(found)
            return found

    def children(self, oid: str) -> tuple[TreeEntry, ...]:
        """The entries of a tree by its id, each with its bare name as path."""
        return tuple(self._tree(oid).values())

    def child(self, oid: str, name: str) -> TreeEntry | None:
        """One entry of a tree by its name."""
        return self._tree(oid).get(name)

    def _tree(self, oid: str) -> dict[str, TreeEntry]:
        with self._lock:
            known = self._trees.get(oid)
            if known is not None:
                self._trees.move_to_end(oid)
                return known
        parsed = {entry.path: entry for entry in parse_tree(self.read(oid).content, len(oid) // 2)}
        with self._lock:
            self._trees[oid] = parsed
            while len(self._trees) > CACHED_TREES:
                self._trees.popitem(last=False)
        return parsed

    def close(self) -> None:
        """End the process; the next read starts another one."""
        with self._lock:
            self._stop()
            self._cache.clear()
            self._trees.clear()
            self._cached_bytes = 0

    def _request(self, name: str) -> GitObject:
        if not name or "\n" in name:
            raise ObjectMissing(f"{name!r} names no object")
        try:
            try:
                return self._ask(name)
            except (OSError, ValueError):
                # Somebody made the repository anew under the process, or ended it: the next one sees what is there.
                self._stop()
                return self._ask(name)
        except (OSError, ValueError) as error:
            self._stop()
            self.is_suspect = True
            raise RepositoryError(
                f"git cannot read {name}: the mirror is broken", hint="Refresh: it is checked and made anew."
            ) from error
        except ObjectMissing:
            # An id comes out of a commit or a tree that is here; a name may have been typed.
            self.is_suspect = self.is_suspect or not is_name(name)
            raise

    def _ask(self, name: str) -> GitObject:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = self._runner.start("cat-file", "--batch")
            # What it says of broken objects arrives as the end of its output; nobody would read this pipe.
            assert process.stderr is not None
            threading.Thread(target=process.stderr.read, name="git-cat-file", daemon=True).start()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(name.encode(errors="surrogateescape") + b"\n")
        process.stdin.flush()
        header = process.stdout.readline().split()
        if len(header) != 3:
            if header and header[-1] in (b"missing", b"ambiguous"):
                raise ObjectMissing(f"{name} is {header[-1].decode()}")
            raise ValueError("the answer is cut off")
        size = int(header[2])
        return GitObject(header[0].decode(), header[1].decode(), self._content(process, size))

    def _content(self, process: subprocess.Popen[bytes], size: int) -> bytes:
        assert process.stdout is not None
        if size > LARGEST_OBJECT:
            left = size + 1
            while left and (chunk := process.stdout.read(min(left, 2**20))):
                left -= len(chunk)
            raise ObjectTooLarge(f"an object of {size >> 20} MiB is too large to be read")
        content = process.stdout.read(size)
        if len(content) != size or process.stdout.read(1) != b"\n":
            raise ValueError("the answer is cut off")
        return content

    def _keep(self, found: GitObject) -> None:
        if len(found.content) > CACHED_OBJECT_BYTES:
            return
        self._cache[found.oid] = found
        self._cached_bytes += len(found.content)
        while self._cached_bytes > CACHED_BYTES:
            self._cached_bytes -= len(self._cache.popitem(last=False)[1].content)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self._runner.end(process)


def is_name(text: str) -> bool:
    """Whether git would look this up; what is not a name is a full object id."""
    return len(text) not in (40, 64) or not set(text) <= set("0123456789abcdef")


def parse_tree(content: bytes, oid_size: int) -> tuple[TreeEntry, ...]:
    """A tree object: ``mode SP name NUL oid``, again and again."""
    entries = []
    position = 0
    while position < len(content):
        space = content.index(b" ", position)
        zero = content.index(b"\0", space)
        end = zero + 1 + oid_size
        mode = content[position:space].decode()
        name = content[space + 1 : zero].decode(errors="surrogateescape")
        entries.append(TreeEntry(name, mode.rjust(6, "0"), _kind(mode), content[zero + 1 : end].hex()))
        position = end
    return tuple(entries)


def _kind(mode: str) -> Kind:
    kinds: dict[str, Kind] = {"40000": "tree", "040000": "tree", "120000": "symlink", "160000": "submodule"}
    return kinds.get(mode, "blob")
