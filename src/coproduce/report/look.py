"""Colours, glyphs and chart settings: the one place where the look of report and charts is set."""

from __future__ import annotations

from typing import Any

TOKENS = {
    "host": ("#0B6E75", "#4FB7BE"),
    "partner": ("#C76A00", "#F0A04B"),
    "third": ("#5B6776", "#A7B1BD"),
    "warn": ("#B3261E", "#F2948E"),
    "ground": ("#FFFFFF", "#14181C"),
    "land": ("#EDF0F2", "#232A30"),
    "ink": ("#1B232B", "#E8ECEF"),
    "quiet": ("#525D69", "#AEB8C2"),
    "rule": ("#D5DADF", "#39424B"),
    "pale": ("#B9DADC", "#25555A"),
    "mark": ("#A65800", "#F0A04B"),
    "cat1": ("#0072B1", "#56A9DC"),
    "cat2": ("#B84F00", "#F08A4B"),
    "cat3": ("#007A58", "#35C79C"),
    "cat4": ("#A34D7A", "#E0A3C5"),
    "cat5": ("#8A6100", "#F2BE4A"),
    "cat6": ("#2F7CA8", "#8CCBF0"),
}
"""Token → (light, dark). Charts are drawn with the light colour and swapped for the token.

The six categories are the hues of Okabe and Ito (2008), darkened so that white words on them reach
a contrast of 4.5:1.
"""

GLYPHS = {
    "observed": "●",
    "reported": "●",
    "estimated": "◐",
    "assumed": "○",
    "synthetic": "◇",
}
"""Status → glyph; shapes differ, so that colour is never needed to tell them apart."""

UNSURE = ("assumed", "synthetic")
"""Statuses that a page must own up to in its first lines."""

CHART_WIDTH_PX = 620
"""Width of the plot itself; names of bars stand outside it."""


def colour(token: str) -> str:
    """Return the light colour of a token.

    Raises:
        KeyError: if there is no such token.
    """
    return TOKENS[token][0]


def css_tokens(which: int) -> str:
    """Return the CSS custom properties for light (0) or dark (1)."""
    return "".join(f"--{name}:{pair[which]};" for name, pair in TOKENS.items())


def chart_config() -> dict[str, Any]:
    """Return the Vega-Lite config that gives every chart the house's look."""
    ink, quiet, rule = colour("ink"), colour("quiet"), colour("rule")
    axis = {
        "labelColor": ink,
        "titleColor": quiet,
        "gridColor": rule,
        "domainColor": rule,
        "tickColor": rule,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 0,
    }
    return {
        "font": "Noto Sans, DejaVu Sans, sans-serif",
        "background": None,
        "view": {"stroke": None},
        "axis": axis,
        "header": {"labelColor": ink, "titleColor": quiet, "labelFontSize": 13},
        "legend": {"labelColor": ink, "titleColor": quiet, "labelFontSize": 12},
        "text": {"color": ink, "fontSize": 11},
    }
