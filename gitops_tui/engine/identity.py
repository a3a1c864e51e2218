"""Who sits here: the Kubernetes user, the OS user and the machine; and the name of this running instance."""

from __future__ import annotations

import getpass
import os
import secrets
import socket

from msgspec import Struct


class Identity(Struct, frozen=True):
    """``instance`` names this process among all that look at the same cluster."""

    kubernetes_user: str
    os_user: str
    host: str
    instance: str

    @property
    def operator(self) -> str:
        """For trailers and holds: ``ana (ana@bastion-1)``."""
        local = f"{self.os_user}@{self.host}"
        return f"{self.kubernetes_user} ({local})" if self.kubernetes_user else local


def who_am_i(kubernetes_user: str) -> Identity:
    host = socket.gethostname().split(".")[0]
    return Identity(kubernetes_user, _os_user(), host, f"{host}-{os.getpid()}-{secrets.token_hex(3)}")


def _os_user() -> str:
    """The person behind a ``sudo``, where that is told."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
