"""Our themes, and the inks that drawn text is tagged with.

Views say what a thing is (``bad``, ``muted``, ``added``); the theme says how that looks. So every theme,
Textual's own included, works at any colour depth, and a test reads tags instead of colours.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color as RichColor
from rich.style import Style
from rich.text import Text
from textual.color import Color, ColorParseError
from textual.content import Content, Span
from textual.theme import Theme

DARK, LIGHT, COLOUR_BLIND, ANSI = "gitops-dark", "gitops-light", "gitops-colour-blind", "ansi-dark"

DEFAULTS = {
    "ok": "ansi_green",
    "bad": "ansi_bright_red",
    "warn": "ansi_yellow",
    "drift": "ansi_bright_magenta",
    "busy": "ansi_cyan",
    "unknown": "ansi_bright_blue",
    "muted": "ansi_bright_black",
    "added": "ansi_green",
    "removed": "ansi_red",
    "name": "ansi_cyan",
    "literal": "ansi_green",
    "number": "ansi_yellow",
    "production": "ansi_red",
    "stale": "ansi_yellow",
}
"""Variables that a theme of somebody else does not know: the terminal's own sixteen colours."""

_DARK_VARIABLES = {
    "ok": "#7bc275",
    "bad": "#ff6b68",
    "warn": "#e5c07b",
    "drift": "#ffab5e",
    "busy": "#61b8ff",
    "unknown": "#b7a2f2",
    "muted": "#8a93a3",
    "added": "#7bc275",
    "removed": "#ff7b78",
    "name": "#79b8d8",
    "literal": "#a8c99a",
    "number": "#d9b06f",
    "production": "#d9534f",
    "stale": "#e5c07b",
    "block-cursor-text-style": "none",
    "footer-key-foreground": "#e5c07b",
    "input-selection-background": "#3d59a1 60%",
}

THEMES = (
    Theme(
        name=DARK,
        primary="#5c9ded",
        secondary="#7f8ea3",
        accent="#e5c07b",
        foreground="#d7dce4",
        background="#11151b",
        surface="#171c24",
        panel="#222935",
        success="#7bc275",
        warning="#e5c07b",
        error="#ff6b68",
        dark=True,
        variables=_DARK_VARIABLES,
    ),
    Theme(
        name=LIGHT,
        primary="#1f5fae",
        secondary="#5b6676",
        accent="#8a5a00",
        foreground="#1d232b",
        background="#fbfbf9",
        surface="#f2f2ee",
        panel="#e2e3de",
        success="#22702a",
        warning="#8a5a00",
        error="#b3201c",
        dark=False,
        variables={
            "ok": "#22702a",
            "bad": "#b3201c",
            "warn": "#8a5a00",
            "drift": "#b04a00",
            "busy": "#0b5cad",
            "unknown": "#6a46b5",
            "muted": "#646c78",
            "added": "#22702a",
            "removed": "#b3201c",
            "name": "#0f5c7a",
            "literal": "#3a6a2a",
            "number": "#8a5a00",
            "production": "#b3201c",
            "stale": "#8a5a00",
            "block-cursor-text-style": "none",
        },
    ),
    # Blue against orange, and brightness besides: safe for the three common kinds of colour blindness
    # (the Okabe-Ito palette).
    Theme(
        name=COLOUR_BLIND,
        primary="#56b4e9",
        secondary="#8f99a8",
        accent="#f0e442",
        foreground="#e6e6e6",
        background="#101317",
        surface="#171b21",
        panel="#232932",
        success="#56b4e9",
        warning="#f0e442",
        error="#e69f00",
        dark=True,
        variables=_DARK_VARIABLES
        | {
            "ok": "#56b4e9",
            "bad": "#ff9500",
            "warn": "#f0e442",
            "drift": "#ffc46b",
            "busy": "#c9d6e2",
            "unknown": "#cc79a7",
            "added": "#56b4e9",
            "removed": "#ff9500",
            "literal": "#9fd0ea",
            "production": "#d55e00",
            "stale": "#f0e442",
        },
    ),
)

INKS = {
    "ok": "ok",
    "bad": "bad bold",
    "warn": "warn",
    "drift": "drift bold",
    "busy": "busy",
    "unknown": "unknown",
    "muted": "muted",
    "strong": "foreground bold",
    "key": "accent bold",
    "link": "primary underline",
    "added": "added",
    "removed": "removed",
    "name": "name",
    "literal": "literal",
    "number": "number",
    "comment": "muted italic",
    "heading": "primary bold",
    "production": "production bold",
    "stale": "stale bold reverse",
    "grey": "muted",
    "off": "muted dim",
    "found": "accent reverse",
    "frame": "frame",
    "tab": "accent bold",
}
"""Tag -> theme variable and attributes."""


def rich_colour(value: str) -> RichColor | None:
    """A theme variable as Rich's colour; None for what is not a plain colour (``auto 87%``)."""
    try:
        return Color.parse(value.split()[0]).rich_color
    except (ColorParseError, IndexError):
        return None


def ink_styles(variables: Mapping[str, str]) -> dict[str, Style]:
    """Each tag's style under a theme."""
    styles = {}
    for tag, spec in INKS.items():
        variable, *attributes = spec.split()
        style = Style(color=rich_colour(variables.get(variable, "")))
        styles[tag] = style + Style.parse(" ".join(attributes)) if attributes else style
    return styles


def frame_title(text: Text) -> Content:
    """Tagged text for the edge of a frame, which Textual draws itself; never parsed for markup."""
    spans = [Span(one.start, one.end, f"${INKS[str(one.style)]}") for one in text.spans if str(one.style) in INKS]
    return Content(text.plain, spans=spans)


def frame_colour(colour: str, *, is_production: bool) -> str:
    """What the frame is drawn in: the cluster's configured colour, red-like for production, else the theme's."""
    if colour:
        try:
            return Color.parse(colour).hex
        except ColorParseError:
            pass
    return "$production" if is_production else "$primary"
