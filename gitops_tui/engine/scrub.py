"""Messages of an API server may repeat what they refuse: no value of a Secret goes into a message that is kept."""

from __future__ import annotations

import base64
import binascii
import re

from gitops_tui.diff.secrets import DATA, is_secret
from gitops_tui.model.resource import Object

HIDDEN = "++++++++"


def scrubbed(text: str, obj: Object | None) -> str:
    """``text`` without any value that ``obj`` holds, where that is a Secret; as it is otherwise."""
    if obj is None or not is_secret(obj):
        return text
    values = [value for field in DATA if isinstance(found := obj.get(field), dict) for value in found.values()]
    words = {word for value in values for word in (str(value), _decoded(value)) if word.strip()}
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", HIDDEN, text)
    return text


def _decoded(value: object) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
