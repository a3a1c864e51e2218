"""What becomes of a container, told by its image and command, and how the kubelet words it."""

from __future__ import annotations

import re

from gitops_tui.model.resource import Object, annotations_of

DURATION = "sandbox.gitops-tui.dev/duration"
"""On a pod (template): how long it takes to be ready, or a Job's pod to end, such as ``5s``, ``1m30s``, ``200ms``."""

OK, NO_IMAGE, CRASH = "ok", "no-image", "crash"
_MISSING = ("does-not-exist", "nonexistent", "missing")
_NOWHERE = "registry.invalid/"
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_EXIT_1 = re.compile(r"\bexit 1\b")


def duration_of(pod: Object) -> float | None:
    """The seconds of the annotation `DURATION`; None where there is none that can be read."""
    text = annotations_of(pod).get(DURATION, "")
    found = _PART.findall(text)
    if not found or "".join(f"{number}{unit}" for number, unit in found) != text:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in found)


def fate_of(container: Object) -> str:
    """`OK`, `NO_IMAGE` (it cannot be pulled) or `CRASH` (it ends with status 1)."""
    image = str(container.get("image") or "")
    if image.startswith(_NOWHERE) or any(word in image for word in _MISSING):
        return NO_IMAGE
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    is_told = any(one.get("name") == "CRASH" and one.get("value") == "1" for one in container.get("env") or ())
    if is_told or _EXIT_1.search(" ".join(words)) or (words and words[-1] in ("false", "/bin/false")):
        return CRASH
    return OK


def reference(image: str) -> str:
    """The image in full: ``nginx`` is ``docker.io/library/nginx:latest``."""
    first, slash, _ = image.partition("/")
    if not slash:
        image = f"docker.io/library/{image}"
    elif "." not in first and ":" not in first and first != "localhost":
        image = f"docker.io/{image}"
    is_exact = "@" in image or ":" in image.rpartition("/")[2]
    return image if is_exact else f"{image}:latest"


def pull_error(image: str) -> str:
    """What containerd says of an image that is not there."""
    full = reference(image)
    if image.startswith(_NOWHERE):
        host = _NOWHERE.rstrip("/")
        why = f'failed to do request: Head "https://{host}/": dial tcp: lookup {host}: no such host'
        return f'failed to pull and unpack image "{full}": failed to resolve reference "{full}": {why}'
    code = "rpc error: code = NotFound desc = "
    return f'{code}failed to pull and unpack image "{full}": failed to resolve reference "{full}": {full}: not found'


def back_off_s(failures: int, first_s: float = 10.0) -> float:
    """Ten seconds, doubled with each failure, five minutes at most."""
    return float(min(300.0, first_s * 2 ** max(0, failures - 1)))


def spoken(seconds: float) -> str:
    """As Go prints a duration: ``10s``, ``1m20s``, ``5m0s``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
