"""An Application of the cluster whose spec cannot be read: it is there, and its status must say what is wrong with it.

Argo CD's controller reports it as ``InvalidSpecError`` and goes on with the others (``refreshAppConditions``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import (
    Application,
    Destination,
    Source,
    SyncPolicy,
    read_destination,
    read_sources,
    read_sync_policy,
)
from gitops_tui.model.reader import Origin, Reader
from gitops_tui.model.resource import Object

T = TypeVar("T")
NO_SOURCE = (Source(repo_url=""),)
DELETES_NOTHING = SyncPolicy(sync_options=("Delete=false",))
"""For a policy that cannot be read: it may say that objects stay when the Application is deleted."""


def unreadable_application(obj: Object, defect: InvalidSpecError, *, origin: Origin) -> Application:
    """What can be read of it. Raises `InvalidSpecError` where not even its name can.

    A source that is missing is one without a repository, a destination that is wrong one without a cluster.
    """
    read = Reader(origin)
    metadata = read.mapping(obj, "metadata", required=True)
    spec: dict[str, Any] = _or(lambda: read.mapping(obj, "spec"), dict[str, Any]())
    return Application(
        name=read.text(metadata, "metadata.name", required=True),
        namespace=read.text(metadata, "metadata.namespace", required=True),
        project=_or(lambda: read.text(spec, "spec.project"), "") or "default",
        sources=_or(lambda: read_sources(read, spec), NO_SOURCE),
        destination=_or(lambda: read_destination(read, spec), Destination()),
        sync_policy=_or(lambda: read_sync_policy(read, spec), DELETES_NOTHING),
        annotations=read.texts(metadata, "metadata.annotations"),
        labels=read.texts(metadata, "metadata.labels"),
        finalizers=read.text_list(metadata, "metadata.finalizers"),
        deletion_timestamp=read.text(metadata, "metadata.deletionTimestamp"),
        uid=read.text(metadata, "metadata.uid"),
        resource_version=read.text(metadata, "metadata.resourceVersion"),
        origin=origin,
        raw=obj,
        defect=defect,
    )


def _or(read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except InvalidSpecError:
        return otherwise
