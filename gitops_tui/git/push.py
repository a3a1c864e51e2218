"""One commit pushed to one branch, and what the remote said to it."""

from __future__ import annotations

import re

from gitops_tui.errors import PushRejected, RepositoryError
from gitops_tui.git.failure import failure
from gitops_tui.git.mirror import Mirror
from gitops_tui.git.process import NETWORK_S, Result
from gitops_tui.git.refs import HEADS
from gitops_tui.git.url import redact

_MOVED = re.compile(
    r"non-fast-forward|fetch first|stale info|needs force|already exists|cannot lock ref|failed to update ref"
    r"|incorrect old value|failed to lock",
)
_PROTECTED = re.compile(r"hook declined|protected|not permitted|prohibited|pull request|permission|not allowed", re.I)
_LINK = re.compile(r"https?://[^\s'\"<>]+")
_OPENS_REQUEST = re.compile(r"/(?:pull|pulls|pullrequest\w*|pull-requests|merge_requests|compare)(?:/|\?|$)")
_LONGEST_REASON = 200


def push_commit(mirror: Mirror, sha: str, branch: str, *, expected: str) -> str:
    """Push ``sha`` where the branch stands at ``expected`` (empty: where there is no such branch).

    The lease makes the push stricter, not stronger: ``sha`` is a child of ``expected``, so only a fast-forward can
    pass, and one from exactly there. Without it, a branch that was wound back meanwhile would get its dropped
    commits again. Answers the link that the remote printed, or ``""``; raises `PushRejected`.
    """
    ref = HEADS + branch
    options = ("--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no")
    lease = f"--force-with-lease={ref}:{expected}"
    result = mirror.runner.run("push", *options, lease, "origin", f"{sha}:{ref}", timeout_s=NETWORK_S)
    if result.status != 0:
        raise _rejection(result, branch, mirror.shown_url)
    return _link(_remote_lines(result))


def _rejection(result: Result, branch: str, url: str) -> RepositoryError:
    """Git tells the ref's fate in one line: ``! TAB from:to TAB [remote rejected] (reason)``."""
    fates = [line.split("\t") for line in result.text.splitlines() if line.startswith("!\t")]
    if not fates:
        return failure(f"cannot push to {branch}", result, url)
    fate = redact(fates[0][-1])
    said = " ".join(_remote_lines(result))[:_LONGEST_REASON]
    if _MOVED.search(fate):
        message = f"{branch} is not where it was: {fate}"
        return PushRejected(message, url=url, reason="non-fast-forward", hint="Refresh and look at the revert again.")
    if "checked out" in fate:
        message = f"the remote is a clone in which somebody has {branch} checked out"
        return PushRejected(message, url=url, reason="other", hint="Push it as a branch.")
    message = f"the remote refuses the push to {branch}: {fate}" + (f": {said}" if said else "")
    if _PROTECTED.search(fate):
        return PushRejected(message, url=url, reason="protected", hint="Push it as a branch and open a pull request.")
    return PushRejected(message, url=url, reason="other", hint="Look at what the remote says.")


def _remote_lines(result: Result) -> list[str]:
    lines = (line.strip() for line in redact(result.stderr).splitlines())
    said = (line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:"))
    return [line for line in said if line]


def _link(lines: list[str]) -> str:
    """The link to open a pull request with; else the first one; remotes also print links to their own help."""
    links = [link.rstrip(".,;)") for line in lines for link in _LINK.findall(line)]
    return next((link for link in links if _OPENS_REQUEST.search(link)), links[0] if links else "")
