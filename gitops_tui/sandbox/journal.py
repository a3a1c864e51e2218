"""The embedded cluster's state in a file, so that it is there again after a restart: one SQLite table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from gitops_tui.errors import ConfigError
from gitops_tui.model.resource import Object

_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
  resource TEXT, namespace TEXT, name TEXT, body TEXT, PRIMARY KEY (resource, namespace, name)
);
CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER);
"""


class Journal:
    """Every change is written as it happens; a crash of the process loses nothing.

    Not thread-safe by itself: `Storage` calls it under its lock.
    """

    def __init__(self, file: Path) -> None:
        """Raises `ConfigError` where ``file`` cannot be used."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.executescript(_TABLES)
        except (sqlite3.Error, OSError) as error:
            raise ConfigError(f"the state file {file} cannot be used: {error}", hint="name another file") from error
        file.chmod(0o600)

    def version(self) -> int:
        row = self._db.execute("SELECT version FROM counter").fetchone()
        return int(row[0]) if row else 0

    def objects(self) -> Iterator[tuple[str, Object]]:
        for resource, body in self._db.execute("SELECT resource, body FROM objects"):
            yield resource, json.loads(body)

    def write(self, resource: str, key: tuple[str, str], obj: Object | None, version: int) -> None:
        """``obj`` None is a removal."""
        self._db.execute("BEGIN")
        if obj is None:
            self._db.execute("DELETE FROM objects WHERE resource=? AND namespace=? AND name=?", (resource, *key))
        else:
            body = json.dumps(obj, separators=(",", ":"))
            self._db.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", (resource, *key, body))
        self._db.execute("INSERT OR REPLACE INTO counter VALUES (1, ?)", (version,))
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()
