"""What a request asks for besides its object: parsed from the query, checked as the API server checks it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object
from gitops_tui.sandbox.failure import Cause, bad_request, forbidden_value, invalid, required, unsupported_value

Query = Mapping[str, str]
FIELD_VALIDATION = ("Ignore", "Warn", "Strict")
PROPAGATION = ("Orphan", "Background", "Foreground")


class WriteOptions(Struct):
    """``warnings`` collects what the answer's ``Warning`` headers say."""

    manager: str
    is_dry_run: bool = False
    force: bool = False
    field_validation: str = "Warn"
    warnings: list[str] = field(default_factory=list)


class DeleteOptions(Struct, frozen=True):
    """``propagation`` "" is the kind's default; ``grace_s`` None too."""

    propagation: str = ""
    grace_s: int | None = None
    uid: str = ""
    version: str = ""
    is_dry_run: bool = False


class ListOptions(Struct, frozen=True):
    labels: str = ""
    fields: str = ""
    limit: int = 0
    token: str = ""
    version: str = ""
    match: str = ""
    is_watch: bool = False
    wants_bookmarks: bool = False
    wants_initial: bool = False
    timeout_s: float | None = None


def option_error(kind: str, cause: Cause) -> Invalid:
    return invalid("meta.k8s.io", kind, "", [cause])


def is_true(value: str) -> bool:
    return value.lower() in ("1", "t", "true")


def _is_dry_run(kind: str, text: str) -> bool:
    if text not in ("", "All"):
        raise option_error(kind, unsupported_value("dryRun", f'["{text}"]', ["All"]))
    return text == "All"


def write_options(query: Query, user_agent: str, kind: str) -> WriteOptions:
    """``kind`` is ``CreateOptions``, ``UpdateOptions`` or ``PatchOptions``, for messages."""
    validation = query.get("fieldValidation") or "Warn"
    if validation not in FIELD_VALIDATION:
        raise option_error(kind, unsupported_value("fieldValidation", f'"{validation}"', FIELD_VALIDATION))
    return WriteOptions(
        manager=query.get("fieldManager") or agent_manager(user_agent),
        is_dry_run=_is_dry_run(kind, query.get("dryRun", "")),
        force=is_true(query.get("force", "")),
        field_validation=validation,
    )


def agent_manager(user_agent: str) -> str:
    """Who writes, where the request does not say: the User-Agent up to the first slash."""
    return (user_agent.partition("/")[0].strip() or "unknown")[:128]


def require_manager(query: Query) -> None:
    """Server-side apply has no default for its manager."""
    if not query.get("fieldManager"):
        raise option_error("PatchOptions", required("fieldManager", "is required for apply patch"))


def delete_options(query: Query, body: Object | None) -> DeleteOptions:
    asked = body or {}
    if asked and asked.get("kind") not in (None, "DeleteOptions"):
        raise bad_request(f"unexpected body: {asked.get('kind')}")
    preconditions = asked.get("preconditions") or {}
    grace = asked.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
    dry_run = (asked.get("dryRun") or [query.get("dryRun", "")])[0]
    return DeleteOptions(
        propagation=_propagation(query, asked),
        grace_s=None if grace is None else int(grace),
        uid=str(preconditions.get("uid") or ""),
        version=str(preconditions.get("resourceVersion") or ""),
        is_dry_run=_is_dry_run("DeleteOptions", dry_run),
    )


def _propagation(query: Query, asked: Object) -> str:
    orphan = asked.get("orphanDependents", query.get("orphanDependents"))
    if orphan is not None:
        return "Orphan" if is_true(str(orphan)) else "Background"
    found = str(asked.get("propagationPolicy") or query.get("propagationPolicy") or "")
    if found and found not in PROPAGATION:
        raise option_error("DeleteOptions", unsupported_value("propagationPolicy", f'"{found}"', PROPAGATION))
    return found


def list_options(query: Query) -> ListOptions:
    found = ListOptions(
        labels=query.get("labelSelector", ""),
        fields=query.get("fieldSelector", ""),
        limit=_count(query.get("limit", "")),
        token=query.get("continue", ""),
        version=query.get("resourceVersion", ""),
        match=query.get("resourceVersionMatch", ""),
        is_watch=is_true(query.get("watch", "")),
        wants_bookmarks=is_true(query.get("allowWatchBookmarks", "")),
        wants_initial=is_true(query.get("sendInitialEvents", "")),
        timeout_s=float(query["timeoutSeconds"]) if query.get("timeoutSeconds") else None,
    )
    _check_list(found)
    return found


def _count(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _check_list(asked: ListOptions) -> None:
    if asked.version and not asked.version.isdigit():
        shown = f'strconv.ParseUint: parsing "{asked.version}": invalid syntax'
        raise bad_request(f'invalid resource version: resourceVersion: Invalid value: "{asked.version}": {shown}')
    if asked.wants_initial and asked.match != "NotOlderThan":
        text = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        raise option_error("ListOptions", forbidden_value("resourceVersionMatch", text))
    if asked.match and not asked.version and not asked.wants_initial:
        text = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise option_error("ListOptions", forbidden_value("resourceVersionMatch", text))
