"""Reverts: what `git revert` would give, rendered and compared with the cluster, then committed and pushed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.engine.commits import pin_with
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.identity import Identity
from gitops_tui.engine.sources import SourceAt
from gitops_tui.errors import OperationError, PushRejected, StalePlanError
from gitops_tui.git.revert import Identity as GitIdentity
from gitops_tui.git.revert import Pushed, Reverter, RevertPreview, author_identity
from gitops_tui.git.url import redact
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.plan import Approval, Outcome, Plan, PlanKind, RevertPart

Compare = Callable[[Application, Sequence[str]], Comparison]
"""Compares an application with the cluster at a commit for each source."""

PlanOf = Callable[[Comparison, PlanKind], Plan]


class Reverting(Struct, frozen=True):
    """Plans and executes reverts of one instance."""

    identity: Identity
    readers_of: Callable[[str, Sequence[str]], tuple[AppKey, ...]]
    """Applications that read any of these files of a repository."""

    def plan(self, comparison: Comparison, shas: Sequence[str], compare: Compare, plan_of: PlanOf) -> Plan:
        """The preview; `RevertConflict` names the files where Git cannot do it."""
        pin = pin_with(comparison.pins, shas)
        preview = Reverter(pin.mirror).preview(shas, onto=pin.source.target_revision or "HEAD")
        after = compare(comparison.app, commits_after(comparison, pin, preview.new_commit))
        plan = plan_of(after, PlanKind.REVERT)
        return replace(plan, kind=PlanKind.REVERT, revert=self._part(comparison, pin, preview))

    def _part(self, comparison: Comparison, pin: SourceAt, preview: RevertPreview) -> RevertPart:
        author = author_identity(pin.mirror)
        readers = self.readers_of(pin.source.repo_url, preview.files)
        has_several = len({one.mirror.url for one in comparison.pins}) > 1
        return RevertPart(
            commits=preview.commits,
            branch=preview.branch,
            base=preview.base_sha,
            new_commit=preview.new_commit,
            message=preview.message,
            files=preview.files,
            patch=preview.patch,
            repository=redact(pin.source.repo_url) if has_several else "",
            also_affects=tuple(key for key in readers if key != comparison.app.key),
            author=f"{author.name} <{author.email}>" if author else "",
        )

    def execute(self, comparison: Comparison, plan: Plan, approval: Approval) -> Outcome:
        """Commit and push, never by force. A branch that moved is a stale plan; a protected one gets a branch."""
        part = plan.revert
        if part is None:
            raise OperationError("the plan holds no revert")
        shas = [commit.sha for commit in part.commits]
        reverter = Reverter(pin_with(comparison.pins, shas).mirror)
        preview = reverter.preview(shas, onto=part.branch)
        if preview.base_sha != part.base:
            raise StalePlanError(f"{part.branch} moved from {part.base[:7]} to {preview.base_sha[:7]}")
        author = _author(approval.author or part.author)
        if approval.as_branch:
            return _as_branch(reverter, preview, author, self.identity, approval.as_branch, "as asked")
        try:
            pushed = reverter.push(preview, identity=author, operator=self.identity.operator)
        except PushRejected as error:
            return self._rejected(reverter, preview, author, error)
        return Outcome(True, f"pushed {pushed.sha[:7]} to {pushed.branch}", commit=pushed.sha, link=pushed.url_hint)

    def _rejected(
        self, reverter: Reverter, preview: RevertPreview, author: GitIdentity, error: PushRejected
    ) -> Outcome:
        if error.reason == "non-fast-forward":
            raise StalePlanError(f"{preview.branch} moved on the remote while the plan was open") from error
        if error.reason == "protected":
            name = f"revert-{preview.commits[0].short}"
            return _as_branch(reverter, preview, author, self.identity, name, f"{preview.branch} is protected")
        raise error


def commits_after(comparison: Comparison, reverted: SourceAt, sha: str) -> tuple[str, ...]:
    """What the sources are at when ``sha`` is pushed to the branch of one: others may follow the same branch."""

    def follows(pin: SourceAt) -> bool:
        return pin.mirror is reverted.mirror and pin.mirror.branch(pin.source.target_revision) == branch

    branch = reverted.mirror.branch(reverted.source.target_revision)
    return tuple(sha if follows(pin) else pin.sha for pin in comparison.pins)


def _as_branch(
    reverter: Reverter, preview: RevertPreview, author: GitIdentity, identity: Identity, name: str, why: str
) -> Outcome:
    pushed: Pushed = reverter.push_branch(preview, name=name, identity=author, operator=identity.operator)
    text = f"{why}: pushed {pushed.sha[:7]} as the branch {pushed.branch}"
    hint = "Open a pull request for it."
    return Outcome(True, text, hint=hint, link=pushed.url_hint, commit=pushed.sha, is_on_own_branch=True)


def _author(text: str) -> GitIdentity:
    """``Name <email>`` taken apart; `OperationError` where it is something else."""
    name, open_, rest = text.partition("<")
    email = rest.rstrip().removesuffix(">").strip()
    if not open_ or not name.strip() or "@" not in email:
        raise OperationError(f"{text!r} is no Git author", hint="Give it as NAME <EMAIL>.")
    return GitIdentity(name.strip(), email)
