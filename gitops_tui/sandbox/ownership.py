"""managedFields of one write: server-side apply and its bookkeeping, by `gitops_tui.structured`."""

from __future__ import annotations

from msgspec import Struct

from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object, name_of, namespace_of
from gitops_tui.sandbox.failure import apply_conflict, internal
from gitops_tui.structured.apply import apply
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.update import update_managed_fields


class Ownership(Struct, frozen=True):
    """Who writes, when (RFC 3339), by which schema."""

    schema: SchemaNode | None
    manager: str
    time: str
    force: bool = False

    def updated(self, live: Object | None, new: Object, subresource: str) -> Object:
        """``new`` with the managedFields that this Update gives it."""
        return update_managed_fields(
            live, new, manager=self.manager, schema=self.schema, time=self.time, subresource=subresource
        )

    def applied(self, live: Object | None, config: Object, subresource: str) -> Object:
        """The merge of ``config``; raises `Conflict`, or `ServerError` for what the schema does not take (as the
        real server, which answers 500 there)."""
        try:
            found = apply(
                live,
                config,
                manager=self.manager,
                schema=self.schema,
                force=self.force,
                time=self.time,
                subresource=subresource,
            )
        except Invalid as error:
            if error.code == 400:
                raise
            group_version = config["apiVersion"] if "/" in config["apiVersion"] else f"/{config['apiVersion']}"
            what = f"{namespace_of(config)}/{name_of(config)}; {group_version}, Kind={config['kind']}"
            raise internal(f"failed to create typed patch object ({what}): {error.message}") from error
        if found.conflicts:
            raise apply_conflict(found.conflicts)
        return found.object
