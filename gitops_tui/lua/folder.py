"""A folder of customisations in the layout of Argo CD's own ``resource_customizations``.

``<group>/<Kind>/health.lua``, ``<group>/<Kind>/actions/discovery.lua``, ``<group>/<Kind>/actions/<name>/action.lua``;
the core group has no folder of its own (``Pod/health.lua``). ``_`` in a folder's name stands for any text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gitops_tui.errors import ConfigError
from gitops_tui.model.script import KindScripts, Script

MAX_SCRIPT = 1024 * 1024


def read_folder(folder: Path) -> dict[str, KindScripts]:
    """By ``group/Kind`` or ``Kind``, globs in both. Raises `ConfigError` where the folder cannot be read."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder", hint="Correct customizations in the settings.")
    try:
        return {_key(folder, kind): _scripts(kind) for kind in sorted(_kinds(folder))}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{folder}: {error}", hint="Correct customizations in the settings.") from error


def _kinds(folder: Path) -> Iterator[Path]:
    """Folders that have scripts of a kind, one or two levels down."""
    for level in ("*", "*/*"):
        for one in folder.glob(level):
            if (one / "health.lua").is_file() or (one / "actions").is_dir():
                yield one


def _key(folder: Path, kind: Path) -> str:
    return kind.relative_to(folder).as_posix().replace("_", "*")


def _scripts(kind: Path) -> KindScripts:
    actions = {one.parent.name: _script(one) for one in sorted((kind / "actions").glob("*/action.lua"))}
    return KindScripts(
        health=_found(kind / "health.lua"),
        discovery=_found(kind / "actions" / "discovery.lua"),
        actions=actions,
    )


def _found(file: Path) -> Script | None:
    return _script(file) if file.is_file() else None


def _script(file: Path) -> Script:
    if file.stat().st_size > MAX_SCRIPT:
        raise ConfigError(f"{file}: is larger than {MAX_SCRIPT // 1024} KiB", hint="Shorten the script.")
    return Script(file.read_text(encoding="utf-8"), open_libs=True, name=file.name)
