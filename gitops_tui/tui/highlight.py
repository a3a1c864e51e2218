"""YAML in colour, one line at a time and each line once."""

from __future__ import annotations

from functools import lru_cache

from rich.text import Text

from gitops_tui.tui.text import clean

INKS = {
    "Name.Tag": "name",
    "Literal.String": "literal",
    "Literal.Number": "number",
    "Literal.Scalar": "literal",
    "Keyword.Constant": "number",
    "Comment": "comment",
    "Punctuation": "muted",
}


@lru_cache(maxsize=16_384)
def _spans(line: str) -> tuple[tuple[str, str], ...]:
    """``(text, ink)`` parts of one line; the lexer is imported at the first use."""
    from pygments.lexers.data import YamlLexer

    parts = YamlLexer(stripnl=False, ensurenl=False).get_tokens(line)
    return tuple((text, _ink(str(kind))) for kind, text in parts if text)


@lru_cache(maxsize=256)
def _ink(kind: str) -> str:
    """The ink of the most specific token name that has one (``Token.Literal.Scalar.Plain``)."""
    name = kind.removeprefix("Token.")
    while name:
        if name in INKS:
            return INKS[name]
        name = name.rpartition(".")[0]
    return ""


def yaml_line(line: str) -> Text:
    """One line of YAML, harmless and tagged."""
    made = Text(no_wrap=True, end="")
    for text, ink in _spans(clean(line)):
        made.append(text, ink or None)
    return made
