"""Where a server listens: ``HOST:PORT``, ``:PORT`` for every interface, ``[::1]:PORT``."""

from __future__ import annotations

import re

from msgspec import Struct

from gitops_tui.errors import ConfigError

_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%a-z]+)\]|(?P<host>[^:\[\]\s]*)):(?P<port>[0-9]{1,5})\Z", re.ASCII)


class Address(Struct, frozen=True):
    """``host`` empty: every interface. ``port`` 0: whichever is free."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_address(text: str, flag: str) -> Address:
    """Raises `ConfigError` that names ``flag``."""
    found = _ADDRESS.match(text)
    if found is None or int(found["port"]) > 65535:
        raise ConfigError(
            f"{flag} {text}: is no address", hint="Give HOST:PORT, for instance :8080, 127.0.0.1:9000 or [::1]:9000."
        )
    return Address(found["six"] or found["host"] or "", int(found["port"]))
