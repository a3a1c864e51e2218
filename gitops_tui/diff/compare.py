"""``live`` against ``predicted``: whether an object is modified, and field by field what differs and who wrote it.

Creation is modified; an object that Git does not have is not (in Argo CD it is OutOfSync because it is to be pruned).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from gitops_tui.diff.claims import without_filled_claims
from gitops_tui.diff.fields import FieldChange, changes
from gitops_tui.diff.hidden import by_webhooks, ignored, normalised
from gitops_tui.diff.ignore import rules_for, without_trusted
from gitops_tui.diff.known import normalize_known
from gitops_tui.diff.label import label_of
from gitops_tui.diff.normalize import in_order, normalize, of_kind, without_bookkeeping
from gitops_tui.diff.ownership import Managers, Ownership, guess_remover, ownerships, writer_of
from gitops_tui.diff.path import from_fields
from gitops_tui.diff.predict import last_applied, predict, without_dropped
from gitops_tui.diff.rules import NO_RULES, Rules
from gitops_tui.diff.secrets import is_secret, shown
from gitops_tui.diff.webhook import without_webhook_changes
from gitops_tui.model.decision import Decision
from gitops_tui.model.drift import FieldDrift, Path, Writer, path_text
from gitops_tui.model.resource import Object, key_of, metadata_of
from gitops_tui.model.status import DriftKind, WriterClass
from gitops_tui.structured.migrate import client_side_managers
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.unchanged import is_satisfied
from gitops_tui.structured.value import MISSING, same

REPLICAS = ("spec", "replicas")
_REMOVED = Writer(manager="", klass=WriterClass.UNKNOWN, is_guess=True)


class Difference(Struct, frozen=True):
    """One object compared. Both sides are normalised and not masked; ``fields`` is masked and empty only where
    nothing is modified, or where one side is missing.
    """

    modified: bool
    live: Object | None
    predicted: Object | None
    fields: tuple[FieldDrift, ...] = ()
    problems: tuple[str, ...] = ()
    """Ignore rules that did not work, in words."""
    hidden: tuple[Decision, ...] = ()
    """What differs and does not count."""


def compare(
    target: Object | None,
    live: Object | None,
    *,
    schema: SchemaNode | None,
    manager: str,
    managers: Managers | None = None,
    rules: Rules = NO_RULES,
    confirmed: Object | None = None,
    include_webhooks: bool = False,
    autoscaled: bool = False,
    is_deployed: bool = False,
) -> Difference:
    """Compare what an apply of ``target`` by ``manager`` gives with what is there.

    ``confirmed`` is the answer of a server dry run and replaces our own prediction. ``include_webhooks`` shows what
    mutating webhooks would change (``IncludeMutationWebhook=true``). ``is_deployed`` says that this target was applied
    before, so that a field which is missing was removed from the cluster. ``autoscaled``: an autoscaler sets replicas.
    """
    if target is None or live is None:
        return _one_sided(target, live, schema, rules)
    work = _Comparison(target, live, schema, managers or Managers(manager), manager, rules)
    if confirmed is None and work.is_satisfied():
        return work.unmodified()
    after = work.predicted(confirmed, include_webhooks)
    return work.result(after, autoscaled=autoscaled, is_deployed=is_deployed)


def _one_sided(target: Object | None, live: Object | None, schema: SchemaNode | None, rules: Rules) -> Difference:
    return Difference(
        modified=target is not None,
        live=None if live is None else _normalized(live, schema, rules),
        predicted=None if target is None else _normalized(target, schema, rules),
    )


def _normalized(obj: Object, schema: SchemaNode | None, rules: Rules, *, is_aggregated: bool = False) -> Object:
    kind = key_of(obj).group_kind
    normal = normalize(
        obj,
        schema,
        ignore_aggregated_roles=rules.ignore_aggregated_roles or is_aggregated,
        ignore_status=rules.ignores_status(kind),
    )
    return normalize_known(normal, rules.known_fields.get(str(kind)))


class _Comparison:
    """The steps of one comparison of an object that both sides have."""

    def __init__(
        self,
        target: Object,
        live: Object,
        schema: SchemaNode | None,
        managers: Managers,
        manager: str,
        rules: Rules,
    ) -> None:
        self.target = _in_place_of(live, of_kind(target))
        self._live = in_order(live)
        self._schema = schema
        self._managers = managers
        self._manager = manager
        self._rules = rules
        self._hidden: tuple[Decision, ...] = ()
        self._is_aggregated = _leaves_rules_to_the_cluster(target, live)

    def is_satisfied(self) -> bool:
        """The cheap answer for most objects. What a client applied besides is taken over and removed by our apply."""
        is_held = is_satisfied(self._live, self.target, self._schema, self._manager)
        return is_held and not client_side_managers(self._live)

    def unmodified(self) -> Difference:
        ignores_status = self._rules.ignores_status(key_of(self._live).group_kind)
        same_object = without_bookkeeping(self._live, ignore_status=ignores_status)
        return Difference(False, same_object, same_object)

    def predicted(self, confirmed: Object | None, include_webhooks: bool) -> Object:
        if confirmed is None:
            return predict(self._live, self.target, schema=self._schema, manager=self._manager)
        if not include_webhooks:
            kept = without_webhook_changes(confirmed, self._live, manager=self._manager, schema=self._schema)
            plain = self._plain
            self._hidden += by_webhooks(plain(confirmed), plain(kept), plain(self._live), self._schema)
            confirmed = kept
        return without_dropped(confirmed, self._live, self.target, self._schema)

    def result(self, after: Object, *, autoscaled: bool, is_deployed: bool) -> Difference:
        raw = self._plain(self._live), self._plain(after)
        before, after = self._normalized(self._live), self._normalized(after)
        self._hidden += normalised(raw, (before, after), self._schema)
        before, after, problems = self._without_ignored(before, after)
        if same(before, after):
            return Difference(False, before, before, (), problems, self._hidden)
        entries = ownerships(self._live, self._managers, autoscaled=autoscaled)
        found = changes(before, after, self._schema)
        shows = partial(shown, secret=is_secret(self._live), hidden_annotations=self._rules.hidden_annotations)
        attribute = _Attribution(entries, shows, autoscaled, is_deployed)
        return Difference(True, before, after, tuple(attribute.drift(one) for one in found), problems, self._hidden)

    def _plain(self, obj: Object) -> Object:
        """Without the server's bookkeeping, but as it is written."""
        return without_bookkeeping(obj, ignore_status=self._rules.ignores_status(key_of(obj).group_kind))

    def _normalized(self, obj: Object) -> Object:
        plain = without_filled_claims(obj, self.target)
        return _normalized(plain, self._schema, self._rules, is_aggregated=self._is_aggregated)

    def _without_ignored(self, before: Object, after: Object) -> tuple[Object, Object, tuple[str, ...]]:
        ignoring = rules_for(key_of(self.target), self._rules.ignores)
        if not ignoring:
            return before, after, ()
        self._hidden += ignored(before, after, self._live, self._rules, self._schema)
        before, problems = ignoring.taken_from(before, self._rules.delete_selected)
        after, more = ignoring.taken_from(after, self._rules.delete_selected)
        before, after = without_trusted(before, after, self._live, ignoring.managed_fields_managers, self._schema)
        return before, after, tuple(dict.fromkeys((*problems, *more)))


class _Attribution:
    """Turns differing fields into drift with its writer."""

    def __init__(
        self, entries: Sequence[Ownership], shows: Callable[[object, Path], object], autoscaled: bool, is_deployed: bool
    ) -> None:
        self._entries = entries
        self._shows = shows
        self._autoscaled = autoscaled
        self._is_deployed = is_deployed

    def drift(self, change: FieldChange) -> FieldDrift:
        path = from_fields(change.path)
        is_left_out = self._autoscaled and path == REPLICAS
        live, target = (self._shows(_given(one), path) for one in (change.before, change.after))
        return FieldDrift(
            path=path,
            text=path_text(path) or "the whole object",
            label=f"order of {label_of(path)}" if change.is_order else label_of(path),
            kind=DriftKind.TARGET,
            live=live,
            target=target,
            writer=self._writer(change),
            ticked=not is_left_out,
            healable=not is_left_out,
            reason="an autoscaler sets it: left as it is" if is_left_out else "",
        )

    def _writer(self, change: FieldChange) -> Writer | None:
        if change.before is not MISSING:
            return writer_of(change.path, self._entries)
        guess = guess_remover(self._entries)
        return guess if guess is not None or not self._is_deployed else _REMOVED


def _leaves_rules_to_the_cluster(target: Object, live: Object) -> bool:
    """Git sets no rules of an aggregated role and never did: they are the cluster's, whatever the settings say. Rules
    that are empty are set, and what the cluster fills in differs from them.
    """
    return bool(target.get("aggregationRule")) and not any("rules" in one for one in (target, last_applied(live) or {}))


def _in_place_of(live: Object, target: Object) -> Object:
    """``target`` without a namespace where the object is found to have none: its kind is cluster-scoped."""
    if "namespace" in metadata_of(live) or "namespace" not in metadata_of(target):
        return target
    metadata = {name: value for name, value in metadata_of(target).items() if name != "namespace"}
    return {**target, "metadata": metadata}


def _given(value: object) -> object:
    return None if value is MISSING else value
