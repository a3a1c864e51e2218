"""Where Applications, and the projects beside them, come from: files and folders, a path in a
repository, or the cluster.

A feed is asked again and again (`ApplicationFeed.load`); it answers with what it could read and with one
`Problem` for each thing it could not, so that a wrong file never takes the other applications with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from gitops_tui.errors import ConfigError, GitOpsError, InvalidSpecError, ManifestError
from gitops_tui.git.mirror import Mirror
from gitops_tui.manifest.decode import decode, expand_lists
from gitops_tui.model.application import AppKey, Application, parse_application
from gitops_tui.model.project import AppProject, parse_project
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object
from gitops_tui.model.snapshot import Problem
from gitops_tui.model.unreadable import unreadable_application

EXTENSIONS = (".yaml", ".yml", ".json")
_GIT_SPEC = re.compile(r"^(?P<url>.+)@(?P<revision>[^@:]+):(?P<path>[^:]*)$")


class Loaded(Struct, frozen=True):
    """What one look gave. ``fingerprint`` is equal where nothing changed."""

    applications: tuple[Application, ...]
    problems: tuple[Problem, ...] = ()
    projects: tuple[AppProject, ...] = ()


class ApplicationFeed(Protocol):
    """One place where Applications are."""

    def load(self) -> Loaded: ...


class GitPath(Struct, frozen=True):
    """``GIT-URL@REV:PATH``; the revision may be left out (HEAD), and so may the path (the root)."""

    url: str
    revision: str
    path: str


def parse_git_path(text: str) -> GitPath | None:
    """Read ``GIT-URL[@REV:PATH]``; None where ``text`` does not look like a repository."""
    found = _GIT_SPEC.match(text)
    if found and _is_repository(found["url"]):
        return GitPath(found["url"], found["revision"], found["path"].strip("/"))
    return GitPath(text, "HEAD", "") if _is_repository(text) else None


def _is_repository(text: str) -> bool:
    scheme, _, rest = text.partition("://")
    if rest:
        return "/" in rest and bool(scheme)  # else it ends in the middle of a host: ssh://git@host:22/repository
    if text.endswith(".git") or re.match(r"^[\w.-]+@[\w.-]+:", text):
        return True
    folder = Path(text)
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()


class FileFeed:
    """Application documents in a file, or in every YAML and JSON file below a folder."""

    def __init__(self, path: Path, *, namespace: str) -> None:
        self._path = path
        self._namespace = namespace
        self._read: dict[Path, tuple[tuple[int, int], Loaded]] = {}

    def load(self) -> Loaded:
        """Files that have not changed since the last look are not read again."""
        if not self._path.exists():
            return Loaded((), (Problem(str(self._path), "does not exist", "Correct --apps, or create the folder."),))
        files = list(self._files())
        self._read = {file: self._read_file(file) for file in files}
        found = _joined(loaded for _, loaded in self._read.values())
        if not (found.applications or found.problems or found.projects):
            nothing = Problem(str(self._path), "holds no Application", "Put Application manifests there.")
            return Loaded((), (nothing,))
        return found

    def _files(self) -> Iterator[Path]:
        if self._path.is_file():
            yield self._path
            return
        for file in sorted(self._path.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(self._path).parts)
            if file.suffix in EXTENSIONS and not hidden and file.is_file():
                yield file

    def _read_file(self, file: Path) -> tuple[tuple[int, int], Loaded]:
        try:
            facts = file.stat()
            stamp = (facts.st_mtime_ns, facts.st_size)
            known = self._read.get(file)
            if known and known[0] == stamp:
                return known
            return stamp, read_applications(file.read_bytes(), str(file), namespace=self._namespace)
        except OSError as error:
            problem = Problem(str(file), f"cannot be read: {error.strerror}", "Check its permissions.")
            return (0, 0), Loaded((), (problem,))


class GitFeed:
    """Application documents below a path of a repository at a revision."""

    def __init__(self, where: GitPath, open_mirror: Callable[[str], Mirror], *, namespace: str) -> None:
        self._where = where
        self._open_mirror = open_mirror
        self._namespace = namespace
        self._read: dict[tuple[str, str], Loaded] = {}

    def load(self) -> Loaded:
        try:
            mirror = self._open_mirror(self._where.url)
            sha = mirror.resolve(self._where.revision)
            entries = [one for one in mirror.tree(sha, self._where.path) if one.path.endswith(EXTENSIONS)]
        except GitOpsError as error:
            return Loaded((), (Problem(self._label(), error.message, error.hint),))
        self._read = {
            (entry.path, entry.oid): self._read.get((entry.path, entry.oid))
            or read_applications(
                mirror.blob(sha, entry.path), f"{self._where.url}:{entry.path}", namespace=self._namespace
            )
            for entry in entries
            if entry.kind == "blob"
        }
        found = _joined(self._read.values())
        if not (found.applications or found.problems or found.projects):
            nothing = Problem(self._label(), "holds no Application", "Correct the path or the revision of --apps.")
            return Loaded((), (nothing,))
        return found

    def _label(self) -> str:
        place = f"{self._where.url}@{self._where.revision}"
        return f"{place}:{self._where.path}" if self._where.path else place


class ObjectFeed:
    """Applications that are objects of the cluster; ``objects`` gives them as they are now.

    ``refusal`` says why they cannot be read, where they cannot.
    """

    def __init__(self, objects: Callable[[], Iterable[Object]], refusal: Callable[[], str]) -> None:
        self._objects = objects
        self._refusal = refusal
        self._read: dict[tuple[str, str], Application] = {}

    def load(self) -> Loaded:
        refusal = self._refusal()
        if refusal:
            hint = "Name files, a folder or a Git path with --apps, or another context with --context."
            return Loaded((), (Problem("Applications", refusal, hint),))
        applications, problems = [], []
        read: dict[tuple[str, str], Application] = {}
        for obj in self._objects():
            metadata = obj.get("metadata", {})
            stamp = (str(metadata.get("uid")), str(metadata.get("resourceVersion")))
            try:
                application = self._read.get(stamp) or _of_cluster(obj)
            except InvalidSpecError as error:
                where = f"Application {metadata.get('namespace')}/{metadata.get('name')}"
                problems.append(Problem(where, str(error), error.hint))
                continue
            read[stamp] = application
            applications.append(application)
        self._read = read
        return Loaded(tuple(applications), tuple(problems))


def _of_cluster(obj: Object) -> Application:
    """One that is wrong is there all the same: its status says so. One without a name is no Application."""
    origin = Origin(in_cluster=True)
    try:
        return parse_application(obj, origin=origin)
    except InvalidSpecError as error:
        return unreadable_application(obj, error, origin=origin)


class JoinedFeed:
    """Several feeds as one; an Application that two of them name is taken from the first."""

    def __init__(self, feeds: Sequence[ApplicationFeed]) -> None:
        self._feeds = tuple(feeds)

    def load(self) -> Loaded:
        return _without_repeats(_joined(feed.load() for feed in self._feeds))


def read_applications(content: bytes, file: str, *, namespace: str) -> Loaded:
    """The Applications and projects among a file's documents; other kinds are none of our business."""
    try:
        documents = tuple(expand_lists(decode(content, file=file)))
    except ManifestError as error:
        return Loaded((), (Problem(file, str(error), error.hint or "Correct the YAML."),))
    applications: list[Application] = []
    projects: list[AppProject] = []
    problems = []
    for document in documents:
        if not _is_argoproj(document.obj):
            continue
        origin = Origin(file, document.index)
        try:
            if document.obj.get("kind") == "Application":
                applications.append(parse_application(document.obj, origin=origin, default_namespace=namespace))
            elif document.obj.get("kind") == "AppProject":
                projects.append(parse_project(document.obj, origin=origin, default_namespace=namespace))
        except InvalidSpecError as error:
            problems.append(Problem(str(origin), str(error), error.hint))
    return Loaded(tuple(applications), tuple(problems), tuple(projects))


def feed_for(text: str, open_mirror: Callable[[str], Mirror], *, namespace: str) -> ApplicationFeed:
    """The feed that one ``--apps`` value names; raises `ConfigError` where it names nothing."""
    path = Path(text).expanduser()
    where = parse_git_path(text)
    if where is not None:
        return GitFeed(where, open_mirror, namespace=namespace)
    if path.exists():
        return FileFeed(path, namespace=namespace)
    raise ConfigError(
        f"--apps {text}: no such file or folder, and not GIT-URL@REV:PATH",
        hint="Give a file, a folder, or a repository such as https://host/org/repo@main:argocd-apps.",
    )


def _is_argoproj(obj: Object) -> bool:
    return str(obj.get("apiVersion", "")).startswith("argoproj.io/")


def _joined(parts: Iterable[Loaded]) -> Loaded:
    applications: list[Application] = []
    problems: list[Problem] = []
    projects: list[AppProject] = []
    for part in parts:
        applications += part.applications
        problems += part.problems
        projects += part.projects
    return _without_repeats(Loaded(tuple(applications), tuple(problems), tuple(projects)))


def _without_repeats(loaded: Loaded) -> Loaded:
    """Of two that are declared under one name the first counts."""
    applications: dict[AppKey, Application] = {}
    projects: dict[str, AppProject] = {}
    problems = list(loaded.problems)

    def again(what: str, first: Application | AppProject, one: Application | AppProject) -> None:
        if first is not one:
            message = f"{what} is declared again; {first.origin} counts"
            problems.append(Problem(str(one.origin), message, "Rename or remove one of the two."))

    for application in loaded.applications:
        again(f"Application {application.key}", applications.setdefault(application.key, application), application)
    for project in loaded.projects:
        again(f"AppProject {project.name}", projects.setdefault(project.name, project), project)
    return Loaded(tuple(applications.values()), tuple(problems), tuple(projects.values()))
