"""What the doctor asks the cluster: who, what may be done, what is installed, which Applications there are."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from gitops_tui.cli.doctor import Finding, Question, State, ask_all
from gitops_tui.cli.examine_system import examine_argocd_cm
from gitops_tui.cli.examine_webhooks import webhook_secrets
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.discovery import Discovery
from gitops_tui.cluster.schema import SchemaCache
from gitops_tui.config import Settings
from gitops_tui.errors import ApiError, GitOpsError, InvalidSpecError, NotFound
from gitops_tui.model.application import Application, parse_application
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object

OLDEST = (1, 27)
KINDS = (
    ("", "namespaces"), ("", "pods"), ("", "services"), ("", "configmaps"), ("", "secrets"),
    ("", "serviceaccounts"), ("", "persistentvolumeclaims"), ("apps", "deployments"), ("apps", "statefulsets"),
    ("apps", "daemonsets"), ("apps", "replicasets"), ("batch", "jobs"), ("batch", "cronjobs"),
    ("networking.k8s.io", "ingresses"),
)  # fmt: skip
"""What nearly every Application has; more is asked of the server when it is needed."""
STATE_KINDS = (("", "configmaps"), ("coordination.k8s.io", "leases"))
PARALLEL = 8
VERBS = {
    "list": "these kinds are shown as restricted",
    "watch": "changes of these kinds are not seen",
    "patch": "these kinds cannot be synced, healed or held",
}


@dataclass
class Patient:
    """What the questions share once a connection is there."""

    options: GlobalOptions
    settings: Settings
    reader: Reader
    applications: list[Application] = field(default_factory=list)


def examine_cluster(
    options: GlobalOptions, settings: Settings, timeout_s: float
) -> tuple[list[Finding], list[Application]]:
    """The findings, and the Applications that were found on the way."""
    readers: list[Reader] = []
    found = ask_all([("Cluster", "connection", lambda: _connect(options, readers))], timeout_s)
    from_files: list[Application] = []
    if not readers or any(one.state is State.BAD for one in found):
        found += ask_all(_from_places(options, from_files), timeout_s)
        return found, from_files
    patient = Patient(options, settings, readers[0])
    questions: list[tuple[str, str, Question]] = [
        ("Cluster", "user", lambda: _user(patient)),
        ("Cluster", "permissions", lambda: _permissions(patient)),
        ("Cluster", "Application kind", lambda: _kind(patient)),
        ("Cluster", "Argo CD", lambda: _argocd(patient)),
        ("Cluster", "argocd-cm", lambda: examine_argocd_cm(patient.reader, options.namespace)),
        ("Cluster", "schemas", lambda: _schemas(patient)),
        ("Cluster", "webhook secrets", lambda: webhook_secrets(patient.reader, settings, options.namespace)),
        *_from_places(options, from_files),
    ]
    found += ask_all(questions, timeout_s)
    if not options.apps:
        found += ask_all([("Applications", "cluster", lambda: _in_cluster(patient))], timeout_s)
    return found, from_files + patient.applications


def _connect(options: GlobalOptions, readers: list[Reader]) -> list[Finding]:
    """Kubeconfig, context, server, version: each needs the one before."""
    connection = Connection.open(options.kubeconfig or None, options.context or None)
    where = options.kubeconfig or os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    found = [
        Finding("Cluster", "kubeconfig", State.GOOD, where),
        Finding("Cluster", "context", State.GOOD, f"{connection.context} (user {connection.user_name or '-'})"),
    ]
    reader = Reader(connection)
    start = time.monotonic()
    try:
        version = str(reader.version().get("gitVersion") or "")
    except GitOpsError as error:
        return [*found, Finding("Cluster", "server", State.BAD, str(error), error.hint or _REACH)]
    elapsed = (time.monotonic() - start) * 1000
    readers.append(reader)
    number = re.match(r"v?(\d+)\.(\d+)", version)
    is_new = number is not None and (int(number[1]), int(number[2])) >= OLDEST
    hint = "" if is_new else f"Kubernetes {OLDEST[0]}.{OLDEST[1]} is the oldest that is tried."
    state = State.GOOD if is_new else State.WARNING
    return [
        *found,
        Finding("Cluster", "server", State.GOOD, f"{connection.server} answers in {elapsed:.0f} ms"),
        Finding("Cluster", "version", state, version, hint),
    ]


_REACH = "Check the network and the kubeconfig, or choose another --context."


def _user(patient: Patient) -> list[Finding]:
    try:
        return [Finding("Cluster", "user", State.GOOD, patient.reader.whoami())]
    except ApiError as error:
        hint = "Kubernetes before 1.28 does not tell; holds then name only the local user."
        return [Finding("Cluster", "user", State.WARNING, f"the API server does not say: {error}", hint)]


def _permissions(patient: Patient) -> list[Finding]:
    found = [_verb(patient.reader, verb, cost) for verb, cost in VERBS.items()]
    return [*found, _state(patient)]


def _verb(reader: Reader, verb: str, cost: str) -> Finding:
    if reader.can(verb, "*", "*"):
        return Finding("Cluster", f"may {verb}", State.GOOD, "everything")
    with ThreadPoolExecutor(PARALLEL) as pool:
        allowed = list(pool.map(lambda kind: reader.can(verb, *kind), KINDS))
    denied = [plural for (_, plural), is_allowed in zip(KINDS, allowed, strict=True) if not is_allowed]
    if not denied:
        return Finding("Cluster", f"may {verb}", State.GOOD, "the usual kinds in all namespaces")
    what = "nothing in all namespaces" if len(denied) == len(KINDS) else f"not {', '.join(denied)}"
    hint = f"Ask for a role that may {verb} them; until then {cost}, unless a namespace's own role allows it."
    return Finding("Cluster", f"may {verb}", State.WARNING, what, hint)


def _state(patient: Patient) -> Finding:
    """Operation state, holds and leases are kept in one namespace."""
    namespace, reader = patient.options.namespace, patient.reader
    wanted = [(verb, *kind) for kind in STATE_KINDS for verb in ("create", "patch")]
    denied = [f"{verb} {plural}" for verb, group, plural in wanted if not reader.can(verb, group, plural, namespace)]
    if denied:
        hint = "Ask for a role there, or name another namespace with -n; without it nothing can be synced or held."
        text = f"in {namespace} not allowed: {', '.join(denied)}"
        return Finding("Cluster", "may keep state", State.WARNING, text, hint)
    if not _is_there(patient.reader, namespace):
        text, hint = f"there is no namespace {namespace}", "Create it, or name another with -n: writing needs it."
        return Finding("Cluster", "may keep state", State.WARNING, text, hint)
    return Finding("Cluster", "may keep state", State.GOOD, f"in {namespace}")


def _is_there(reader: Reader, namespace: str) -> bool:
    """Where a namespace may not be read it is taken to be there."""
    try:
        reader.raw_json(f"/api/v1/namespaces/{namespace}")
    except NotFound:
        return False
    except ApiError:
        return True
    return True


def _kind(patient: Patient) -> list[Finding]:
    resource = Discovery(patient.reader).find("argoproj.io", "Application")
    if resource is not None:
        return [Finding("Cluster", "Application kind", State.GOOD, f"installed ({resource.api_version})")]
    if patient.options.apps:
        text = "not installed: state is kept in ConfigMaps, Applications come from --apps"
        return [Finding("Cluster", "Application kind", State.MISSING, text)]
    hint = "Install Argo CD's CustomResourceDefinitions, or name Applications with --apps."
    return [Finding("Cluster", "Application kind", State.WARNING, "not installed", hint)]


def _argocd(patient: Patient) -> list[Finding]:
    """An Argo CD controller that lives reconciles: then this program only observes."""
    from gitops_tui.engine.argocd import CONTROLLER, controller_lease, controller_workload

    selector = f"app.kubernetes.io/name={CONTROLLER}"
    workloads: list[Object] = []
    for path in ("/apis/apps/v1/statefulsets", "/apis/apps/v1/deployments"):
        workloads += patient.reader.connection.json("GET", path, query={"labelSelector": selector}).get("items") or ()
    leases = patient.reader.raw_json(f"/apis/coordination.k8s.io/v1/namespaces/{patient.options.namespace}/leases")
    alive = controller_workload(workloads) or controller_lease(leases.get("items") or (), datetime.now(UTC))
    if alive:
        return [
            Finding("Cluster", "Argo CD", State.GOOD, f"its controller is alive ({alive}): it reconciles, we do not")
        ]
    return [Finding("Cluster", "Argo CD", State.GOOD, "no controller of it is alive here")]


def _schemas(patient: Patient) -> list[Finding]:
    cache = SchemaCache(patient.reader, patient.settings.schema_cache)
    if cache.for_kind("apps/v1", "Deployment") is None:
        hint = "Ask for access to /openapi/v3: without it lists of containers and ports are merged by guessing."
        return [Finding("Cluster", "schemas", State.WARNING, "the API server publishes no types", hint)]
    count = sum(1 for one in patient.settings.schema_cache.rglob("*") if one.is_file())
    return [Finding("Cluster", "schemas", State.GOOD, f"published; {count} documents are cached")]


def _in_cluster(patient: Patient) -> list[Finding]:
    """Reads the Applications of the cluster into ``patient.applications``."""
    options, area = patient.options, "Applications"
    resource = Discovery(patient.reader).find("argoproj.io", "Application")
    if resource is None:
        hint = "Name files, a folder or a Git path with --apps."
        return [Finding(area, "cluster", State.WARNING, "none: the kind is not installed", hint)]
    namespace = "" if options.all_namespaces else options.namespace
    found: list[Finding] = []
    for obj in patient.reader.list(resource, namespace=namespace).items:
        try:
            patient.applications.append(parse_application(obj, origin=Origin(in_cluster=True)))
        except InvalidSpecError as error:
            name = str((obj.get("metadata") or {}).get("name"))
            found.append(Finding(area, name, State.BAD, str(error), error.hint))
    where = f"in namespace {namespace}" if namespace else "in all namespaces"
    hint = "" if patient.applications else "Look in all with -A, or name files with --apps."
    state = State.GOOD if patient.applications else State.WARNING
    return [Finding(area, "cluster", state, f"{len(patient.applications)} {where}", hint), *found]


def _from_places(options: GlobalOptions, into: list[Application]) -> Sequence[tuple[str, str, Question]]:
    """A question for each ``--apps``; what it finds goes ``into``. A Git path is asked as a repository instead."""
    from gitops_tui.engine.feed import FileFeed, parse_git_path

    def read(text: str) -> list[Finding]:
        loaded = FileFeed(Path(text).expanduser(), namespace=options.namespace).load()
        into.extend(loaded.applications)
        problems = [
            Finding("Applications", "file", State.BAD, one.message if one.where in one.message
                    else f"{one.where}: {one.message}", one.hint)
            for one in loaded.problems
        ]  # fmt: skip
        count = len(loaded.applications)
        return [Finding("Applications", "files", State.GOOD, f"{count} in {text}"), *problems] if count else problems

    return [("Applications", "files", partial(read, text)) for text in options.apps if parse_git_path(text) is None]
