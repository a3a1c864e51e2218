"""Weeks of commits, deployments and edits by hand, let happen again in the order of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from gitops_tui.model.resource import Object, ResourceKey, key_of, name_of
from gitops_tui.model.status import HookType
from gitops_tui.sandbox.world.controlled import Workloads
from gitops_tui.sandbox.world.furniture import add_namespace
from gitops_tui.sandbox.world.manifests import application_text, files_at, is_hook, targets_of
from gitops_tui.sandbox.world.past import Past
from gitops_tui.sandbox.world.repository import Change, Repository
from gitops_tui.sandbox.world.story import ANA, Edit, Step, Story
from gitops_tui.sync.hooks import hook_types

_README = """\
# k8s-manifests

What runs in the cluster: `apps/<name>/` holds an application's manifests, `argocd-apps/` the Applications.
Images are bumped by the deploy bot once CI is green. Please do not edit the cluster by hand.
"""
_STARTED = timedelta(days=90)


class Deployment(Struct, frozen=True):
    """A step that reached the cluster, and the commit that it was."""

    story: Story
    step: Step
    revision: str

    @property
    def ago(self) -> timedelta:
        return self.step.deployed_ago or timedelta(0)


def commit_history(past: Past, repository: Repository, stories: Sequence[Story]) -> dict[int, str]:
    """Every step as a commit on ``main``; the commits' ids by ``id(step)``."""
    steps = [(story, step) for story in stories for step in story.steps]
    steps.sort(key=lambda pair: pair[1].ago, reverse=True)
    changes = [Change(past.at(_STARTED), ANA, "Start with a place for manifests", {"README.md": _README})]
    changes += [Change(past.at(step.ago), step.author, step.message, _files(story, step)) for story, step in steps]
    ids = repository.commit(changes)
    return {id(step): sha for (_, step), sha in zip(steps, ids[1:], strict=True)}


def _files(story: Story, step: Step) -> Mapping[str, str | None]:
    """What the step changes in the repository."""
    number = story.steps.index(step)
    before = files_at(story, story.steps[number - 1]) if number else {}
    after = files_at(story, step)
    found: dict[str, str | None] = {
        f"{story.folder}/{name}": text for name, text in after.items() if before.get(name) != text
    }
    found |= {f"{story.folder}/{name}": None for name in before if name not in after}
    if not number:
        found[f"argocd-apps/{story.name}.yaml"] = application_text(story)
    return found


class Replay:
    """Deploys and edits under the past's clock, then leaves everything as it stands now."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._workloads = Workloads(past)
        self._known: dict[str, dict[ResourceKey, Object]] = {}

    def run(self, stories: Sequence[Story], revisions: Mapping[int, str]) -> list[Deployment]:
        """The deployments in the order of time."""
        deployments = [Deployment(story, step, revisions[id(step)]) for story in stories for step in story.deployed]
        happenings: list[tuple[timedelta, Deployment | tuple[Story, Edit]]] = [
            *((one.ago, one) for one in deployments),
            *((edit.ago, (story, edit)) for story in stories for edit in story.edits),
        ]
        for ago, one in sorted(happenings, key=lambda pair: pair[0], reverse=True):
            self._past.go(ago)
            if isinstance(one, Deployment):
                self._deploy(one)
            else:
                self._edit(*one)
        for story in stories:
            self._workloads.settle(story)
        return sorted(deployments, key=lambda one: one.ago, reverse=True)

    def _edit(self, story: Story, edit: Edit) -> None:
        edited = self._past.edit(edit.resource, story.namespace, edit.name, edit.patch, edit.manager)
        self._workloads.follow(edited)

    def _deploy(self, one: Deployment) -> None:
        story, step = one.story, one.step
        if step is story.deployed[0]:
            add_namespace(self._past, story.namespace)
        targets = targets_of(story, files_at(story, step), self._past.is_namespaced)
        plain = {key_of(obj): obj for obj in targets if not is_hook(obj)}
        for obj in plain.values():
            self._workloads.follow(self._past.apply(obj))
        if story.prune:
            self._prune(set(self._known.get(story.name, {})) - set(plain))
        self._known[story.name] = plain
        if step is story.deployed[-1]:
            self._run_hooks([obj for obj in targets if HookType.POST_SYNC in hook_types(obj)])

    def _prune(self, keys: set[ResourceKey]) -> None:
        for key in keys:
            kind = next(one for one in self._past.store.registry if (one.group, one.kind) == (key.group, key.kind))
            for pod in self._past.store.list("pods", key.namespace, f"batch.kubernetes.io/job-name={key.name}"):
                self._past.store.delete("pods", key.namespace, name_of(pod))
            self._past.store.delete(kind.resource, key.namespace, key.name)

    def _run_hooks(self, hooks: Sequence[Object]) -> None:
        """Those that stay after the sync; they come last, a little later."""
        self._past.go(self._past.ago - timedelta(seconds=50))
        for hook in hooks:
            self._workloads.follow(self._past.apply(hook))
