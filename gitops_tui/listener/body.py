"""The body of a request, by ``Content-Length`` or in chunks (RFC 9112, 6 and 7.1), never more than is allowed."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from typing import Protocol

from gitops_tui.listener.route import Refused

PIECE = 64 << 10
_CHUNK_SIZE = re.compile(rb"(?P<size>[0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n\Z")
_LINE_LIMIT = 4096
_TRAILERS = 64


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class Budget:
    """Bytes that all bodies together may take: many large ones at once are refused instead of filling the memory."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        with self._lock:
            if size > self._left:
                raise Refused(503, "too much is being received; try again")
            self._left -= size

    def give_back(self, size: int) -> None:
        with self._lock:
            self._left += size


def expected_length(headers: Mapping[str, str], limit: int) -> int | None:
    """Bytes to come; None where they come in chunks. Raises `Refused` where there are too many, or none can be told."""
    coding = headers.get("transfer-encoding", "").strip().lower()
    length = headers.get("content-length", "").strip()
    if coding:
        if coding != "chunked" or length:  # both at once is how requests are smuggled
            raise Refused(400, "expected a body by Content-Length or in chunks")
        return None
    if not length:
        return 0
    if not length.isascii() or not length.isdecimal() or len(length) > 18:
        raise Refused(400, "Content-Length is no number")
    if int(length) > limit:
        raise Refused(413, f"the body is larger than {limit} bytes")
    return int(length)


def read_body(stream: Readable, headers: Mapping[str, str], limit: int, budget: Budget) -> bytes:
    """The whole body; raises `Refused` where it is too large or ends early, and as the stream does (`OSError`)."""
    length = expected_length(headers, limit)
    pieces: list[bytes] = []
    taken = 0
    try:
        for piece in _by_length(stream, length) if length is not None else _chunked(stream, limit):
            budget.take(len(piece))
            taken += len(piece)
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        budget.give_back(taken)


def _by_length(stream: Readable, length: int) -> Iterator[bytes]:
    while length > 0:
        piece = stream.read(min(PIECE, length))
        if not piece:
            raise Refused(400, "the body ended early")
        length -= len(piece)
        yield piece


def _chunked(stream: Readable, limit: int) -> Iterator[bytes]:
    """A chunk that would be too much is refused when it says its size, before it comes."""
    left = limit
    while size := _chunk_size(stream):
        left -= size
        if left < 0:
            raise Refused(413, f"the body is larger than {limit} bytes")
        yield from _by_length(stream, size)
        if stream.readline(_LINE_LIMIT).strip():
            raise Refused(400, "a chunk is longer than it says")
    for _ in range(_TRAILERS):
        if not stream.readline(_LINE_LIMIT).strip():
            return
    raise Refused(400, "too many trailers")


def _chunk_size(stream: Readable) -> int:
    found = _CHUNK_SIZE.match(stream.readline(_LINE_LIMIT))
    if found is None:
        raise Refused(400, "a chunk says no size")
    return int(found["size"], 16)
