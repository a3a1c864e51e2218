from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_tui.model.glob import GlobError, compiled, match


@pytest.mark.parametrize(
    ("pattern", "text", "separators", "expected"),
    [
        ("*.yaml", "a.yaml", "", True),
        ("*.yaml", "below/a.yaml", "", True),
        ("*.yaml", "below/a.yaml", "/", False),
        ("**.yaml", "below/a.yaml", "/", True),
        ("*/a", "x/a", "/", True),
        ("?.yaml", "a.yaml", "", True),
        ("?", "/", "/", False),
        ("?", "/", "", True),
        ("{a,b}.yaml", "b.yaml", "", True),
        ("{a,b}.yaml", "c.yaml", "", False),
        ("{a{1,2},b*}", "a2", "", True),
        ("{*.yml,env/*}", "env/x.txt", "", True),
        ("a,b", "a,b", "", True),
        ("a}", "a}", "", True),
        ("[abc]x", "bx", "", True),
        ("[!abc]x", "bx", "", False),
        ("[!abc]x", "dx", "", True),
        ("[a-c]", "b", "", True),
        ("[!a-c]", "b", "", False),
        ("[^a]", "^", "", True),
        (r"\*", "*", "", True),
        (r"\*", "a", "", False),
        (r"[\]]", "]", "", True),
        ("a.b", "aXb", "", False),
        ("a\nb*", "a\nb\nc", "", True),
        ("{a,b", "b", "", True),
        ("team-*-dev", "team-dev", "", True),
        ("team-**-dev", "team-dev", "/", True),
        ("team-*-dev", "team-dev", "/", False),
        ("team-*-dev", "dev-team-dev", "", False),
        ("a*a*a", "aa", "", False),
        ("", "", "", True),
        ("", "a", "", False),
        ("a", "A", "", False),
        ("ä?", "äö", "", True),
    ],
)
def test_matches_as_gobwas_does(pattern: str, text: str, separators: str, expected: bool) -> None:
    assert match(pattern, text, separators) is expected


@pytest.mark.parametrize("pattern", ["[", "[abc", "[]", "[!]", "[a-", "[a-c", "[c-a]", "[a-cx]", "e[[a*"])
def test_a_broken_pattern_matches_nothing(pattern: str) -> None:
    assert match(pattern, pattern) is False
    with pytest.raises(GlobError):
        compiled(pattern)


@given(st.text(max_size=20))
def test_a_text_with_its_meaning_taken_away_matches_only_itself(text: str) -> None:
    pattern = "".join(f"\\{char}" for char in text)
    assert match(pattern, text)
    assert not match(pattern, text + "x")


@given(st.text(alphabet="*?[]{},!-\\ab/", max_size=12), st.text(alphabet="ab/*", max_size=6))
def test_any_pattern_is_a_pattern_or_an_error(pattern: str, text: str) -> None:
    try:
        compiled(pattern, "/")
    except GlobError:
        assert match(pattern, text, "/") is False
    else:
        assert match(pattern, text, "/") in (True, False)
