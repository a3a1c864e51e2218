"""``Validate=false``: what is sent where nobody validates (semantics 1.8)."""

from __future__ import annotations

from gitops_tui.engine.session import Session
from gitops_tui.model.resource import Object
from gitops_tui.structured.declared import declared
from gitops_tui.sync.options import SyncOptions, is_validated


def as_sent(target: Object, session: Session, *, validate: bool) -> Object:
    """Without the fields that the kind does not have: an apply of them is refused, and Argo CD's own drops them."""
    if validate:
        return target
    return declared(target, session.schemas.for_kind(str(target.get("apiVersion")), str(target.get("kind"))))


def asked_for(target: Object, session: Session, options: SyncOptions) -> tuple[Object, bool]:
    """The same by an object's own option and its application's; with whether the server validates it."""
    validate = is_validated(target, options.validate)
    return as_sent(target, session, validate=validate), validate
