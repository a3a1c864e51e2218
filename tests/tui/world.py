"""A small world made by hand, the same on every run: the auth-service incident and its neighbours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from gitops_tui.model.action import Action, ActionParameter
from gitops_tui.model.application import AppKey, Application, Automated, Destination, Source, SyncPolicy
from gitops_tui.model.catalogue import Code
from gitops_tui.model.commit import Commit
from gitops_tui.model.decision import Decision, Logged
from gitops_tui.model.drift import FieldDrift, Writer
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.snapshot import (
    AppView,
    ClusterView,
    CommitView,
    EventView,
    JournalEntry,
    LogLine,
    Progress,
    ResourceDetail,
    ResourceView,
    Snapshot,
    SourceView,
    TreeNode,
    Trouble,
    TroubleKind,
)
from gitops_tui.model.status import DriftKind, Health, HealthStatus, SyncPhase, SyncStatus, WriterClass

NOW = datetime(2026, 11, 22, 2, 47, tzinfo=UTC)
URL = "https://github.com/yourorg/k8s-manifests"


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


def commit(sha: str, subject: str, author: str, when: datetime, body: str = "") -> Commit:
    email = f"{author.lower().replace(' ', '.')}@example.com"
    return Commit(
        sha=(sha * 6)[:40],
        author_name=author,
        author_email=email,
        authored_at=when,
        committer_name=author,
        committed_at=when,
        subject=subject,
        body=body,
        parents=(),
    )


RAISE_TTL = commit("3f2c1ab", "raise token ttl", "Ana", ago(hours=2))
BUMP = commit("91be07d", "chore: bump auth image to a1b2c3d", "deploy-bot", ago(days=3))
OIDC = commit("a81c220", "auth: switch to oidc", "Ben", ago(days=53))


def application(name: str, *, namespace: str = "", self_heal: bool = False, auto: bool = True) -> Application:
    return Application(
        name=name,
        namespace="argocd",
        project="default",
        sources=(Source(repo_url=URL, target_revision="main", path=f"apps/{name}"),),
        destination=Destination(server="https://kubernetes.default.svc", namespace=namespace or name.split("-")[0]),
        sync_policy=SyncPolicy(automated=Automated(self_heal=self_heal) if auto else None),
    )


def key(kind: str, name: str, namespace: str) -> ResourceKey:
    group = {"Deployment": "apps", "ReplicaSet": "apps", "Ingress": "networking.k8s.io", "Job": "batch"}.get(kind, "")
    return ResourceKey(group, kind, namespace, name)


def resource(
    kind: str,
    name: str,
    namespace: str,
    *,
    health: HealthStatus | None = HealthStatus.HEALTHY,
    sync: SyncStatus = SyncStatus.SYNCED,
    message: str = "",
    drift: tuple[FieldDrift, ...] = (),
) -> ResourceView:
    return ResourceView(
        key=key(kind, name, namespace),
        version="v1",
        sync=sync,
        health=Health(health, message) if health else None,
        drift=drift,
        file=f"apps/{namespace}/{kind.lower()}.yaml",
        line=12,
        resource_version="100",
        created_at=ago(days=40),
    )


KUBECTL_EDIT = Writer(
    manager="kubectl-edit",
    operation="Update",
    subresource="",
    time=ago(days=14, hours=12, minutes=45).isoformat(),
    klass=WriterClass.PERSON,
    is_guess=False,
)
ENV = ("spec", "template", "spec", "containers", (("name", "auth"),), "env")


def field(label: str, kind: DriftKind, live: object, target: object = None, *, ticked: bool = True) -> FieldDrift:
    name = label.removeprefix("env ")
    return FieldDrift(
        path=(*ENV, (("name", name),), "value"),
        text=f"spec.template.spec.containers[name=auth].env[name={name}].value",
        label=label,
        kind=kind,
        live=live,
        target=target,
        writer=KUBECTL_EDIT,
        ticked=ticked,
        healable=True,
        reason="",
    )


AUTH_MODE = field("env AUTH_MODE", DriftKind.TARGET, "legacy", "oidc")
DEBUG = field("env DEBUG", DriftKind.FOREIGN, "1")
AUTH_DEPLOYMENT = key("Deployment", "auth-service", "auth")


SELF_HEAL_OFF = Decision(Code.SELF_HEAL_OFF, {"revision": RAISE_TTL.sha})
AUTH_WHY = (
    Decision(Code.OUT_OF_SYNC, {"count": 1, "total": 4}),
    Decision(Code.DIFFERS, {"fields": ("env AUTH_MODE",), "writer": "kubectl-edit"}, (AUTH_DEPLOYMENT,)),
    SELF_HEAL_OFF,
    Decision(Code.NEXT_POLL, {"repository": URL}, next_at=NOW + timedelta(seconds=41)),
    Decision(
        Code.IGNORED,
        {"fields": ("replicas",), "rule": "jsonPointers: /spec/replicas", "source": "the Application"},
        (AUTH_DEPLOYMENT,),
    ),
    Decision(
        Code.FIELD,
        {"fields": (AUTH_MODE.text,), "git": "oidc", "live": "legacy", "writer": "kubectl-edit"},
        (AUTH_DEPLOYMENT,),
        since=ago(days=14),
    ),
)


def auth_service() -> AppView:
    """Edited by hand two weeks ago: one variable changed, one added, and nobody put it back."""
    return AppView(
        uid="uid-auth",
        app=application("auth-service"),
        cluster="prod-eu",
        sync=SyncStatus.OUT_OF_SYNC,
        health=Health(HealthStatus.HEALTHY, ""),
        trouble=Trouble(TroubleKind.DRIFTED, "env AUTH_MODE, env DEBUG · kubectl-edit", ago(days=14)),
        revision=RAISE_TTL.sha,
        commit=RAISE_TTL,
        deployed_revision=RAISE_TTL.sha,
        resources=(
            resource("ConfigMap", "auth", "auth", health=None),
            resource("Deployment", "auth-service", "auth", sync=SyncStatus.OUT_OF_SYNC, drift=(AUTH_MODE, DEBUG)),
            resource("Ingress", "auth", "auth"),
            resource("Service", "auth-service", "auth"),
        ),
        why=AUTH_WHY,
        log=(
            Logged(SELF_HEAL_OFF, ago(minutes=34), ago(minutes=4), 12),
            Logged(Decision(Code.STARTED, {"revision": RAISE_TTL.sha}), ago(minutes=35), ago(minutes=35)),
        ),
        compared_at=ago(seconds=4),
    )


def billing() -> AppView:
    """Degraded by a crash loop for four minutes."""
    what = "crash loop, 6 restarts"
    return AppView(
        uid="uid-billing",
        app=application("billing", self_heal=True),
        cluster="prod-eu",
        sync=SyncStatus.SYNCED,
        health=Health(HealthStatus.DEGRADED, what),
        trouble=Trouble(TroubleKind.DEGRADED, what, ago(minutes=4)),
        revision=BUMP.sha,
        commit=BUMP,
        deployed_revision=BUMP.sha,
        resources=(
            resource(
                "Deployment",
                "billing",
                "billing",
                health=HealthStatus.DEGRADED,
                message="Deployment billing exceeded its progress deadline: pod billing-6b9f-x2x1z CrashLoopBackOff",
            ),
            resource("Service", "billing", "billing"),
        ),
    )


def api_service() -> AppView:
    """In the middle of a sync: wave 1 waits for its Deployment."""
    return AppView(
        uid="uid-api",
        app=application("api-service", namespace="production", self_heal=True),
        cluster="prod-eu",
        sync=SyncStatus.OUT_OF_SYNC,
        health=Health(HealthStatus.PROGRESSING, ""),
        trouble=Trouble(TroubleKind.SYNCING, "wave 1: Deployment/api 1 of 3", ago(seconds=41)),
        revision=RAISE_TTL.sha,
        commit=RAISE_TTL,
        deployed_revision=BUMP.sha,
        progress=Progress(
            phase=SyncPhase.SYNC,
            wave=1,
            wave_number=2,
            waves=5,
            done=7,
            total=12,
            running=((key("Deployment", "api", "production"), "1 of 3 updated"),),
            since=ago(seconds=41),
        ),
        resources=(
            resource("Deployment", "api", "production", health=HealthStatus.PROGRESSING, message="1 of 3 updated"),
            resource("Job", "migrate", "production"),
            resource("Service", "api", "production"),
        ),
    )


def checkout() -> AppView:
    """A new commit that nobody synced."""
    return AppView(
        uid="uid-checkout",
        app=application("checkout", auto=False),
        cluster="prod-eu",
        sync=SyncStatus.OUT_OF_SYNC,
        health=Health(HealthStatus.HEALTHY, ""),
        trouble=Trouble(TroubleKind.OUT_OF_SYNC, "1 commit behind: 3f2c1ab raise token ttl", ago(hours=2)),
        revision=RAISE_TTL.sha,
        commit=RAISE_TTL,
        deployed_revision=BUMP.sha,
        resources=(
            resource("Deployment", "checkout", "checkout", sync=SyncStatus.OUT_OF_SYNC),
            replace(
                resource("ConfigMap", "old-flags", "checkout", health=None),
                requires_pruning=True,
                sync=SyncStatus.OUT_OF_SYNC,
            ),
        ),
    )


def healthy(name: str, number: int = 0) -> AppView:
    return AppView(
        uid=f"uid-{name}",
        app=application(name),
        cluster="prod-eu",
        sync=SyncStatus.SYNCED,
        health=Health(HealthStatus.HEALTHY, ""),
        revision=BUMP.sha,
        commit=replace(BUMP, committed_at=ago(hours=3 + number)),
        deployed_revision=BUMP.sha,
        resources=(resource("Deployment", name, name), resource("Service", name, name)),
    )


HEALTHY = ("gateway", "search", "mailer", "inventory", "catalog", "frontend", "reports", "sessions")


def snapshot(*apps: AppView, number: int = 1) -> Snapshot:
    """The world as the cockpit first sees it; with ``apps``, exactly those."""
    made = apps or (
        auth_service(),
        billing(),
        api_service(),
        checkout(),
        *(healthy(n, i) for i, n in enumerate(HEALTHY)),
    )
    return Snapshot(
        number=number,
        at=NOW,
        cluster=ClusterView(
            name="prod-eu",
            context="prod-eu",
            server="https://10.0.0.1:6443",
            user="ana",
            version="v1.37.0",
            last_contact=NOW,
            latency_s=0.012,
            is_production=True,
        ),
        apps=tuple(made),
        sources=(SourceView(URL, fetched_at=ago(seconds=38)),),
        journal=(
            JournalEntry(ago(minutes=6), AppKey("argocd", "api-service"), "synced to 3f2c1ab by deploy-bot"),
            JournalEntry(ago(minutes=35), AppKey("argocd", "auth-service"), "drift seen (kubectl-edit)", "drift"),
        ),
    )


def stale(made: Snapshot) -> Snapshot:
    return replace(made, cluster=replace(made.cluster, stale_since=ago(minutes=4), is_reachable=False))


def deployment(mode: str, *, debug: bool) -> Object:
    env = [{"name": "TOKEN_TTL", "value": "3600"}, {"name": "AUTH_MODE", "value": mode}]
    if debug:
        env.append({"name": "DEBUG", "value": "1"})
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "auth-service", "namespace": "auth", "labels": {"app": "auth-service"}},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "auth-service"}},
            "template": {
                "metadata": {"labels": {"app": "auth-service"}},
                "spec": {
                    "containers": [
                        {
                            "name": "auth",
                            "image": "registry.example.com/auth:a1b2c3d",
                            "env": env,
                            "ports": [{"containerPort": 8080, "name": "http"}],
                        }
                    ]
                },
            },
        },
    }


def detail(app: AppKey, of: ResourceKey) -> ResourceDetail:
    drifted = of == AUTH_DEPLOYMENT
    return ResourceDetail(
        app=app,
        key=of,
        target=deployment("oidc", debug=False),
        live=deployment("legacy" if drifted else "oidc", debug=drifted),
        predicted=deployment("oidc", debug=False),
        compared=deployment("legacy" if drifted else "oidc", debug=drifted),
        drift=(AUTH_MODE, DEBUG) if drifted else (),
        file="apps/auth-service/deployment.yaml",
        line=12,
        file_commit=OIDC,
    )


COMMITS = (
    CommitView(RAISE_TTL, ("deployed", "drifted")),
    CommitView(BUMP),
    CommitView(commit("5d0e9aa", "auth: readiness probe", "Ana", ago(days=9))),
    CommitView(OIDC),
)


def tree() -> tuple[TreeNode, ...]:
    ok, bad = Health(HealthStatus.HEALTHY, ""), Health(HealthStatus.DEGRADED, "")
    pods = tuple(
        TreeNode(
            key("Pod", f"auth-service-7d9c6f5b8-{name}", "auth"),
            health,
            None,
            status,
            ago(days=14),
            containers=("auth",),
        )
        for name, health, status in (
            ("k2x4p", ok, "1/1 running"),
            ("m8s2c", ok, "1/1 running"),
            ("zz7qd", bad, "CrashLoopBackOff, 6 restarts"),
        )
    )
    replica_set = TreeNode(
        key("ReplicaSet", "auth-service-7d9c6f5b8", "auth"), ok, None, "3/3 ready", ago(days=14), (), pods
    )
    return (
        TreeNode(AUTH_DEPLOYMENT, ok, SyncStatus.OUT_OF_SYNC, "3/3 ready", ago(days=40), (), (replica_set,)),
        TreeNode(key("Service", "auth-service", "auth"), ok, SyncStatus.SYNCED, "", ago(days=40)),
        TreeNode(key("ConfigMap", "auth", "auth"), None, SyncStatus.SYNCED, "", ago(days=40)),
    )


def events() -> tuple[EventView, ...]:
    pod = key("Pod", "auth-service-7d9c6f5b8-zz7qd", "auth")
    return (
        EventView(ago(minutes=1), "Warning", "BackOff", "Back-off restarting failed container auth", pod, 6, "kubelet"),
        EventView(
            ago(minutes=9), "Normal", "Pulled", 'Container image "auth:a1b2c3d" already present', pod, 1, "kubelet"
        ),
    )


ACTIONS = (
    Action("restart"),
    Action("pause"),
    Action("resume", disabled=True, reason="it is not paused"),
    Action("scale", parameters=(ActionParameter("replicas", "3"),)),
)

LOG = tuple(
    LogLine(f"auth-service-7d9c6f5b8-{pod}", "auth", f'level=info msg="login ok" user=u{number} mode=legacy')
    for number in range(30)
    for pod in ("k2x4p", "m8s2c")
)
