"""What a server is asked and what it answers, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

BODY_LIMIT = 1 << 20


class Request(Struct, frozen=True):
    """``headers`` by lower-case name; of a repeated header the first one counts."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


class Answer(Struct, frozen=True):
    status: int
    content: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def text(cls, status: int, words: str, **headers: str) -> Answer:
        return cls(status, f"{words}\n".encode(), headers={key.replace("_", "-"): one for key, one in headers.items()})


class Route(Struct, frozen=True):
    """``answer`` runs on a thread of the connection. ``refused`` is told of what was turned away before it."""

    methods: tuple[str, ...]
    answer: Callable[[Request], Answer]
    body_limit: int = BODY_LIMIT
    """Bytes; more is answered with 413."""
    refused: Callable[[int], None] = lambda _: None


class Refused(Exception):
    """Turned away with a status and words that name nothing of what was sent."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
