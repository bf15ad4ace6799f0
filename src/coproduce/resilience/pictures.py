"""Pictures of the room as Vega-Lite specs, each with the table it shows.

Colours and words come from the caller, so that the page's look and language stay in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from coproduce.records.errors import UsageError

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH_PX = 620
LEAST_NAMED = 0.02
"""Places that save less than this part of the largest saving are drawn but not named."""

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture needs from the page.

    Attributes:
        colours: token → colour: ``host``, ``partner``, ``third``, ``warn``, ``ink``, ``rule``,
            ``land``, ``ground``.
        width_px: width of the plot.
    """

    colours: Mapping[str, str]
    width_px: int = WIDTH_PX


@dataclass(frozen=True, slots=True)
class Picture:
    """A Vega-Lite spec and the table beside it."""

    spec: Spec
    table: pl.DataFrame


# --- cost against shortage -------------------------------------------------------------------


def front(points: pl.DataFrame, targets: Sequence[float] = (0.02, 0.05)) -> pl.DataFrame:
    """Return safeguards by cost, with those that nothing beats and the cheapest for each target.

    Args:
        points: ``name``, ``cost_mn`` and ``shortage_share``; further columns are kept.
        targets: shortages to reach (share).

    Returns:
        The rows by cost, then shortage, with ``is_on_front`` (nothing costs no more and leaves no
        more shortage, with one of both less) and ``cheapest_for`` (targets, joined by a blank).

    Raises:
        UsageError: S150 if a column is missing or a number is not finite.
    """
    _needs(points, ("name", "cost_mn", "shortage_share"), ("cost_mn", "shortage_share"))
    ordered = points.sort("cost_mn", "shortage_share", "name")
    least, on_front = float("inf"), []
    last: tuple[float, float] | None = None
    for cost, shortage in ordered.select("cost_mn", "shortage_share").iter_rows():
        on_front.append(shortage < least or (cost, shortage) == last)
        if shortage < least:
            least, last = shortage, (cost, shortage)
    cheapest = [""] * ordered.height
    for target in targets:
        met = [k for k, share in enumerate(ordered["shortage_share"]) if share <= target]
        if met:
            cheapest[met[0]] = f"{cheapest[met[0]]} {target:.0%}".strip()
    return ordered.with_columns(
        pl.Series("is_on_front", on_front, dtype=pl.Boolean),
        pl.Series("cheapest_for", cheapest, dtype=pl.String),
    )


def cost_front(
    points: pl.DataFrame,
    look: Look,
    words: tuple[str, str],
    targets: Sequence[float] = (0.02, 0.05),
) -> Picture:
    """Return cost against shortage: a point per safeguard, the front as a step, targets as lines.

    Args:
        points: as for `front`; ``low`` and ``high`` (share) draw an interval where given.
        look: colours and width.
        words: axis titles of cost and of shortage, with units.
        targets: shortages to reach (share).
    """
    table = front(points, targets)
    rows = table.to_dicts()
    colours = look.colours
    x = {"field": "cost_mn", "type": "quantitative", "title": words[0]}
    y = _share_axis("shortage_share", words[1])
    kept = [row for row in rows if row["is_on_front"]]
    tone = {
        "condition": {"test": "datum.is_on_front", "value": colours["host"]},
        "value": colours["third"],
    }
    shape = {
        "condition": {"test": "datum.is_on_front", "value": "diamond"},
        "value": "circle",
    }
    layers: list[Spec] = [
        {
            "data": {"values": [{"target": one} for one in targets]},
            "mark": {"type": "rule", "strokeDash": [4, 3], "color": colours["warn"]},
            "encoding": {"y": {"field": "target", "type": "quantitative"}},
        },
        {
            "data": {"values": kept},
            "mark": {"type": "line", "interpolate": "step-after", "color": colours["host"]},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": tone, "shape": shape},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "text", "align": "left", "dx": 8, "dy": -6, "color": colours["ink"]},
            "encoding": {"x": x, "y": y, "text": {"field": "name", "type": "nominal"}},
        },
    ]
    if {"low", "high"} <= set(table.columns):
        interval = {
            "data": {"values": rows},
            "mark": {"type": "rule", "color": colours["third"]},
            "encoding": {"x": x, "y": _share_axis("low", words[1]), "y2": {"field": "high"}},
        }
        layers.insert(1, interval)
    return Picture(
        {"$schema": SCHEMA, "width": look.width_px, "height": 300, "layer": layers}, table
    )


# --- shortage over time ----------------------------------------------------------------------


def shortage_bands(
    rows: pl.DataFrame, look: Look, words: tuple[str, str], states: Sequence[tuple[str, str]]
) -> Picture:
    """Return shortage over time as lines with bands, a line per state.

    Args:
        rows: ``state``, ``time`` (year or day), ``mean``, ``low``, ``high`` (share).
        look: colours and width.
        words: axis titles of time and of shortage, with units.
        states: state and colour token, in the order of the legend.

    Raises:
        UsageError: S150 if a column is missing, a number is not finite, a band does not hold its
            mean or a state is not named.
    """
    _needs(rows, ("state", "time", "mean", "low", "high"), ("time", "mean", "low", "high"))
    names = [name for name, _ in states]
    strange = sorted(set(rows["state"]) - set(names))
    outside = rows.filter((pl.col("low") > pl.col("mean")) | (pl.col("mean") > pl.col("high")))
    if strange or outside.height:
        raise UsageError(
            f"states without a colour: {', '.join(strange) or 'none'}; bands that do not hold "
            f"their mean: {outside.height}",
            code="S150",
        )
    table = rows.sort("state", "time")
    scale = {"domain": names, "range": [look.colours[token] for _, token in states]}
    x = {"field": "time", "type": "quantitative", "title": words[0], "axis": {"format": "d"}}
    colour = {
        "field": "state",
        "type": "nominal",
        "scale": scale,
        "legend": {"orient": "top", "title": None},
    }
    dash = {
        "field": "state",
        "type": "nominal",
        "scale": {"domain": names, "range": [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2]][: len(names)]},
        "legend": None,
    }
    band = {
        "mark": {"type": "area", "opacity": 0.22},
        "encoding": {
            "x": x,
            "y": _share_axis("low", words[1]),
            "y2": {"field": "high"},
            "color": colour,
        },
    }
    line = {
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {
            "x": x,
            "y": _share_axis("mean", words[1]),
            "color": colour,
            "strokeDash": dash,
        },
    }
    spec = {
        "$schema": SCHEMA,
        "width": look.width_px,
        "height": 260,
        "data": {"values": table.to_dicts()},
        "layer": [band, line],
    }
    return Picture(spec, table)


# --- weakest points on the map ---------------------------------------------------------------


def weakest_places(
    weakest: pl.DataFrame, weights: Mapping[str, float], places: pl.DataFrame, when: str
) -> pl.DataFrame:
    """Return places by the shortage that their perfection would save, largest first.

    Args:
        weakest: table ``weakest`` of the room: product_id, when, stage_id, country_id,
            saved_share.
        weights: product → weight; savings are means over products by weight.
        places: ``country_id``, ``name``, ``lat``, ``lon`` (degree).
        when: ``before`` or ``after``.

    Returns:
        rank, country_id, name, lat, lon, saved_share, stage_id (where it saves most), products
        (number in which it stands in the chain).
    """
    total = sum(weights.values())
    rows = weakest.filter(pl.col("when") == when).with_columns(
        saved=pl.col("saved_share")
        * pl.col("product_id").replace_strict(weights, default=0.0, return_dtype=pl.Float64)
        / (total or 1.0)
    )
    by_stage = rows.group_by("country_id", "stage_id").agg(pl.col("saved").sum())
    worst = by_stage.sort("saved", "stage_id", descending=[True, False]).group_by(
        "country_id", maintain_order=True
    )
    found = (
        rows.group_by("country_id")
        .agg(
            saved_share=pl.col("saved").sum(),
            products=pl.col("product_id").n_unique(),
        )
        .join(worst.agg(pl.col("stage_id").first()), on="country_id")
        .join(places.select("country_id", "name", "lat", "lon"), on="country_id")
        .sort("saved_share", "country_id", descending=[True, False])
        .with_row_index("rank", offset=1)
    )
    columns = ["rank", "country_id", "name", "lat", "lon", "saved_share", "stage_id", "products"]
    return found.select(columns)


def weakest_map(
    ranked: pl.DataFrame,
    look: Look,
    words: str,
    *,
    land: Sequence[Sequence[tuple[float, float]]] = (),
    most_named: int = 10,
    centre_lon_deg: float = 90.0,
) -> Picture:
    """Return the weakest places as circles on a conic equal-area map, ranked by number.

    Args:
        ranked: as `weakest_places` gives it.
        look: colours and width.
        words: title of the size of a circle, with unit.
        land: rings of longitude and latitude to draw beneath (degree).
        most_named: at most so many places get their rank and name.
        centre_lon_deg: meridian in the middle (degree).

    Raises:
        UsageError: S150 if a column is missing or a number is not finite.
    """
    _needs(ranked, ("rank", "name", "lat", "lon", "saved_share"), ("lat", "lon", "saved_share"))
    rows = ranked.to_dicts()
    named = [
        {**row, "label": f"{row['rank']} {row['name']}"}
        for row in rows
        if row["rank"] <= most_named
        and row["saved_share"] >= LEAST_NAMED * ranked["saved_share"].max()  # type: ignore[operator]
    ]
    at = {
        "longitude": {"field": "lon", "type": "quantitative"},
        "latitude": {"field": "lat", "type": "quantitative"},
    }
    size = {
        "field": "saved_share",
        "type": "quantitative",
        "title": words,
        "scale": {"range": [12, 900], "domainMin": 0},
        "legend": {"format": ".1%", "orient": "bottom", "tickCount": 4},
    }
    layers: list[Spec] = []
    if land:
        layers.append(
            {
                "data": {"values": _outline(land)},
                "mark": {
                    "type": "geoshape",
                    "clip": True,
                    "fill": look.colours["land"],
                    "stroke": look.colours["rule"],
                },
            }
        )
    layers += [
        {
            "data": {"values": rows},
            "mark": {
                "type": "circle",
                "color": look.colours["warn"],
                "opacity": 0.55,
                "stroke": look.colours["ink"],
            },
            "encoding": {**at, "size": size},
        },
        {
            "data": {"values": named},
            "mark": {"type": "text", "align": "left", "dx": 16, "color": look.colours["ink"]},
            "encoding": {**at, "text": {"field": "label", "type": "nominal"}},
        },
    ]
    spec = {
        "$schema": SCHEMA,
        "width": look.width_px,
        "height": round(look.width_px * 0.6),
        "projection": {
            "type": "conicEqualArea",
            "rotate": [-centre_lon_deg, 0, 0],
            "parallels": [20, 60],
            "center": [0, 40],
            "scale": round(look.width_px * 0.36),
            "translate": [round(look.width_px * 0.58), round(look.width_px * 0.35)],
        },
        "layer": layers,
    }
    return Picture(spec, ranked)


def _outline(rings: Sequence[Sequence[tuple[float, float]]]) -> Spec:
    """Return rings as GeoJSON, each turned clockwise: else the map fills all but the land."""
    polygons = []
    for ring in rings:
        closed = [*ring, ring[0]]
        turn = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(closed))
        points = [list(point) for point in (closed if turn < 0 else reversed(closed))]
        polygons.append([points])
    shape = {"type": "MultiPolygon", "coordinates": polygons}
    return {"type": "Feature", "properties": {}, "geometry": shape}


def _share_axis(field: str, title: str) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "axis": {"format": ".1%"},
        "scale": {"domainMin": 0},
    }


def _needs(frame: pl.DataFrame, columns: Sequence[str], numbers: Sequence[str]) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise UsageError(f"the picture lacks the columns {', '.join(missing)}", code="S150")
    for name in numbers:
        if frame[name].null_count() or not frame[name].cast(pl.Float64).is_finite().all():
            raise UsageError(f"{name} has a value that is no number", code="S150")


__all__ = [
    "Look",
    "Picture",
    "cost_front",
    "front",
    "shortage_bands",
    "weakest_map",
    "weakest_places",
]
