"""The applications of the demo and what happened to them. Ages are counted from the moment the world is built."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from gitops_tui.sandbox.world.story import ANA, BEN, BOT, CHIDI, DITA, Author, Edit, Step, Story

EDITED_BY_HAND_AGO = timedelta(days=14, hours=1, minutes=22)


def _days(days: float) -> timedelta:
    """About that many days: people do not commit on the hour."""
    seconds = round(days * 86400)
    return timedelta(seconds=seconds - seconds * 7919 % 3541)


def _bump(name: str, days: float, version: str, by: str = "") -> Step:
    return Step(_days(days), BOT, f"deploy({name}): {version}", {"version": version}, deployed_by=by)


def _bumps(name: str, versions: Iterable[tuple[float, str]], by: str = "") -> tuple[Step, ...]:
    return tuple(_bump(name, days, version, by) for days, version in versions)


def _first(name: str, days: float, author: Author, **values: str) -> Step:
    return Step(_days(days), author, f"{name}: first version", values)


AUTH_SERVICE = Story(
    "auth-service",
    "auth",
    (
        _first("auth-service", 78.2, ANA, version="2.0.0", auth_mode="legacy", token_ttl="3600"),
        _bump("auth-service", 70.3, "2.1.0"),
        Step(
            _days(55.1),
            BEN,
            "auth-service: log in through OIDC\n\nThe old login stays in the code until everybody has moved.",
            {"auth_mode": "oidc"},
        ),
        *_bumps("auth-service", [(41.4, "2.2.0"), (27.2, "2.3.0"), (19.3, "2.3.1")]),
        Step(
            _days(16.2),
            ANA,
            "auth-service: raise token ttl\n\nPeople were logged out at lunch.",
            {"token_ttl": "43200"},
        ),
    ),
    sync="OutOfSync",
    edits=(
        Edit(
            EDITED_BY_HAND_AGO,
            "kubectl-edit",
            "deployments.apps",
            "auth-service",
            {
                "spec": {
                    "template": {
                        "spec": {
                            "containers": [
                                {
                                    "name": "auth",
                                    "env": [{"name": "AUTH_MODE", "value": "legacy"}, {"name": "DEBUG", "value": "1"}],
                                }
                            ]
                        }
                    }
                }
            },
        ),
    ),
)
"""The incident: somebody tried something two weeks ago and never put it back. The image is the one in Git."""

BILLING = Story(
    "billing",
    "billing",
    (
        _first("billing", 74.5, CHIDI, version="2.6.0", vat="19"),
        *_bumps("billing", [(51.2, "2.7.0"), (33.6, "2.8.0"), (12.4, "2.9.0")]),
        Step(
            timedelta(minutes=47),
            DITA,
            "billing: hot fix for the rounding of refunds",
            {"version": "2.9.1-does-not-exist"},
            deployed_after=timedelta(minutes=2),
        ),
    ),
    rollout="stuck",
    health="Degraded",
)
"""Degraded: the image of the hot fix was never pushed."""

API_SERVICE = Story(
    "api-service",
    "api",
    (
        _first("api-service", 76.1, BEN, version="1.2.0", memory="192Mi"),
        *_bumps("api-service", [(48.7, "1.3.0"), (21.3, "1.4.0")]),
        Step(_days(9.2), CHIDI, "api-service: more memory for exports", {"memory": "256Mi"}),
        _bump("api-service", 4.1, "1.4.1"),
        Step(
            timedelta(minutes=2, seconds=10),
            BOT,
            "deploy(api-service): 1.4.2",
            {"version": "1.4.2"},
            deployed_after=timedelta(minutes=1),
        ),
    ),
    rollout="rolling",
    health="Progressing",
)
"""Rolling out right now."""

GATEWAY = Story(
    "gateway",
    "gateway",
    (
        _first("gateway", 77.4, BEN, version="3.30.0", timeout="30s"),
        _bump("gateway", 44.3, "3.31.2"),
        Step(_days(30.2), ANA, "gateway: give slow exports a minute", {"timeout": "60s"}),
        _bump("gateway", 8.3, "3.32.0"),
    ),
)
"""In sync; its HorizontalPodAutoscaler runs four replicas where Git names no number."""

WEB_FRONTEND = Story(
    "web-frontend",
    "web",
    (
        _first("web-frontend", 75.3, DITA, version="5.0.0"),
        *_bumps("web-frontend", [(35.5, "5.1.0"), (20.4, "5.1.3"), (6.2, "5.2.0")], by="dita"),
        Step(
            timedelta(minutes=35),
            BOT,
            "deploy(web-frontend): 5.3.0",
            {"version": "5.3.0"},
            deployed_after=None,
        ),
    ),
    automated=False,
    sync="OutOfSync",
)
"""OutOfSync: a new commit that nobody has synced; this one is synced by hand."""

ORDERS = Story(
    "orders",
    "orders",
    (
        _first("orders", 73.2, CHIDI, version="1.5.0", schema="41"),
        _bump("orders", 46.6, "1.6.0"),
        Step(
            _days(17.3),
            CHIDI,
            "orders: split the address\n\nMigration 42 runs in wave -1, before the new version starts.",
            {"schema": "42", "version": "1.7.0"},
        ),
        _bump("orders", 5.2, "1.7.1"),
    ),
    prune=True,
)
"""In sync; hooks before and after, and a migration in wave -1."""

INVENTORY = Story(
    "inventory",
    "inventory",
    (
        _first("inventory", 69.4, DITA, version="0.9.0"),
        *_bumps("inventory", [(38.2, "0.10.0"), (11.3, "0.10.1"), (3.2, "0.11.0")]),
    ),
    self_heal=True,
    prune=True,
)
"""In sync, with self-heal on."""

USER_DB = Story(
    "user-db",
    "data",
    (
        _first("user-db", 80.2, ANA, version="16.3"),
        Step(_days(29.4), ANA, "user-db: PostgreSQL 16.4", {"version": "16.4"}, deployed_by="ana"),
    ),
    automated=False,
)

NOTIFICATIONS = Story(
    "notifications",
    "notifications",
    (
        _first("notifications", 67.3, DITA, version="1.0.0", channels="mail,sms"),
        *_bumps("notifications", [(40.4, "1.1.0"), (15.3, "1.2.0")]),
        Step(
            _days(2.3),
            DITA,
            "notifications: send text messages ourselves\n\nThe relay is not needed any more.",
            {"channels": "mail,sms,push"},
            drops=("sms-relay.yaml",),
        ),
    ),
    sync="OutOfSync",
)
"""OutOfSync: what Git dropped is still there, because this application does not prune by itself."""

SEARCH = Story(
    "search",
    "search",
    (
        _first("search", 66.2, CHIDI, version="4.4.0"),
        *_bumps("search", [(37.6, "4.5.0"), (22.3, "4.6.0"), (7.4, "4.6.1")]),
    ),
)

DOCS = Story(
    "docs",
    "docs",
    (
        _first("docs", 60.3, DITA, version="2024.1"),
        *_bumps("docs", [(25.5, "2024.2"), (10.3, "2024.3")]),
    ),
    self_heal=True,
    prune=True,
)

STORIES = (
    API_SERVICE,
    AUTH_SERVICE,
    BILLING,
    DOCS,
    GATEWAY,
    INVENTORY,
    NOTIFICATIONS,
    ORDERS,
    SEARCH,
    USER_DB,
    WEB_FRONTEND,
)
