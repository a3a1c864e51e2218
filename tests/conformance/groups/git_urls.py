"""Repository URLs and revisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitops_tui.git import url
from gitops_tui.model import repository
from tests.conformance.check import NoAdapter, check

GROUP = "render/git_urls"
FILE = "render/git_urls.json"
SKIP: dict[str, str] = {}

ANSWERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "normalize_git_url": lambda args: repository.normalize(args["repo"]),
    "normalize_git_url_allow_invalid": lambda args: repository.normalize_or_same(args["repo"]),
    "same_url": lambda args: repository.same_repository(args["leftRepo"], args["rightRepo"]),
    "sanitize_repo_url": lambda args: url.sanitize(args["repoURL"]),
    "is_commit_sha": lambda args: url.is_commit_sha(args["sha"]),
    "is_truncated_commit_sha": lambda args: url.is_truncated_sha(args["sha"]),
    "is_short_ref": lambda args: url.is_short_ref(args["revision"]),
    "ssh_host_with_port": lambda args: url.ssh_host(args["repoURL"]),
    "is_ssh_url": lambda args: {"ssh": repository.is_ssh(args["url"]), "user": url.ssh_user(args["url"])},
}


def skipped(case: dict[str, Any]) -> str:
    is_string_helper = case["function"].startswith(("ensure_", "remove_"))
    return "a helper of the reference for strings, not an answer about URLs" if is_string_helper else ""


def run(case: dict[str, Any]) -> None:
    answer = ANSWERS.get(case["function"])
    if answer is None:
        raise NoAdapter(case["function"])
    check(answer(case["args"]), case["expected"])
