"""Pictures of trade as Vega-Lite specs, each with the table it shows; report and web draw both.

Colours are left to whoever draws, except where a colour means something. Nothing here reads a
clock or draws at random: the same flows give the same picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.dependence.complexity import proximity
from coproduce.dependence.complexity.types import Complexity
from coproduce.dependence.trade import panel as panels
from coproduce.dependence.trade.criteria import geodep
from coproduce.records.errors import UsageError
from coproduce.records.words import number, percent
from coproduce.sources.trade import store

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH_PX = 640
Spec = dict[str, Any]
GROUPED = "replace(datum.label, /,/g, '\u202f')"  # a thin space is read in every language
Floats = NDArray[np.float64]

CURVE_POINTS = 24
GAP_SHARE = 0.045
REST = "…"
SPACE_ROUNDS = 150
SPACE_PRODUCTS = 400
STRONG = 0.55
NAMED_DOTS = 14
APART = (0.16, 0.05)  # names nearer than this, of a picture from -1 to 1, would overlap

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "suppliers": "supplies", "buyer": "buys", "value": "USD mn", "share": "share of imports",
        "partner": "supplier", "product": "product", "year": "year", "state": "criteria held",
        "made": "made well", "frontier": "within reach", "far": "far",
        "none": "imports not concentrated", "concentrated": "imports concentrated",
        "all": "all three criteria",
        "rest": "all others", "sankey": "Who supplies {country}, {year}",
        "heat": "Suppliers of what {country} imports most, {year}",
        "space": "What {country} makes well and what is within reach, {year}",
        "persistence": "How long imports of {country} have hung on few, to {year}",
    },
    "ru": {
        "suppliers": "поставляет", "buyer": "покупает", "value": "млн USD",
        "share": "доля в импорте", "partner": "поставщик", "product": "товар", "year": "год",
        "state": "выполненные критерии", "made": "делается хорошо", "frontier": "достижимо",
        "far": "далеко", "none": "импорт не сосредоточен", "concentrated": "импорт сосредоточен",
        "all": "все три критерия", "rest": "все прочие",
        "sankey": "Кто поставляет: {country}, {year}",
        "heat": "Поставщики главных импортных товаров: {country}, {year}",
        "space": "Что делается хорошо и что достижимо: {country}, {year}",
        "persistence": "Как долго импорт зависит от немногих: {country}, по {year}",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and what it shows.

    Attributes:
        spec: Vega-Lite, data inside.
        table: the same as rows, for those who do not look at pictures.
    """

    spec: Spec
    table: pl.DataFrame


def titled(picture: Picture, form: str, country: str, year: int, lang: str = "en") -> Picture:
    """Return the picture under a heading.

    Args:
        picture: one of the four.
        form: ``sankey``, ``heat``, ``space`` or ``persistence``.
        country: code of the importer or host.
        year: the year shown, or the last one.
        lang: ``en`` or ``ru``.
    """
    text = WORDS[lang][form].format(country=country, year=year)
    title = {"text": text, "anchor": "start", "offset": 12}
    return Picture({**picture.spec, "title": title}, picture.table)


def imports(
    folder: Path, importer: str, year: int = 0, prefixes: tuple[str, ...] = ("",)
) -> pl.DataFrame:
    """Return what a country imports: product, supplier, buyer, value_usd.

    Args:
        folder: written by ``coproduce trade ingest``.
        importer: country code.
        year: 0 takes the last one.
        prefixes: only products whose code begins with one of these.

    Raises:
        SourceError: no such folder (S101, S102).
        UsageError: TX030 for an unknown country or year, TX043 if nothing is imported.
    """
    years = panels.chosen_years(store.read_meta(folder), (year,) if year else None)[-1:]
    country_ids, names = store.countries(folder)["country_id"], store.products(folder)
    at = panels.position(country_ids.to_list(), importer, "country")
    rows = (
        store.scan_flows(folder)
        .filter(pl.col("importer") == at, pl.col("year").is_in(years), pl.col("exporter") != at)
        .group_by("product", "exporter")
        .agg(pl.col("value_usd").sum())
        .collect()
    )
    found = rows.select(
        product=names["product_id"].gather(rows["product"]),
        supplier=country_ids.gather(rows["exporter"]),
        buyer=pl.lit(importer),
        value_usd="value_usd",
    )
    begins = pl.any_horizontal(pl.col("product").str.starts_with(prefix) for prefix in prefixes)
    found = found.filter(begins).sort("product", "supplier")
    if found.is_empty():
        raise UsageError(
            f"{importer} imports nothing of {' '.join(prefixes) or 'any product'} in {years[0]}",
            code="TX043",
        )
    return found


def supplier_shares(flows: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return product, supplier, share of the products imported most, largest first.

    Args:
        flows: from `imports`.
        most: so many products.
    """
    total = pl.col("value_usd").sum().over("product")
    kept = flows.group_by("product").agg(pl.col("value_usd").sum())
    kept = kept.sort(["value_usd", "product"], descending=[True, False]).head(most)
    shared = flows.select("product", "supplier", share=pl.col("value_usd") / total)
    return kept.select("product").join(shared, on="product", maintain_order="left_right")


def sankey(flows: pl.DataFrame, lang: str = "en", most: int = 12) -> Picture:
    """Return who supplies whom: ribbons as wide as the flows, suppliers left, buyers right.

    Args:
        flows: supplier, buyer, value_usd; summed where a couple stands more than once.
        lang: ``en`` or ``ru``.
        most: so many suppliers are shown; the rest are one ribbon named ``…``.
    """
    said = WORDS[lang]
    by_supplier = flows.group_by("supplier").agg(pl.col("value_usd").sum())
    order = by_supplier.sort(["value_usd", "supplier"], descending=[True, False])["supplier"]
    kept = order.head(most).to_list()
    table = (
        flows.with_columns(
            supplier=pl.when(pl.col("supplier").is_in(kept))
            .then("supplier")
            .otherwise(pl.lit(REST))
        )
        .group_by("supplier", "buyer")
        .agg(value_usd_mn=pl.col("value_usd").sum() / 1e6)
        .sort(["value_usd_mn", "supplier", "buyer"], descending=[True, False, False])
    )
    left = _stack(table, "supplier")
    right = _stack(table, "buyer")
    total = max(float(table["value_usd_mn"].sum()), 1e-12)
    ribbons, places = [], {**{("l", k): v[0] for k, v in left.items()}}
    places |= {("r", k): v[0] for k, v in right.items()}
    for row in table.iter_rows(named=True):
        thick = row["value_usd_mn"] / total
        start, end = places["l", row["supplier"]], places["r", row["buyer"]]
        places["l", row["supplier"]] += thick
        places["r", row["buyer"]] += thick
        for x in np.linspace(0, 1, CURVE_POINTS):
            y = start + (end - start) * x * x * (3 - 2 * x)
            ribbons.append(
                {
                    "x": round(float(x), 4),
                    "low": round(float(y), 5),
                    "high": round(float(y + thick), 5),
                    "flow": f"{row['supplier']} → {row['buyer']}",
                    "from": row["supplier"],
                    "value": round(row["value_usd_mn"], 3),
                }
            )
    bars: list[Spec] = [
        {
            "x": 0,
            "low": low,
            "high": high,
            "name": f"{said['rest'] if name == REST else name} {percent(high - low, lang)}",
            "align": "right",
        }
        for name, (low, high) in left.items()
    ]
    for name, (low, high) in right.items():
        label = f"{name} {number((high - low) * total, lang)} {said['value']}"
        bars.append({"x": 1, "low": low, "high": high, "name": label, "align": "left"})
    return Picture(_sankey_spec(ribbons, bars, said), table)


def _stack(table: pl.DataFrame, side: str) -> dict[str, tuple[float, float]]:
    """Return where each name's bar begins and ends, largest at the bottom, gaps between."""
    sums = table.group_by(side).agg(pl.col("value_usd_mn").sum())
    sums = sums.sort(["value_usd_mn", side], descending=[True, False])
    total = max(float(sums["value_usd_mn"].sum()), 1e-12)
    places, at = {}, 0.0
    for name, value in sums.iter_rows():
        places[str(name)] = (at, at + value / total)
        at += value / total + GAP_SHARE
    return places


def _sankey_spec(ribbons: list[Spec], bars: list[Spec], said: Mapping[str, str]) -> Spec:
    x = {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [-0.25, 1.25]}}
    y = {"field": "low", "type": "quantitative", "axis": None, "scale": {"zero": False}}

    def names(align: str, shift: int) -> Spec:
        return {
            "data": {"values": [bar for bar in bars if bar["align"] == align]},
            "mark": {"type": "text", "align": align, "dx": shift, "limit": 150},
            "encoding": {
                "x": x,
                "y": {**y, "field": "middle"},
                "text": {"field": "name"},
            },
            "transform": [{"calculate": "(datum.low + datum.high) / 2", "as": "middle"}],
        }

    tooltip = [
        {"field": "flow", "type": "nominal", "title": said["suppliers"]},
        {"field": "value", "type": "quantitative", "title": said["value"], "format": ",.1f"},
    ]
    ribbon = {
        "data": {"values": ribbons},
        "mark": {"type": "area", "opacity": 0.55, "interpolate": "monotone"},
        "encoding": {
            "x": x,
            "y": y,
            "y2": {"field": "high"},
            "detail": {"field": "flow"},
            "color": {
                "field": "from",
                "type": "nominal",
                "legend": None,
                "scale": {"scheme": "tableau20"},
            },
            "tooltip": tooltip,
        },
    }
    bar = {
        "data": {"values": bars},
        "mark": {"type": "rule", "strokeWidth": 8},
        "encoding": {"x": x, "y": y, "y2": {"field": "high"}},
    }
    layers = [ribbon, bar, names("right", -8), names("left", 8)]
    return {**_plain(460), "layer": layers}


def _plain(height_px: int) -> Spec:
    """Return the frame of a picture without axes: no box around it."""
    view = {"view": {"stroke": None}}
    return {"$schema": SCHEMA, "width": WIDTH_PX, "height": height_px, "config": view}


def heat_map(shares: pl.DataFrame, lang: str = "en", most: int = 12) -> Picture:
    """Return products by supplier, as dark as the supplier's share in the importer's imports.

    Args:
        shares: product, supplier, share (0–1).
        lang: ``en`` or ``ru``.
        most: so many suppliers, those with the largest sum of shares.
    """
    said = WORDS[lang]
    weight = shares.group_by("supplier").agg(pl.col("share").sum())
    order = weight.sort(["share", "supplier"], descending=[True, False])["supplier"].head(most)
    table = shares.filter(pl.col("supplier").is_in(order.to_list())).sort("product", "supplier")
    spec = {
        "$schema": SCHEMA,
        "width": WIDTH_PX,
        "height": {"step": 17},
        "data": {"values": table.to_dicts()},
        "mark": {"type": "rect"},
        "encoding": {
            "x": {
                "field": "supplier",
                "type": "nominal",
                "sort": order.to_list(),
                "title": said["partner"],
                "axis": {"orient": "top"},
            },
            "y": {"field": "product", "type": "nominal", "title": said["product"]},
            "color": {
                "field": "share",
                "type": "quantitative",
                "title": said["share"],
                "scale": {"domain": [0, 1], "scheme": "blues"},
                "legend": {"format": ".0%"},
            },
            "tooltip": [
                {"field": "product", "type": "nominal", "title": said["product"]},
                {"field": "supplier", "type": "nominal", "title": said["partner"]},
                {
                    "field": "share",
                    "type": "quantitative",
                    "title": said["share"],
                    "format": ".1%",
                },
            ],
        },
    }
    return Picture(spec, table)


def persistence(
    dense: panels.Panel, importer: str, products: Sequence[str], lang: str = "en"
) -> Picture:
    """Return a strip per product: in which years its imports were concentrated, or met all three.

    Args:
        dense: several years.
        importer: country code.
        products: codes, in the order of the strips.
        lang: ``en`` or ``ru``.

    Raises:
        UsageError: TX030 for an unknown country or product.
    """
    said = WORDS[lang]
    flags = geodep(dense)
    c = dense.country(importer)
    rows = []
    for name in products:
        p = panels.position(dense.product_ids, name, "product")
        for t, year in enumerate(dense.years):
            held = "all" if flags.all_three[c, p, t] else "none"
            if held == "none" and flags.c1[c, p, t]:
                held = "concentrated"
            rows.append({"product": name, "year": year, "state": said[held]})
    table = pl.DataFrame(rows, schema={"product": pl.String, "year": pl.Int64, "state": pl.String})
    domain = [said["none"], said["concentrated"], said["all"]]
    spec = {
        "$schema": SCHEMA,
        "width": {"step": 34},
        "height": {"step": 17},
        "data": {"values": table.to_dicts()},
        "mark": {"type": "rect", "stroke": "white"},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "title": said["year"]},
            "y": {
                "field": "product",
                "type": "nominal",
                "sort": list(products),
                "title": said["product"],
            },
            "color": {
                "field": "state",
                "type": "nominal",
                "title": said["state"],
                "scale": {"domain": domain, "range": ["#dfe3e6", "#f0b45a", "#b5482a"]},
            },
            "tooltip": [
                {"field": "product", "type": "nominal", "title": said["product"]},
                {"field": "year", "type": "ordinal", "title": said["year"]},
                {"field": "state", "type": "nominal", "title": said["state"]},
            ],
        },
    }
    return Picture(spec, table)


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
    return {**_plain(520), "layer": [web, dots, names]}


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


__all__ = [
    "Picture",
    "heat_map",
    "imports",
    "persistence",
    "product_space",
    "sankey",
    "supplier_shares",
    "titled",
]
