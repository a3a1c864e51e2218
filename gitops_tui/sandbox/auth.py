"""Who asks, and what they may: bearer tokens and three fixed roles, with the API server's words when it says no.

``admin`` may everything; ``engineer`` what the ClusterRole ``admin`` may in every namespace, and read the rest;
``viewer`` reads everything but Secrets. RBAC objects are stored and shown, not evaluated.
"""

from __future__ import annotations

import hmac

from msgspec import Struct

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.failure import forbidden, unauthorized

READ = ("get", "list", "watch")
_QUESTIONS = {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}
_ADMIN_ONLY = {"resourcequotas", "limitranges", "namespaces", "endpoints", "endpointslices"}


class User(Struct, frozen=True):
    name: str
    groups: tuple[str, ...]


ADMIN = User("admin", ("system:masters", "system:authenticated"))
ENGINEER = User("engineer", ("engineers", "system:authenticated"))
VIEWER = User("viewer", ("viewers", "system:authenticated"))
ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
USERS = {user.name: user for user in (ADMIN, ENGINEER, VIEWER)}


class Attributes(Struct, frozen=True):
    """What is asked for. ``resource`` is the plural, ``name`` may be empty; ``namespace`` "" is the cluster scope."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    is_namespaced: bool = True


class Authenticator:
    """Tokens to users."""

    def __init__(self, tokens: dict[str, str]) -> None:
        """``tokens`` are by user name."""
        self._tokens = tokens

    def user(self, authorization: str) -> User:
        """Raises `Unauthorized` for a wrong token; no token at all is anonymous."""
        if not authorization:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        for name, known in self._tokens.items():
            if scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), known.encode()):
                return USERS[name]
        raise unauthorized()


def is_allowed(user: User, asked: Attributes) -> bool:
    if user is ADMIN or (asked.resource in _QUESTIONS and user is not ANONYMOUS):
        return True
    if user is ENGINEER:
        return asked.verb in READ or (asked.is_namespaced and _is_engineers(asked))
    if user is VIEWER:
        return asked.verb in READ and not (asked.group in ("", "*") and asked.resource in ("secrets", "*"))
    return False


def _is_engineers(asked: Attributes) -> bool:
    return asked.resource not in _ADMIN_ONLY and asked.resource != "*" and asked.verb != "*"


def require(user: User, asked: Attributes) -> None:
    """Raises `Forbidden` in the API server's words."""
    if is_allowed(user, asked):
        return
    full = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    what = f"{asked.resource}/{asked.subresource}" if asked.subresource else asked.resource
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    raise forbidden(
        full,
        asked.name,
        f'User "{user.name}" cannot {asked.verb} resource "{what}" in API group "{asked.group}" {where}',
    )


def answer_question(user: User, kind: str, question: Object) -> Object:
    """The filled-in SelfSubjectAccessReview, SelfSubjectRulesReview or SelfSubjectReview."""
    answer = {**question, "kind": kind, "metadata": {}}
    if kind == "SelfSubjectReview":
        info = {"username": user.name, "uid": user.name, "groups": list(user.groups)}
        return {**answer, "status": {"userInfo": info}}
    spec = question.get("spec") or {}
    if kind == "SelfSubjectRulesReview":
        return {**answer, "spec": {}, "status": _rules(user)}
    return {**answer, "status": _access(user, spec)}


def _access(user: User, spec: Object) -> Object:
    asked = spec.get("resourceAttributes")
    if asked is None:
        return {"allowed": user is not ANONYMOUS}
    allowed = is_allowed(
        user,
        Attributes(
            verb=asked.get("verb", ""),
            group=asked.get("group", ""),
            resource=asked.get("resource", ""),
            subresource=asked.get("subresource", ""),
            namespace=asked.get("namespace", ""),
            name=asked.get("name", ""),
            is_namespaced=bool(asked.get("namespace")),
        ),
    )
    return {"allowed": True, "reason": f"the sandbox's role {user.name}"} if allowed else {"allowed": False}


def _rules(user: User) -> Object:
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    reading = {"verbs": list(READ), "apiGroups": ["*"], "resources": ["*"]}
    rules = [everything] if user is ADMIN else [reading]
    return {
        "resourceRules": rules,
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["*"]}],
        "incomplete": user is not ADMIN,
    }
