"""What the doctor asks on this machine: tools, folders, terminal, repositories. The cluster is `examine_cluster`'s."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from gitops_tui.cli.doctor import Finding, Question, State, ask_all, columns, is_utf8
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.settings import load_settings
from gitops_tui.config import Settings, state_dir
from gitops_tui.errors import ConfigError, RepositoryError
from gitops_tui.model.application import Application

OLDEST_GIT = (2, 31)
SMALLEST = (80, 24)
FREE_BYTES = 512 << 20
COLOUR_VARIABLE = "COLORTERM"
_AS_REPORTED = "such sources are shown as the Application's status reports them, with the tool or without"
OPTIONAL_TOOLS = (
    ("helm", ("version", "--short"), _AS_REPORTED, ""),
    ("kustomize", ("version",), _AS_REPORTED, ""),
    ("jsonnet", ("--version",), _AS_REPORTED, ""),
    ("kubectl", ("version", "--client"), "this program does without", "https://kubernetes.io/docs/tasks/tools"),
)


def examine(options: GlobalOptions, timeout_s: float) -> list[Finding]:
    """Ask everything; each round within ``timeout_s`` (the cluster has two: connecting, then its questions)."""
    from gitops_tui.cli.examine_cluster import examine_cluster

    settings, first = _settings(options)
    cluster, applications = examine_cluster(options, settings, timeout_s)
    questions: list[tuple[str, str, Question]] = [
        *repositories(options, settings, applications, timeout_s),
        ("Tools", "git", git_program),
        *(("Tools", tool[0], partial(optional_tool, *tool)) for tool in OPTIONAL_TOOLS),
        ("Folders", "folders", lambda: folders(settings)),
        ("Terminal", "terminal", terminal),
    ]
    return [*first, *cluster, *ask_all(questions, timeout_s)]


def _settings(options: GlobalOptions) -> tuple[Settings, list[Finding]]:
    """A settings file that cannot be read is a finding; the rest is asked with the defaults."""
    try:
        return load_settings(options.config), []
    except ConfigError as error:
        return Settings(), [Finding("Folders", "settings", State.BAD, str(error), error.hint)]


def repositories(
    options: GlobalOptions, settings: Settings, applications: Sequence[Application], timeout_s: float
) -> list[tuple[str, str, Question]]:
    """One question for each repository that an Application or ``--apps`` names."""
    from gitops_tui.engine.feed import parse_git_path
    from gitops_tui.engine.sources import Sources

    sources = Sources(settings, lambda: datetime.now(UTC), lambda _: None, namespace=options.namespace)
    named = [where.url for where in map(parse_git_path, options.apps) if where is not None]
    charts = {one.repo_url for app in applications for one in app.sources if one.chart}
    urls = dict.fromkeys([*named, *(one.repo_url for app in applications for one in app.sources)])
    return [
        ("Git", "repository", partial(repository, url, sources.mapped(url), timeout_s))
        for url in urls
        if url and url not in charts
    ]


def repository(url: str, actual: str, timeout_s: float) -> list[Finding]:
    """Whether ``git ls-remote`` gets an answer without asking anybody."""
    from gitops_tui.git.failure import failure
    from gitops_tui.git.process import Runner
    from gitops_tui.git.url import redact

    shown = redact(url) if url == actual else f"{redact(url)} (fetched from {redact(actual)})"
    try:
        result = Runner().run("ls-remote", "--symref", "--", actual, "HEAD", timeout_s=timeout_s * 0.9)
        if result.status:
            raise failure(f"cannot read {redact(actual)}", result, actual)
    except RepositoryError as error:
        return [Finding("Git", "repository", State.BAD, error.message, error.hint)]
    head = re.search(r"^ref: refs/heads/(\S+)\tHEAD", result.text)
    if head is None:
        return [Finding("Git", "repository", State.WARNING, f"{shown}: empty", "Push a branch first.")]
    return [Finding("Git", "repository", State.GOOD, f"{shown}, default branch {head[1]}")]


def git_program() -> list[Finding]:
    """The git program, new enough; and somebody to sign a revert."""
    version = _version_of("git", "--version")
    if not version:
        hint = "Install git 2.31 or later, for instance from https://git-scm.com/downloads."
        return [Finding("Tools", "git", State.BAD, "not found", hint)]
    number = re.search(r"(\d+)\.(\d+)", version)
    is_new = number is not None and (int(number[1]), int(number[2])) >= OLDEST_GIT
    found = [
        Finding("Tools", "git", State.GOOD, f"{version}, {shutil.which('git')}")
        if is_new
        else Finding("Tools", "git", State.BAD, f"{version} is too old", "Install git 2.31 or later.")
    ]
    ident = _version_of("git", "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
    author = re.match(r".*>", ident)
    if author:
        found.append(Finding("Tools", "git author", State.GOOD, author[0]))
    else:
        hint = "Run git config --global user.name NAME and user.email EMAIL, or a revert has to ask."
        found.append(Finding("Tools", "git author", State.WARNING, "git's configuration names nobody", hint))
    return found


def optional_tool(name: str, words: Sequence[str], without: str, where: str) -> list[Finding]:
    """A tool that is good to have."""
    if shutil.which(name) is None:
        return [Finding("Tools", name, State.MISSING, f"not found: {without}", where and f"Get it from {where}.")]
    version = _version_of(name, *words) or "does not say its version"
    return [Finding("Tools", name, State.GOOD, f"{version}, {shutil.which(name)}")]


def _version_of(*words: str) -> str:
    """The first line that a program prints; empty where it is not there or fails."""
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=4, check=False, stdin=subprocess.DEVNULL, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.strip().splitlines()
    return lines[0].strip() if lines and done.returncode == 0 else ""


def folders(settings: Settings) -> list[Finding]:
    """Where caches and state go: writable, and with room."""
    places = {"git cache": settings.git_cache, "schema cache": settings.schema_cache,
              "saved objects": settings.saved_objects, "state": state_dir()}  # fmt: skip
    return [_folder(name, place) for name, place in places.items()]


def _folder(name: str, place: Path) -> Finding:
    try:
        existing = next(one for one in (place, *place.parents) if one.exists())
        with tempfile.TemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free
    except OSError as error:
        hint = "Make it writable, or set XDG_CACHE_HOME and XDG_STATE_HOME to folders that are."
        return Finding("Folders", name, State.BAD, f"{place} cannot be written: {error.strerror}", hint)
    if free < FREE_BYTES:
        text = f"{place}: only {free >> 20} MiB are free"
        return Finding("Folders", name, State.WARNING, text, "Make room, or set XDG_CACHE_HOME elsewhere.")
    size = _size(place)
    return Finding("Folders", name, State.GOOD, f"{place}" + (f" ({size >> 20} MiB)" if size >> 20 else ""))


def _size(place: Path) -> int:
    """Bytes of the files below; a file that goes away meanwhile counts nothing."""
    total = 0
    for folder, _, names in os.walk(place):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - thousands of files
            except OSError:
                continue
    return total


def terminal() -> list[Finding]:
    """Size, colour and characters, as far as the environment says."""
    width, height = columns()
    if not width:
        return [Finding("Terminal", "size", State.MISSING, "no terminal here: app commands work, the cockpit does not")]
    big = width >= SMALLEST[0] and height >= SMALLEST[1]
    hint = "" if big else "Make it larger: the cockpit shows less below 80x24."
    return [
        Finding("Terminal", "size", State.GOOD if big else State.WARNING, f"{width}x{height}", hint),
        _colour(),
        _characters(),
    ]


def _colour() -> Finding:
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        hint = "Set TERM to what your terminal is, for instance xterm-256color."
        return Finding("Terminal", "colour", State.WARNING, f"TERM is {term or 'not set'}", hint)
    if os.environ.get("NO_COLOR"):
        return Finding("Terminal", "colour", State.GOOD, "none, as NO_COLOR asks")
    if os.environ.get(COLOUR_VARIABLE, "").lower() in ("truecolor", "24bit"):
        return Finding("Terminal", "colour", State.GOOD, f"16 million ({term})")
    if "256" in term:
        return Finding("Terminal", "colour", State.GOOD, f"256 ({term}); COLORTERM=truecolor gives all, where it can")
    return Finding("Terminal", "colour", State.GOOD, f"16 ({term})")


def _characters() -> Finding:
    if is_utf8():
        return Finding("Terminal", "characters", State.GOOD, "UTF-8")
    hint = "Set LANG to a UTF-8 locale such as C.UTF-8, or use --ascii."
    return Finding("Terminal", "characters", State.WARNING, "the locale is not UTF-8", hint)
