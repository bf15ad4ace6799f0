"""Who supplies whom: ribbons, a map of shares, and for how long imports have hung on few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from coproduce.dependence.pictures.frame import (
    SCHEMA,
    WIDTH_PX,
    WORDS,
    Picture,
    Spec,
    plain,
)
from coproduce.dependence.trade import panel as panels
from coproduce.dependence.trade.criteria import geodep
from coproduce.records.errors import UsageError
from coproduce.records.words import number, percent
from coproduce.sources.trade import store

CURVE_POINTS = 24
GAP_SHARE = 0.045
REST = "…"


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
    return {**plain(460), "layer": layers}


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
