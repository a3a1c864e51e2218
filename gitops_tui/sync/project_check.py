"""What is wrong with a project itself, as Argo CD's API would refuse it (``AppProject.ValidateProject``).

Argo CD's controller does not ask this of an object that is there already, and neither do we: it is shown, no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import Destination
from gitops_tui.model.glob import GlobError, compiled
from gitops_tui.model.project import AppProject, Role, ServiceAccountRule, SyncWindow
from gitops_tui.sync.windows import check_window

EVERYTHING_DENIED = "!*"
RESOURCES = ("applications", "applicationsets", "repositories", "exec", "logs", "clusters")
ACTIONS = ("get", "create", "update", "delete", "sync", "override", "*")
_PATTERNED_ACTION = re.compile(r"(?:action|update|delete)/")
_ROLE_NAME = re.compile(r"[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?")
_NOT_IN_GROUP = re.compile(r"[\"\n\r\t]")
_NOT_IN_ACCOUNT = "!*[]{}\\/"


def problems(project: AppProject) -> tuple[str, ...]:
    """The first thing that is wrong in each part of a project."""
    found = []
    for part in _PARTS:
        try:
            part(project)
        except InvalidSpecError as error:
            found.append(error.message)
    return tuple(found)


def check_project(project: AppProject) -> None:
    """Raises `InvalidSpecError` for the first thing that is wrong."""
    for part in _PARTS:
        part(project)


def _wrong(message: str) -> InvalidSpecError:
    return InvalidSpecError(message, hint="Correct the project.")


def _check_unique(texts: Iterable[str], message: Callable[[str], str]) -> None:
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise _wrong(message(text))
        seen.add(text)


def _check_destinations(project: AppProject) -> None:
    for one in project.destinations:
        for word, value in (("name", one.name), ("server", one.server), ("namespace", one.namespace)):
            if value == EVERYTHING_DENIED:
                raise _wrong(f"{word} has an invalid format, '{value}'")
    _check_unique(map(_destination_key, project.destinations), lambda key: f"destination '{key}' already added")


def _destination_key(one: Destination) -> str:
    return f"{one.server or one.name}/{one.namespace}"


def _check_sources(project: AppProject) -> None:
    _check_unique(project.source_namespaces, lambda one: f"source namespace '{one}' already added")
    if EVERYTHING_DENIED in project.source_repos:
        raise _wrong(f"source repository has an invalid format, '{EVERYTHING_DENIED}'")
    _check_unique(project.source_repos, lambda one: f"source repository '{one}' already added")


def _check_roles(project: AppProject) -> None:
    _check_unique((one.name for one in project.roles), lambda name: f"role '{name}' already exists")
    for role in project.roles:
        if not _ROLE_NAME.fullmatch(role.name):
            raise _wrong(
                f"invalid role name '{role.name}'. Must consist of alphanumeric characters, '-' or '_', "
                "and must start and end with an alphanumeric character"
            )
        _check_policies(project.name, role)
        _check_groups(role)


def _check_policies(project: str, role: Role) -> None:
    _check_unique(role.policies, lambda one: f"policy '{one}' already exists for role '{role.name}'")
    for policy in role.policies:
        for reason in _policy_problems(project, role.name, policy):
            raise _wrong(f"invalid policy rule '{policy}': {reason}")


def _policy_problems(project: str, role: str, policy: str) -> Iterator[str]:
    words = [word.strip(" ") for word in policy.split(",")]
    if len(words) != 6 or words[0] != "p":
        yield "must be of the form: 'p, sub, res, act, obj, eft'"
        return
    _, subject, resource, action, obj, effect = words
    expected = f"proj:{project}:{role}"
    if subject != expected:
        yield f"policy subject must be: '{expected}', not '{subject}'"
    if resource not in RESOURCES:
        yield (
            "project resource must be: 'applications', 'applicationsets', 'repositories', 'exec', 'logs' or "
            f"'clusters', not '{resource}'"
        )
    if action not in ACTIONS and not _PATTERNED_ACTION.search(action):
        yield f"invalid action '{action}'"
    if not re.fullmatch(rf"{re.escape(project)}(/[*\w.-]+)?/[*\w.-]+", obj, re.ASCII):
        yield (
            f"object must be of form '{project}/*', '{project}[/<NAMESPACE>]/<APPNAME>' or "
            f"'{project}/<APPNAME>', not '{obj}'"
        )
    if effect not in ("allow", "deny"):
        yield "effect must be: 'allow' or 'deny'"


def _check_groups(role: Role) -> None:
    _check_unique(role.groups, lambda one: f"group '{one}' already exists for role '{role.name}'")
    for group in role.groups:
        reason = _group_problem(group)
        if reason:
            raise _wrong(f"group '{group.strip()}' {reason}")


def _group_problem(group: str) -> str:
    name = group.strip()
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        name = name[1:-1]
    elif "," in name:
        return "must be quoted"
    if not name:
        return "is empty"
    if _NOT_IN_GROUP.search(name):
        return "contains invalid characters"
    if len(group) > 1 and group[0].isspace():
        return "contains a leading space"
    return "contains a trailing space" if len(group) > 1 and group[-1].isspace() else ""


def _check_windows(project: AppProject) -> None:
    seen: set[SyncWindow] = set()
    for window in project.sync_windows:
        identity = replace(window, manual_sync=False, sync_overrun=False, description="")
        named = f"kind '{window.kind}', schedule '{window.schedule}', and duration '{window.duration}'"
        if identity in seen:
            raise _wrong(f"sync window with {named} already exists")
        seen.add(identity)
        check_window(window)
        if not (window.applications or window.namespaces or window.clusters):
            raise _wrong(
                f"window '{window.kind}':'{window.schedule}':'{window.duration}' requires one of application, "
                "cluster or namespace"
            )


def _check_service_accounts(project: AppProject) -> None:
    for one in project.service_accounts:
        for word, value in (("server", one.server), ("namespace", one.namespace)):
            if "!" in value or not _is_glob(value):
                raise _wrong(f"{word} has an invalid format, '{value}'")
        account = one.default_service_account
        if not account.strip(" ") or any(char in account for char in _NOT_IN_ACCOUNT):
            raise _wrong(f"defaultServiceAccount has an invalid format, '{account}'")
    _check_unique(
        map(_account_key, project.service_accounts), lambda key: f"destinationServiceAccount '{key}' already added"
    )


def _account_key(one: ServiceAccountRule) -> str:
    return f"{one.server}/{one.namespace}"


def _is_glob(pattern: str) -> bool:
    try:
        compiled(pattern)
    except GlobError:
        return False
    return True


_PARTS = (_check_destinations, _check_sources, _check_roles, _check_windows, _check_service_accounts)
