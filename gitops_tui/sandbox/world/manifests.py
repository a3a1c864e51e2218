"""The manifests of an application at each of its steps: the files in ``manifests/`` with their placeholders filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from string import Template

from gitops_tui.manifest.decode import decode
from gitops_tui.model.annotations import HOOK
from gitops_tui.model.resource import GroupKind, Object, annotations_of
from gitops_tui.sandbox.world.story import ARGOCD_NAMESPACE, REPO_URL, Step, Story
from gitops_tui.sync.targets import normalize_targets

Files = Mapping[str, str]
"""Path in the repository -> text."""
IsNamespaced = Callable[[GroupKind], bool | None]


@cache
def _templates(name: str) -> Mapping[str, Template]:
    folder = files("gitops_tui.sandbox.world").joinpath("manifests", name)
    found = sorted(one.name for one in folder.iterdir() if one.name.endswith(".yaml"))
    return {file: Template(folder.joinpath(file).read_text(encoding="utf-8")) for file in found}


def files_at(story: Story, step: Step) -> Files:
    """The application's files right after ``step``, by name within its folder."""
    templates = _templates(story.name)
    present = set(templates) - {name for one in story.steps for name in one.adds}
    values: dict[str, str] = {}
    for one in story.steps:
        values |= one.values
        present = (present | set(one.adds)) - set(one.drops)
        if one is step:
            break
    return {name: templates[name].substitute(values) for name in sorted(present)}


def targets_of(story: Story, texts: Files, is_namespaced: IsNamespaced) -> tuple[Object, ...]:
    """What ``texts`` ask the cluster for: namespaces filled in, tracked as the application's."""
    rendered = [document.obj for name, text in texts.items() for document in decode(text, file=name)]
    found = normalize_targets(rendered, app=story.name, namespace=story.namespace, is_namespaced=is_namespaced)
    return found.objects


def is_hook(obj: Object) -> bool:
    return HOOK in annotations_of(obj)


def application_text(story: Story) -> str:
    """``argocd-apps/<name>.yaml``."""
    automated = ""
    if story.automated:
        flags = f"      prune: {str(story.prune).lower()}\n      selfHeal: {str(story.self_heal).lower()}\n"
        automated = f"    automated:\n{flags}"
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {story.name}
  namespace: {ARGOCD_NAMESPACE}
  annotations:
    argocd.argoproj.io/manifest-generate-paths: .
spec:
  project: default
  source:
    repoURL: {REPO_URL}
    targetRevision: HEAD
    path: {story.folder}
  destination:
    server: https://kubernetes.default.svc
    namespace: {story.namespace}
  syncPolicy:
{automated}    syncOptions:
      - CreateNamespace=true
"""
