"""Chart forms as Vega-Lite specs: few forms, used everywhere, drawn with the house's colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coproduce.report.look import CHART_WIDTH_PX, colour

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
STEP_PX = 17
LONGEST_NAME = 58

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]

CATEGORY_COLOURS = ("cat1", "cat2", "cat3", "cat5", "cat4", "cat6")


def short(name: str, most: int = LONGEST_NAME) -> str:
    """Return a name cut to what fits beside a plot; the table beside the chart has it in full.

    Example:
        >>> short("alphabet", 5)
        'alph…'
    """
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def _base(width_px: int = CHART_WIDTH_PX) -> Spec:
    return {"$schema": SCHEMA, "width": width_px}


def _by_name(order: Sequence[str]) -> Spec:
    return {
        "field": "name",
        "type": "nominal",
        "sort": list(order),
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelPadding": 8},
    }


def dumbbell(rows: Rows, axis_title: str, labels: tuple[str, str], number_format: str) -> Spec:
    """Return before and after of each name as two dots on one line, largest before first.

    Args:
        rows: ``name``, ``before``, ``after``.
        axis_title: measure and unit.
        labels: words for before and after, named at the first row.
        number_format: of the axis, for example ``.0%``.
    """
    ordered = sorted(rows, key=lambda row: (-row["before"], row["name"]))
    order = [row["name"] for row in ordered]
    axis = {"format": number_format, "orient": "top", "tickCount": 6}
    x = {"type": "quantitative", "title": axis_title, "axis": axis}
    points = [
        {"name": row["name"], "value": row[key], "when": label}
        for row in ordered
        for key, label in zip(("before", "after"), labels, strict=True)
    ]
    tones = [colour("third"), colour("host")]
    when = {"domain": list(labels), "range": tones}
    legend = {"orient": "top", "title": None, "symbolSize": 110}
    return {
        **_base(),
        "height": {"step": STEP_PX},
        "layer": [
            {
                "data": {"values": list(ordered)},
                "mark": {"type": "rule", "strokeWidth": 3, "color": colour("rule")},
                "encoding": {
                    "y": _by_name(order),
                    "x": {"field": "before", **x},
                    "x2": {"field": "after"},
                },
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
                "encoding": {
                    "y": _by_name(order),
                    "x": {"field": "value", **x},
                    "color": {"field": "when", "type": "nominal", "scale": when, "legend": legend},
                    "shape": {
                        "field": "when",
                        "type": "nominal",
                        "scale": {"domain": list(labels), "range": ["circle", "diamond"]},
                        "legend": legend,
                    },
                },
            },
        ],
    }


def shares(rows: Rows, panels: Sequence[str], names: Sequence[str], axis_title: str) -> Spec:
    """Return stacked shares, one bar per name, one panel per state, labelled inside the bars.

    Args:
        rows: ``panel``, ``name``, ``part``, ``share``, ``label`` (empty where it does not fit).
        panels: order of the panels.
        names: order of the bars.
        axis_title: measure and unit.
    """
    parts = list(dict.fromkeys(row["part"] for row in rows))
    tones = [colour(CATEGORY_COLOURS[i % len(CATEGORY_COLOURS)]) for i in range(len(parts))]
    if parts:
        tones[-1] = colour("third")
    placed = _stacked(rows)
    share = {
        "type": "quantitative",
        "title": axis_title,
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 5},
    }
    scale = {"domain": parts, "range": tones}
    bar = {
        "mark": {"type": "bar", "height": 20, "stroke": colour("ground"), "strokeWidth": 1},
        "encoding": {
            "y": _by_name(names),
            "x": {"field": "from", **share},
            "x2": {"field": "to"},
            "color": {
                "field": "part",
                "type": "nominal",
                "scale": scale,
                "legend": {"orient": "top", "title": None, "columns": 4},
            },
        },
    }
    words = {
        "mark": {"type": "text", "fontSize": 11, "fontWeight": "bold", "color": colour("ground")},
        "encoding": {
            "y": _by_name(names),
            "x": {"field": "middle", **share},
            "text": {"field": "label", "type": "nominal"},
        },
    }
    return {
        "$schema": SCHEMA,
        "data": {"values": placed},
        "facet": {
            "row": {
                "field": "panel",
                "type": "nominal",
                "sort": list(panels),
                "title": None,
                "header": {
                    "labelAngle": 0,
                    "labelAlign": "left",
                    "labelAnchor": "start",
                    "labelOrient": "top",
                },
            }
        },
        "spec": {"width": CHART_WIDTH_PX, "height": {"step": 26}, "layer": [bar, words]},
        "spacing": 6,
    }


def _stacked(rows: Rows) -> list[dict[str, Any]]:
    """Return rows with the ends of each part, stacked in the order given."""
    ends: dict[tuple[str, str], float] = {}
    placed = []
    for row in rows:
        key = (row["panel"], row["name"])
        start = ends.get(key, 0.0)
        ends[key] = start + row["share"]
        middle = start + row["share"] / 2
        placed.append({**row, "from": start, "to": ends[key], "middle": middle})
    return placed


def timeline(rows: Rows, years: tuple[int, int], words: tuple[str, str]) -> Spec:
    """Return openings as bars in time: building pale, running full.

    Args:
        rows: ``name``, ``order``, ``output``, ``label``.
        years: first and last year shown.
        words: for building and for running.
    """
    rows = [{**row, "name": short(row["name"])} for row in rows]
    names = [row["name"] for row in rows]
    bars = [
        {"name": row["name"], "from": start, "to": end, "state": state}
        for row in rows
        for start, end, state in (
            (row["order"], row["output"], words[0]),
            (row["output"], years[1] + 1, words[1]),
        )
        if end > start
    ]
    domain = [years[0], years[1] + 1]
    x = {
        "type": "quantitative",
        "title": None,
        "scale": {"domain": domain},
        "axis": {"format": "d", "orient": "top", "values": list(range(domain[0], domain[1]))},
    }
    scale = {"domain": list(words), "range": [colour("pale"), colour("host")]}
    return {
        **_base(),
        "height": {"step": 20},
        "layer": [
            {
                "data": {"values": bars},
                "mark": {"type": "bar", "height": 11},
                "encoding": {
                    "y": _by_name(names),
                    "x": {"field": "from", **x},
                    "x2": {"field": "to"},
                    "color": {
                        "field": "state",
                        "type": "nominal",
                        "scale": scale,
                        "legend": {"orient": "top", "title": None},
                    },
                },
            },
            {
                "data": {"values": list(rows)},
                "mark": {
                    "type": "text",
                    "align": "left",
                    "dx": 4,
                    "fontSize": 10,
                    "color": colour("ground"),
                },
                "encoding": {
                    "y": _by_name(names),
                    "x": {"field": "output", **x},
                    "text": {"field": "label", "type": "nominal"},
                },
            },
        ],
    }


def yearly(rows: Rows, parts: Sequence[tuple[str, str]], axis_title: str) -> Spec:
    """Return stacked yearly bars.

    Args:
        rows: ``year``, ``part``, ``value``.
        parts: part and colour token, from the ground up.
        axis_title: measure and unit.
    """
    domain = [part for part, _ in parts]
    tones = [colour(token) for _, token in parts]
    ranked = [{**row, "rank": domain.index(row["part"])} for row in rows]
    return {
        **_base(),
        "height": 240,
        "data": {"values": ranked},
        "mark": {"type": "bar", "stroke": colour("ground"), "strokeWidth": 0.5},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
            "y": {"field": "value", "type": "quantitative", "title": axis_title},
            "order": {"field": "rank", "type": "quantitative"},
            "color": {
                "field": "part",
                "type": "nominal",
                "sort": domain,
                "scale": {"domain": domain, "range": tones},
                "legend": {"orient": "top", "title": None, "columns": 4},
            },
        },
    }


def cash(rows: Rows, panels: Sequence[str], axis_title: str, words: tuple[str, str]) -> Spec:
    """Return yearly cash as bars with the discounted running sum as a line, a panel per party.

    Args:
        rows: ``panel``, ``year``, ``value``, ``running``.
        panels: order of the panels.
        axis_title: unit of both.
        words: for the yearly cash and for the running sum.
    """
    year = {
        "field": "year",
        "type": "ordinal",
        "title": None,
        "axis": {"labelAngle": 0, "labelOverlap": "parity"},
    }
    tones = {"domain": [True, False], "range": [colour("host"), colour("partner")]}
    bars = {
        "transform": [{"calculate": "datum.value >= 0", "as": "is_in"}],
        "mark": {"type": "bar"},
        "encoding": {
            "x": year,
            "y": {"field": "value", "type": "quantitative", "title": axis_title},
            "color": {"field": "is_in", "type": "nominal", "scale": tones, "legend": None},
        },
    }
    line = {
        "mark": {
            "type": "line",
            "color": colour("ink"),
            "strokeWidth": 2,
            "point": {"filled": True, "color": colour("ink"), "size": 22},
        },
        "encoding": {"x": year, "y": {"field": "running", "type": "quantitative"}},
    }
    return {
        "$schema": SCHEMA,
        "data": {"values": list(rows)},
        "facet": {
            "column": {
                "field": "panel",
                "type": "nominal",
                "sort": list(panels),
                "title": f"▮ {words[0]}   ● {words[1]}",
            }
        },
        "spec": {
            "width": (CHART_WIDTH_PX + 60) // max(1, len(panels)),
            "height": 220,
            "layer": [bars, line],
        },
        "resolve": {"scale": {"y": "shared"}},
    }


def bars(rows: Rows, axis_title: str, number_format: str, tone: str = "host") -> Spec:
    """Return sorted bars with their values beside them.

    Args:
        rows: ``name``, ``value``, ``label``; a row may carry its own ``tone`` token.
        axis_title: measure and unit.
        number_format: of the axis.
        tone: colour token.
    """
    coloured = [
        {**row, "name": short(row["name"]), "colour": colour(row.get("tone", tone))}
        for row in rows
    ]
    names = [row["name"] for row in coloured]
    x = {
        "field": "value",
        "type": "quantitative",
        "title": axis_title,
        "axis": {"format": number_format, "tickCount": 6, "orient": "bottom"},
    }
    return {
        **_base(CHART_WIDTH_PX - 140),
        "height": {"step": 22},
        "data": {"values": coloured},
        "encoding": {"y": _by_name(names), "x": x},
        "layer": [
            {
                "mark": {"type": "bar", "height": 14},
                "encoding": {"color": {"field": "colour", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5},
                "encoding": {"text": {"field": "label", "type": "nominal"}},
            },
        ],
    }


def paired(
    rows: Rows, names: Sequence[str], parts: Sequence[tuple[str, str]], axis_title: str
) -> Spec:
    """Return bars left and right of zero, one for each part under each name, values beside them.

    Args:
        rows: ``name``, ``part``, ``value``, ``label``.
        names: order of the names.
        parts: part and colour token, in order.
        axis_title: measure and unit.
    """
    domain = [part for part, _ in parts]
    tones = [colour(token) for _, token in parts]
    ends = [0.0, *(float(row["value"]) for row in rows)]
    room = 0.25 * (max(ends) - min(ends))  # for the words beside the longest bars
    value = {
        "type": "quantitative",
        "title": axis_title,
        "scale": {"domain": [min(ends) - room, max(ends) + room], "nice": False},
        "axis": {"format": ",.0f", "tickCount": 6, "orient": "bottom"},
    }
    name = {**_by_name([short(one) for one in names]), "scale": {"paddingInner": 0.3}}
    shared = {
        "y": name,
        "yOffset": {"field": "part", "type": "nominal", "sort": domain},
        "x": {"field": "value", **value},
    }
    words = {"type": "text", "color": colour("ink")}
    text = {"field": "label", "type": "nominal"}
    return {
        **_base(CHART_WIDTH_PX - 180),
        "height": {"step": 16, "for": "offset"},
        "data": {"values": [{**row, "name": short(row["name"])} for row in rows]},
        "layer": [
            {
                "mark": {"type": "bar"},
                "encoding": {
                    **shared,
                    "color": {
                        "field": "part",
                        "type": "nominal",
                        "sort": domain,
                        "scale": {"domain": domain, "range": tones},
                        "legend": {"orient": "top", "title": None},
                    },
                },
            },
            {
                "transform": [{"filter": "datum.value >= 0"}],
                "mark": {**words, "align": "left", "dx": 5},
                "encoding": {**shared, "text": text},
            },
            {
                "transform": [{"filter": "datum.value < 0"}],
                "mark": {**words, "align": "right", "dx": -5},
                "encoding": {**shared, "text": text},
            },
            {
                "mark": {"type": "rule", "color": colour("ink")},
                "encoding": {"x": {"datum": 0, "type": "quantitative"}},
            },
        ],
    }
