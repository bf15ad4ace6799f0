"""The product space: products as dots, near ones joined, and what a host could reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.dependence.complexity import proximity
from coproduce.dependence.complexity.types import Complexity, Floats
from coproduce.dependence.pictures.frame import GROUPED, WORDS, Picture, Spec, plain
from coproduce.dependence.trade import panel as panels

SPACE_ROUNDS = 150
SPACE_PRODUCTS = 400
STRONG = 0.55
NAMED_DOTS = 14
APART = (0.16, 0.05)  # names nearer than this, of a picture from -1 to 1, would overlap


def product_space(
    made: Complexity, host: str, lang: str = "en", most: int = SPACE_PRODUCTS
) -> Picture:
    """Return products as dots, near ones joined; what the host makes, what it could reach.

    The frontier is the fifth of the products it does not make well that its density is highest
    for. Joined are the maximum spanning tree and every pair of proximity 0.55 or more; dots are
    laid out by forces from a fixed start, so the same data give the same picture.

    Args:
        made: one year.
        host: country code.
        lang: ``en`` or ``ru``.
        most: so many products, those traded most.

    Raises:
        UsageError: TX030 for an unknown country.

    Source:
        Hidalgo, Klinger, Barabási and Hausmann (2007), The Product Space Conditions the
        Development of Nations, Science 317 (tree plus strong links); Fruchterman and Reingold
        (1991), Graph Drawing by Force-directed Placement.
    """
    said = WORDS[lang]
    row = panels.position(made.country_ids, host, "country")
    traded = made.value_usd.sum(axis=0)
    seen = made.ubiquity > 0
    order = np.argsort(-np.where(seen, traded, -1.0), kind="stable")[:most]
    chosen = np.sort(order[seen[order]])
    near = proximity(np.ascontiguousarray(made.mcp[:, chosen]))
    joined = _links(near)
    place = _layout(len(chosen), joined)
    density = made.density[row, chosen]
    has = made.rca[row, chosen] >= 1.0
    edge = np.quantile(density[~has], 0.8) if (~has).any() else np.inf
    state = np.where(has, "made", np.where(density >= edge, "frontier", "far"))
    table = pl.DataFrame(
        {
            "product": [made.product_ids[at] for at in chosen],
            "state": [said[name] for name in state],
            "density": density,
            "pci": made.pci[chosen],
            "value_usd_mn": traded[chosen] / 1e6,
            "x": place[:, 0].round(4),
            "y": place[:, 1].round(4),
        }
    )
    lines = [
        {"x": place[i, 0], "y": place[i, 1], "x2": place[j, 0], "y2": place[j, 1]}
        for i, j in joined
    ]
    return Picture(_space_spec(table, lines, said), table)


def _links(near: Floats) -> NDArray[np.intp]:
    """Return the pairs joined: the maximum spanning tree and all strong pairs (L x 2)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    # The tree reads 0 as no edge, so distances are shifted to stay above it.
    far: Any = coo_array(np.triu(2.0 - near, 1))  # type: ignore[no-untyped-call]
    tree = minimum_spanning_tree(far.tocsr()).tocoo()
    strong = np.argwhere(np.triu(near >= STRONG, 1))
    both = np.concatenate([np.stack([tree.row, tree.col], axis=1), strong])
    return np.unique(np.sort(both, axis=1), axis=0).astype(np.intp)


def _layout(count: int, joined: NDArray[np.intp]) -> Floats:
    """Return positions (count x 2) in a unit square around 0."""
    angle = np.arange(count) * np.pi * (3 - np.sqrt(5))  # a sunflower: even and not random
    radius = np.sqrt((np.arange(count) + 0.5) / max(1, count))
    place = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    ideal = 1.0 / np.sqrt(max(1, count))
    for step in range(SPACE_ROUNDS):
        apart = place[:, None, :] - place[None, :, :]
        distance2 = (apart**2).sum(axis=2) + 1e-6
        move = (apart * (ideal**2 / distance2)[..., None]).sum(axis=1)
        if len(joined):
            i, j = joined[:, 0], joined[:, 1]
            pull = place[i] - place[j]
            pull *= (np.linalg.norm(pull, axis=1) / ideal)[:, None]
            np.add.at(move, i, -pull)
            np.add.at(move, j, pull)
        length = np.linalg.norm(move, axis=1, keepdims=True) + 1e-12
        heat = 0.1 * (1 - step / SPACE_ROUNDS)
        place += move / length * np.minimum(length, heat)
    place -= place.mean(axis=0) if count else 0.0
    largest = np.abs(place).max() if count else 1.0
    return np.asarray(place / max(largest, 1e-12))


def _space_spec(table: pl.DataFrame, lines: list[Spec], said: Mapping[str, str]) -> Spec:
    x = {"field": "x", "type": "quantitative", "axis": None}
    y = {"field": "y", "type": "quantitative", "axis": None}
    domain = [said["made"], said["frontier"], said["far"]]
    dots = {
        "data": {"values": table.to_dicts()},
        "mark": {"type": "circle", "opacity": 0.9},
        "encoding": {
            "x": x,
            "y": y,
            "size": {
                "field": "value_usd_mn",
                "type": "quantitative",
                "title": said["value"],
                "scale": {"range": [12, 500]},
                "legend": {"tickCount": 3, "labelExpr": GROUPED},
            },
            "color": {
                "field": "state",
                "type": "nominal",
                "title": None,
                "scale": {"domain": domain, "range": ["#0b6e6e", "#d9822b", "#c6ccd1"]},
            },
            "tooltip": [
                {"field": "product", "type": "nominal", "title": said["product"]},
                {"field": "state", "type": "nominal"},
                {"field": "density", "type": "quantitative", "format": ".3f"},
                {"field": "pci", "type": "quantitative", "format": ".2f", "title": "PCI"},
            ],
        },
    }
    web = {
        "data": {"values": [{k: round(float(v), 4) for k, v in line.items()} for line in lines]},
        "mark": {"type": "rule", "opacity": 0.25, "strokeWidth": 0.6},
        "encoding": {"x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"}},
    }
    names = {
        "data": {"values": _worth_naming(table, (said["made"], said["frontier"]))},
        "mark": {"type": "text", "dy": -11, "fontSize": 9},
        "encoding": {"x": x, "y": y, "text": {"field": "product"}},
    }
    return {**plain(520), "layer": [web, dots, names]}


def _worth_naming(table: pl.DataFrame, states: Sequence[str]) -> list[Spec]:
    """Return the dots of most value in these states whose names do not overlap."""
    named: list[Spec] = []
    ordered = table.filter(pl.col("state").is_in(states)).sort(
        ["value_usd_mn", "product"], descending=[True, False]
    )
    for dot in ordered.select("product", "x", "y").iter_rows(named=True):
        free = all(
            abs(dot["x"] - other["x"]) > APART[0] or abs(dot["y"] - other["y"]) > APART[1]
            for other in named
        )
        if free and len(named) < NAMED_DOTS:
            named.append(dot)
    return named
