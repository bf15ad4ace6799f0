"""Vega-Lite specs → SVG that stands alone: colours as tokens, no foreign words, one title."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

from coproduce.report.look import TOKENS, chart_config

_ARIA = re.compile(r'\s(?:aria-[a-z]+|role)="[^"]*"')
_SIZE = re.compile(r'<svg[^>]*?width="([\d.]+)" height="([\d.]+)" viewBox="([^"]+)">')
_LOCALES = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
    "ru": {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", ""]},
}


def to_svg(spec: dict[str, Any], lang: str, chart_id: str, title: str, text: str) -> Markup:
    """Return a chart as inline SVG whose colours follow the page's light or dark tokens.

    Args:
        spec: a Vega-Lite spec drawn with the colours of `look.TOKENS`.
        lang: ``en`` or ``ru``, for the numbers on its axes.
        chart_id: unique in the page.
        title: what the chart says, read aloud in place of the drawing.
        text: longer description, read aloud on request.
    """
    import vl_convert

    full = {"config": chart_config(), **spec}
    raw = vl_convert.vegalite_to_svg(full, format_locale=_LOCALES[lang])
    return _own(raw, chart_id, title, text)


def _own(raw: str, chart_id: str, title: str, text: str) -> Markup:
    """Strip the drawing engine's words and set ours; swap colours for tokens."""
    found = _SIZE.search(raw)
    box, width = (found.group(3), float(found.group(1))) if found else ("0 0 640 400", 640.0)
    body = _ARIA.sub("", raw[raw.index(">") + 1 : raw.rindex("</svg>")])
    body = re.sub(r"<title>.*?</title>", "", body, flags=re.DOTALL)
    for name, (light, _) in TOKENS.items():
        body = body.replace(light, f"var(--{name})").replace(light.lower(), f"var(--{name})")
    head = (
        f'<svg class="chart" viewBox="{escape(box)}" style="max-width:{width:.0f}px" role="img" '
        f'aria-labelledby="{escape(chart_id)}-t {escape(chart_id)}-d">'
        f'<title id="{escape(chart_id)}-t">{escape(title)}</title>'
        f'<desc id="{escape(chart_id)}-d">{escape(text)}</desc>'
    )
    # Safe: `body` is the drawing engine's own output, in which it has escaped all texts.
    return Markup(f'{head}<g aria-hidden="true">{body}</g></svg>')  # noqa: S704
