"""URLs: which are the same, what may be shown of one, and under which name it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_tui.errors import AuthRequired
from gitops_tui.git.failure import failure, is_corruption
from gitops_tui.git.process import Result
from gitops_tui.git.url import (
    cache_key,
    is_commit_sha,
    is_truncated_sha,
    redact,
    sanitize,
    ssh_host,
    ssh_user,
)
from gitops_tui.model.repository import is_ssh, normalize, same_repository


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://GITHUB.com/argoproj/Test.git", "https://github.com/argoproj/test"),
        ("git@GITHUB.com:argoproj/test.git", "git@github.com/argoproj/test"),
        ("ssh://git@github.com/test", "git@github.com/test"),
        ("https://github.com:4443/TEST", "https://github.com:4443/test"),
        ("https://github.com/with space", "https://github.com/with%20space"),
        ("http://192.168.0.%31/", ""),
        ("https://host/a%zz", ""),
        ("https://host/a?ref=%zz", "https://host/a?ref=%zz"),
        ("https://host/a%2fb", "https://host/a%2fb"),
        ("https://host/{a,b}/*", "https://host/%7Ba,b%7D/%2A"),
        ("https://{a,b}.host/*", ""),
        ("https://host/a#", "https://host/a"),
        ("https://host/a#[b c]", "https://host/a#%5Bb%20c%5D"),
        ("https://a%2fb:c!@host/a", "https://a%2Fb:c%21@host/a"),
        ("https://bücher.example/a", "https://b%C3%BCcher.example/a"),
        ("https://[::1]:8443/A", "https://[::1]:8443/a"),
        ("https://host:x/a", ""),
    ],
)
def test_normal_forms(url: str, normal: str) -> None:
    assert normalize(url) == normal


def test_the_same_repository() -> None:
    assert same_repository("git@github.com:a/b.git", "ssh://git@github.com/A/B")
    assert not same_repository("git@github.com:a/b", "https://github.com/a/b")
    assert not same_repository("", "")


def test_ssh() -> None:
    assert is_ssh("git@host:a") and is_ssh("ssh://git@host/a") and not is_ssh("https://git@host/a")
    assert (ssh_user("git@host:a"), ssh_user("https://host/a")) == ("git", "")
    assert (ssh_host("git@host:a"), ssh_host("ssh://git@host:2222/a")) == ("host:22", "host:2222")
    assert (ssh_host("ssh://git@[::1]:2222/a"), ssh_host("ssh://git@[fe80::2]/a")) == ("[::1]:2222", "[fe80::2]:22")


def test_what_looks_like_a_sha() -> None:
    assert is_commit_sha("a" * 40) and not is_commit_sha("a" * 39) and not is_commit_sha("g" * 40)
    assert is_truncated_sha("abcdef1") and not is_truncated_sha("abcdef") and not is_truncated_sha("main123")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ada:s3cr3t@host/r", "https://host/r"),
        ("https://t0ken@host/r", "https://host/r"),
        ("https://host/r?access_token=s3cr3t&x=1", "https://host/r?access_token=***&x=1"),
        ("ssh://git@host/r", "ssh://git@host/r"),
        ("fatal: unable to access 'https://a:b@h/r/': refused", "fatal: unable to access 'https://h/r/': refused"),
    ],
)
def test_secrets_are_not_shown(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_a_cache_key_depends_on_the_repository_alone(tmp_path: Path) -> None:
    key = cache_key("https://host/Team/repo")
    assert key.startswith("repo-")
    assert {cache_key(url) for url in ("https://a:b@HOST/Team/repo.git", "https://host/Team/repo/")} == {key}
    assert cache_key("https://host/team/repo") != key
    assert cache_key(str(tmp_path)) == cache_key(f"file://{tmp_path}/")
    assert "/" not in cache_key("https://host/../../etc/..")
    assert sanitize("https://a:b@h/r") == "https://h/r"


@pytest.mark.parametrize(
    ("said", "message", "is_auth", "hint"),
    [
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", "could not read", True, "helper"),
        ("git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.", "", True, "ssh agent"),
        ("ssh: Could not resolve hostname h: Name or service not known\nfatal: no", "no", False, "host name"),
        (
            "remote: Repository not found.\nfatal: repository 'https://a:b@h/r/' not found",
            "'https://h/r/'",
            False,
            "URL",
        ),
        ("", "ended with status 128", False, ""),
    ],
)
def test_a_failure_is_one_sentence_with_a_way_out(said: str, message: str, is_auth: bool, hint: str) -> None:
    error = failure("cannot fetch", Result(b"", said, 128), "https://a:b@h/r")
    assert message in error.message and "\n" not in error.message and "a:b" not in error.message
    assert isinstance(error, AuthRequired) == is_auth
    assert hint in error.hint
    assert error.url == "https://h/r"


def test_a_broken_mirror_is_told_from_a_broken_remote() -> None:
    assert is_corruption("error: object file objects/ab/cd is empty")
    assert not is_corruption("fatal: unable to access 'https://h/r/': Could not resolve host: h")
