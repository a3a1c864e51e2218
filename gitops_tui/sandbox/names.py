"""Which names and labels are valid, in the API server's own words. Source: RFC 1123/1035 rules of apimachinery."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from gitops_tui.model.resource import Object, labels_of
from gitops_tui.sandbox.failure import Cause, invalid_value, required

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = rf"({_QUALIFIED})?"

_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    f"and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    f"and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    f"'{_LABEL_1035}')"
)
_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{_LABEL_VALUE.replace('([A', '(([A', 1).replace('?[A-Za-z0-9])?', '?[A-Za-z0-9])?')}')"
)
_KEY_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    f"'{_QUALIFIED}')"
)
_LABELS = {"namespaces"}
_LABELS_1035 = {"services"}
_PATH_SEGMENTS = {
    "roles.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
}


def check_metadata(resource: str, obj: Object) -> Iterator[Cause]:
    """What is wrong with the name and the labels."""
    name = str(obj["metadata"].get("name") or "")
    if not name:
        yield required("metadata.name", "name or generateName is required")
    else:
        yield from _check_name(resource, name)
    yield from check_labels(labels_of(obj), "metadata.labels")


def _check_name(resource: str, name: str) -> Iterator[Cause]:
    if resource in _PATH_SEGMENTS:
        if name in (".", "..") or "/" in name or "%" in name:
            yield invalid_value("metadata.name", json.dumps(name), "may not contain '/'")
        return
    pattern, text, longest = _SUBDOMAIN, _SUBDOMAIN_TEXT, 253
    if resource in _LABELS:
        pattern, text, longest = _LABEL, _LABEL_TEXT, 63
    elif resource in _LABELS_1035:
        pattern, text, longest = _LABEL_1035, _LABEL_1035_TEXT, 63
    if len(name) > longest:
        yield invalid_value("metadata.name", json.dumps(name), f"must be no more than {longest} characters")
    if not re.fullmatch(pattern, name):
        yield invalid_value("metadata.name", json.dumps(name), text)


def check_labels(labels: dict[str, str], path: str) -> Iterator[Cause]:
    for key, value in sorted(labels.items()):
        prefix, slash, last = key.rpartition("/")
        if not re.fullmatch(_QUALIFIED, last) or (slash and not re.fullmatch(_SUBDOMAIN, prefix)):
            yield invalid_value(path, json.dumps(key), _KEY_TEXT)
        if len(value) > 63:
            yield invalid_value(path, json.dumps(value), "must be no more than 63 bytes")
        if not re.fullmatch(_LABEL_VALUE, value):
            yield invalid_value(path, json.dumps(value), _VALUE_TEXT)


def check_container_name(name: str, path: str) -> Iterator[Cause]:
    if not name:
        yield required(path)
    elif not re.fullmatch(_LABEL, name):
        yield invalid_value(path, json.dumps(name), _LABEL_TEXT)
