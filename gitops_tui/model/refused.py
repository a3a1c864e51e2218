"""What the API server's authorizer refuses, in the words of a person: who may not do what, and where.

Kubernetes' own sentence (``apiserver/pkg/endpoints/handlers/responsewriters/errors.go``) stays in errors, results and
status, where programs and Argo CD look for it; faces tell this one.
"""

from __future__ import annotations

import re

_DENIED = re.compile(
    r'(?:(?P<object>\S+)(?: "(?P<name>[^"]*)")? is forbidden: )?'
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<resource>[^"]*)" in API group "(?P<group>[^"]*)"'
    r' (?:in the namespace "(?P<namespace>[^"]*)"|at the cluster scope)'
)


def plainly(message: str) -> str:
    """``viewer may not patch applications.argoproj.io "shop" in namespace argocd``; what is no such refusal stays."""
    return _DENIED.sub(_words, message)


def _words(found: re.Match[str]) -> str:
    resource, slash, subresource = found["resource"].partition("/")
    kind = f"{resource}.{found['group']}" if found["group"] else resource
    name = f' "{found["name"]}"' if found["name"] else ""
    where = f"in namespace {found['namespace']}" if found["namespace"] else "in the whole cluster"
    return f"{found['user']} may not {found['verb']} {kind}{slash}{subresource}{name} {where}"
