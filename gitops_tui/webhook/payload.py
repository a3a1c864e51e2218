"""The document of a webhook, read with suspicion: what is not as documented counts as absent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

FORM = "application/x-www-form-urlencoded"
LONGEST_NAME = 4096


class BadPayload(ValueError):
    """It is no JSON object. Says nothing of what it holds."""


class Payload:
    """A JSON object by the paths of its values."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    @classmethod
    def read(cls, body: bytes, content_type: str) -> Payload:
        """From JSON, or from a form whose field ``payload`` is JSON (GitHub's and Gogs' other content type)."""
        try:
            text = body.decode("utf-8-sig")
            if content_type.partition(";")[0].strip().lower() == FORM:
                text = parse_qs(text, max_num_fields=16).get("payload", [""])[0]
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadPayload("the body is no JSON") from error
        if not isinstance(found, dict):
            raise BadPayload("the body is no JSON object")
        return cls(found)

    def at(self, *path: str) -> Any:
        value: Any = self._document
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def text(self, *path: str) -> str:
        value = self.at(*path)
        return value if isinstance(value, str) and len(value) <= LONGEST_NAME else ""

    def number(self, *path: str) -> int | None:
        value = self.at(*path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def items(self, *path: str) -> list[Payload]:
        """The objects of a list."""
        value = self.at(*path)
        return [Payload(one) for one in value if isinstance(one, dict)] if isinstance(value, list) else []

    def texts(self, *path: str) -> list[str]:
        value = self.at(*path)
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
