"""Which application an object belongs to (semantics 1.5; Argo CD ``util/argo/resource_tracking.go``).

The tracking id is ``<app>:<group>/<kind>:<namespace>/<name>``. It names the object that it was made for, so a copy
of the annotation on another object is seen through (`is_self_referenced`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from gitops_tui.errors import InvalidSpecError, ManifestError
from gitops_tui.model.annotations import INSTALLATION_ID, INSTANCE_LABEL, TRACKING_ID
from gitops_tui.model.application import AppKey
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of
from gitops_tui.sync.legacy_label import LEGACY_LABEL, with_template_label

MAX_LABEL_LENGTH = 63


class TrackingMethod(StrEnum):
    ANNOTATION = "annotation"
    LABEL = "label"
    BOTH = "annotation+label"


class Tracking(Struct, frozen=True):
    """How objects are marked: ``application.resourceTrackingMethod``, ``instanceLabelKey``, ``installationID``."""

    method: TrackingMethod = TrackingMethod.ANNOTATION
    label: str = INSTANCE_LABEL
    installation_id: str = ""


DEFAULT_TRACKING = Tracking()
"""By annotation, Argo CD's default since 3.0."""


class TrackingId(Struct, frozen=True):
    """What a tracking id says: the application's instance name and the object that was marked."""

    app: str
    key: ResourceKey

    def __str__(self) -> str:
        key = self.key
        return f"{self.app}:{key.group}/{key.kind}:{key.namespace}/{key.name}"


def parse_tracking_id(text: str) -> TrackingId:
    """Read a tracking id; a colon in the object's name (RBAC has them) stays in the name."""
    app, _, rest = text.partition(":")
    kinds, colon, names = rest.partition(":")
    group, slash, kind = kinds.partition("/")
    namespace, second, name = names.partition("/")
    if not (colon and slash and second) or "/" in kind or "/" in name:
        raise ManifestError(
            "wrong resource tracking format, should be <application-name>:<group>/<kind>:<namespace>/<name>"
        )
    return TrackingId(app, ResourceKey(group, kind, namespace, name))


def instance_name(app: AppKey, default_namespace: str) -> str:
    """The application's name in tracking ids: ``<namespace>_<name>`` outside of the default namespace."""
    return app.name if app.namespace in ("", default_namespace) else f"{app.namespace}_{app.name}"


def parse_instance_name(text: str, default_namespace: str) -> AppKey:
    """``team-a_web`` or ``web``. A Kubernetes name holds no underscore, so the split is exact."""
    namespace, underscore, name = text.partition("_")
    return AppKey(namespace, name) if underscore else AppKey(default_namespace, text)


def set_tracking(obj: Object, app: str, tracking: Tracking = DEFAULT_TRACKING, namespace: str = "") -> Object:
    """A copy marked as ``app``'s. ``namespace`` is what the id says for an object without one.

    Raises `InvalidSpecError` where the name cannot be cut to a label, `ManifestError` where labels hold non-strings.
    """
    if tracking.method is TrackingMethod.LABEL:
        return with_instance_label(obj, tracking.label, app)
    marked = _with_tracking_id(obj, app, tracking, namespace)
    if tracking.method is TrackingMethod.BOTH:
        return with_instance_label(marked, tracking.label, truncate_label(app))
    return marked


def _with_tracking_id(obj: Object, app: str, tracking: Tracking, namespace: str) -> Object:
    key = key_of(obj)
    named = TrackingId(app, ResourceKey(key.group, key.kind, key.namespace or namespace, key.name))
    marked = with_metadata(obj, "annotations", TRACKING_ID, str(named))
    if tracking.installation_id:
        return with_metadata(marked, "annotations", INSTALLATION_ID, tracking.installation_id)
    return without_metadata(marked, "annotations", INSTALLATION_ID)


def with_instance_label(obj: Object, label: str, value: str) -> Object:
    """A copy with the label; the key of Argo CD before 0.10 marks the pod template as well."""
    marked = with_metadata(obj, "labels", label, value)
    return with_template_label(marked, value) if label == LEGACY_LABEL else marked


def remove_tracking(obj: Object, tracking: Tracking) -> Object:
    """A copy without our marks."""
    if tracking.method is TrackingMethod.LABEL:
        return without_metadata(obj, "labels", tracking.label)
    bare = without_metadata(without_metadata(obj, "annotations", TRACKING_ID), "annotations", INSTALLATION_ID)
    return without_metadata(bare, "labels", tracking.label) if tracking.method is TrackingMethod.BOTH else bare


def tracking_id_of(obj: Object, tracking: Tracking = DEFAULT_TRACKING) -> TrackingId | None:
    """What the object's annotation says, or None: no id, a broken one, or one of another installation."""
    annotations = metadata_of(obj).get("annotations")
    if not isinstance(annotations, dict):
        return None
    if tracking.installation_id and annotations.get(INSTALLATION_ID) != tracking.installation_id:
        return None
    try:
        return parse_tracking_id(str(annotations.get(TRACKING_ID) or ""))
    except ManifestError:
        return None


def app_of(obj: Object, tracking: Tracking = DEFAULT_TRACKING) -> str:
    """The instance name of the application that the object is marked with, or empty."""
    if tracking.method is TrackingMethod.LABEL:
        labels = metadata_of(obj).get("labels")
        return str(labels.get(tracking.label) or "") if isinstance(labels, dict) else ""
    found = tracking_id_of(obj, tracking)
    return found.app if found else ""


def is_self_referenced(live: Object, target: Object | None, tracking: Tracking = DEFAULT_TRACKING) -> bool:
    """Whether the mark was made for this very object; a label says nothing about it, so it is believed.

    With a target its identity decides, not the mark: an object whose group moved still carries the old id.
    """
    if tracking.method is TrackingMethod.LABEL:
        return True
    found = tracking_id_of(live, tracking)
    named = key_of(target) if target is not None else found.key if found else None
    if named is None:
        return True
    key = key_of(live)
    same_kind = (key.group, key.kind, key.name) == (named.group, named.kind, named.name)
    return same_kind and key.namespace in ("", named.namespace)


def normalize_tracking(target: Object, live: Object, tracking: Tracking) -> Object:
    """``live`` as if it were already tracked by annotation: moving from labels to annotations is no drift.

    An object that another application marked keeps that mark, so that a move between applications shows. CRDs are
    not tracked by annotation.
    """
    if tracking.method is TrackingMethod.LABEL or not text_in(live, "labels", tracking.label):
        return live
    if live.get("kind") == "CustomResourceDefinition":
        return live
    wanted, found = tracking_id_of(target), tracking_id_of(live)
    if wanted is not None and (found is None or found.app == wanted.app):
        live = with_metadata(live, "annotations", TRACKING_ID, str(wanted))
    if text_in(target, "labels", tracking.label):
        return live
    return without_metadata(live, "labels", tracking.label)


def truncate_label(value: str) -> str:
    """Cut to what a label value may hold, which must end in a letter or a digit."""
    if len(value) <= MAX_LABEL_LENGTH:
        return value
    cut = value[:MAX_LABEL_LENGTH]
    while cut and not cut[-1].isalnum():
        cut = cut[:-1]
    if not cut:
        raise InvalidSpecError(
            "failed to set app instance label: unable to truncate label to not end with a special character",
            path="metadata.name",
            expected="a name with a letter or a digit in its first 63 characters",
        )
    return cut


# --- labels and annotations, by copy ---------------------------------------------------------------------------------


def texts_in(obj: Object, where: str) -> dict[str, str]:
    """The labels or annotations, empty where there are none; `ManifestError` where one is no string."""
    found: Any = metadata_of(obj).get(where)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ManifestError(f"metadata.{where} is no mapping")
    for name, value in found.items():
        if not isinstance(value, str):
            raise ManifestError(f"metadata.{where}.{name} is no string")
    return found


def text_in(obj: Object, where: str, name: str) -> str:
    return texts_in(obj, where).get(name, "")


def with_metadata(obj: Object, where: str, name: str, value: str) -> Object:
    """A copy with one label or annotation set."""
    found = {**texts_in(obj, where), name: value}
    return {**obj, "metadata": {**metadata_of(obj), where: found}}


def without_metadata(obj: Object, where: str, name: str) -> Object:
    """A copy without one label or annotation, and without the mapping when that was the last one."""
    found = texts_in(obj, where)
    if name not in found:
        return obj
    left = {key: value for key, value in found.items() if key != name}
    metadata = {key: value for key, value in metadata_of(obj).items() if key != where}
    return {**obj, "metadata": {**metadata, where: left} if left else metadata}
