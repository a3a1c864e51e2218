"""Files of our own that are whole or not there, whoever reads or writes them meanwhile."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(file: Path, content: bytes, *, folder_mode: int = 0o777) -> None:
    """Put ``content`` into a file that only its owner may read, in place of what was there; its folder is made.

    Raises `OSError`: then what was there is there still, and nothing else is left behind.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=folder_mode)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as scratch:
        try:
            scratch.write(content)
            scratch.flush()
            Path(scratch.name).replace(file)
        except OSError:
            with suppress(OSError):
                Path(scratch.name).unlink()
            raise
