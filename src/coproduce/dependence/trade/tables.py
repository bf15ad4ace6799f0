"""Indicators as tables: one row per importer, product and year, and one per pair of countries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.dependence.trade.criteria import (
    UNKNOWN,
    GeoDep,
    effective_number,
    import_export_ratio,
    substitutability,
)
from coproduce.dependence.trade.entity import Cdi, EntityTrade
from coproduce.dependence.trade.panel import NOBODY, Panel, position
from coproduce.dependence.trade.reliance import export_propensity, net_import_reliance
from coproduce.dependence.trade.similarity import finger_kreinin, michaely
from coproduce.sources.trade import store

Floats = NDArray[np.float64]


def indicators(panel: Panel, criteria: GeoDep, country_id: str) -> pl.DataFrame:
    """Return one country's indicators, a row per year and product that it imports or exports.

    Columns: year, country_id, product_id, imports_usd, exports_usd, import_share (of the
    country's imports), world_import_share (of the product's world trade), n_suppliers, hhi,
    effective_suppliers, top1_id … top3_id, top1_share … top3_share, world_hhi,
    import_export_ratio, c1, c2, c3, c4 (null where the years are too few to say),
    years_dependent, substitutability (0–1).
    """
    row = panel.country(country_id)
    imports, exports = panel.imports_usd[row], panel.exports_usd[row]
    product, year = np.nonzero((imports > 0) | (exports > 0))
    order = np.lexsort((product, year))
    product, year = product[order], year[order]
    at = (product, year)
    bought = imports[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        import_share = bought / imports.sum(axis=0)[year]
        world_share = bought / panel.world_usd[at]
    c4 = pl.Series(criteria.c4[row][at])
    data: dict[str, object] = {
        "year": np.asarray(panel.years, np.int32)[year],
        "country_id": pl.Series([country_id], dtype=pl.String).new_from_index(0, len(product)),
        "product_id": _names(panel.product_ids, product),
        "imports_usd": bought,
        "exports_usd": exports[at],
        "import_share": _or_null(import_share),
        "world_import_share": _or_null(world_share),
        "n_suppliers": panel.n_suppliers[row][at],
        "hhi": _or_null(panel.hhi[row][at]),
        "effective_suppliers": _or_null(effective_number(panel.hhi[row][at])),
        **_largest(panel, row, at),
        "world_hhi": _or_null(panel.world_hhi[at]),
        "import_export_ratio": _or_null(import_export_ratio(bought, exports[at])),
        "c1": criteria.c1[row][at],
        "c2": criteria.c2[at],
        "c3": criteria.c3[row][at],
        "c4": c4.eq(1).set(c4 == UNKNOWN, None),
        "years_dependent": criteria.years_dependent[row][at],
        "substitutability": _or_null(substitutability(panel, row)[at]),
    }
    return pl.DataFrame(data)


def _largest(
    panel: Panel, row: int, at: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> dict[str, pl.Series]:
    """Return the three largest suppliers and their shares."""
    columns: dict[str, pl.Series] = {}
    bought = panel.imports_usd[row][at]
    for place in range(panel.top.shape[-1]):
        supplier = panel.top[row, ..., place][at]
        names = _names(panel.country_ids, np.where(supplier == NOBODY, 0, supplier))
        columns[f"top{place + 1}_id"] = names.set(pl.Series(supplier == NOBODY), None)
        with np.errstate(invalid="ignore"):
            share = panel.top_usd[row, ..., place][at] / bought
        share[supplier == NOBODY] = np.nan
        columns[f"top{place + 1}_share"] = _or_null(share)
    return columns


def with_cdi(table: pl.DataFrame, trade: EntityTrade, measured: Cdi) -> pl.DataFrame:
    """Return indicators with an entity's CDI1–CDI3 beside them, by product and year.

    Added columns: entity_imports_usd (from outside), entity_inside_usd, entity_exports_usd,
    cdi1, cdi2, cdi3, cdi_dependent.
    """
    outside = trade.suppliers_usd.sum(axis=0)
    product, year = np.nonzero(outside + trade.inside_usd + trade.exports_usd > 0)
    at = (product, year)
    entity = pl.DataFrame(
        {
            "year": np.asarray(trade.years, np.int32)[year],
            "product_id": _names(trade.product_ids, product),
            "entity_imports_usd": outside[at],
            "entity_inside_usd": trade.inside_usd[at],
            "entity_exports_usd": trade.exports_usd[at],
            "cdi1": _or_null(measured.cdi1[at]),
            "cdi2": _or_null(measured.cdi2[at]),
            "cdi3": _or_null(measured.cdi3[at]),
            "cdi_dependent": measured.is_dependent[at],
        }
    )
    return table.join(entity, on=["year", "product_id"], how="left", maintain_order="left")


def entity_indicators(trade: EntityTrade, measured: Cdi, entity_id: str) -> pl.DataFrame:
    """Return an entity's indicators, a row per year and product that it trades with outside.

    Columns: year, entity_id, product_id, imports_usd (from outside), inside_usd, exports_usd (to
    outside), n_suppliers, hhi, effective_suppliers, top1_id … top3_id, top1_share … top3_share,
    cdi1, cdi2, cdi3, cdi_dependent.
    """
    outside = trade.suppliers_usd.sum(axis=0)
    year, product = np.nonzero((outside + trade.exports_usd > 0).T)
    at = (product, year)
    suppliers = trade.suppliers_usd[:, product, year]
    order = np.argsort(-suppliers, axis=0, kind="stable")[:3]
    data: dict[str, object] = {
        "year": np.asarray(trade.years, np.int32)[year],
        "entity_id": pl.Series([entity_id], dtype=pl.String).new_from_index(0, len(product)),
        "product_id": _names(trade.product_ids, product),
        "imports_usd": outside[at],
        "inside_usd": trade.inside_usd[at],
        "exports_usd": trade.exports_usd[at],
        "n_suppliers": (suppliers > 0).sum(axis=0).astype(np.uint16),
        "hhi": _or_null(measured.cdi1[at]),
        "effective_suppliers": _or_null(effective_number(measured.cdi1[at])),
    }
    for place, holder in enumerate(order, start=1):
        flow = np.take_along_axis(suppliers, holder[None], axis=0)[0]
        with np.errstate(invalid="ignore"):
            share = np.where(flow > 0, flow / outside[at], np.nan)
        names = _names(trade.country_ids, holder)
        data[f"top{place}_id"] = names.set(pl.Series(flow == 0), None)
        data[f"top{place}_share"] = _or_null(share)
    for name in ("cdi1", "cdi2", "cdi3"):
        data[name] = _or_null(getattr(measured, name)[at])
    return pl.DataFrame({**data, "cdi_dependent": measured.is_dependent[at]})


def with_output(table: pl.DataFrame, output: pl.DataFrame) -> pl.DataFrame:
    """Return indicators with net import reliance and export propensity where output is known.

    Args:
        output: year, country_id, product_id, output_usd; each key once.
    """
    joined = table.join(
        output, on=["year", "country_id", "product_id"], how="left", maintain_order="left"
    )
    made = joined["output_usd"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    bought, sold = joined["imports_usd"].to_numpy(), joined["exports_usd"].to_numpy()
    return joined.with_columns(
        net_import_reliance=_or_null(net_import_reliance(bought, sold, made)),
        export_propensity=_or_null(export_propensity(sold, made)),
    )


def partners(panel: Panel, country_id: str, year: int) -> pl.DataFrame:
    """Return how a country's trade goes with every other's in one year, best suppliers first.

    Columns: year, country_id, partner_id, supply_complementarity (partner's exports with the
    country's imports, 0–100), market_complementarity (the country's exports with the partner's
    imports), export_similarity (of the two, 0–100).

    Source:
        Michaely (1996); Finger and Kreinin (1979).
    """
    row, at = panel.country(country_id), panel.year(year)
    exports, imports = panel.exports_usd[:, :, at], panel.imports_usd[:, :, at]
    names = pl.Series("partner_id", panel.country_ids, dtype=pl.String)
    table = pl.DataFrame(
        {
            "year": pl.Series([year], dtype=pl.Int32).new_from_index(0, len(names)),
            "country_id": pl.Series([country_id], dtype=pl.String).new_from_index(0, len(names)),
            "partner_id": names,
            "supply_complementarity": _or_null(michaely(exports, imports[row])),
            "market_complementarity": _or_null(michaely(exports[row], imports)),
            "export_similarity": _or_null(finger_kreinin(exports, exports[row])),
        }
    )
    return table.filter(pl.col("partner_id") != country_id).sort(
        "supply_complementarity", "partner_id", descending=[True, False], nulls_last=True
    )


def all_countries(panel: Panel, criteria: GeoDep) -> Iterator[pl.DataFrame]:
    """Yield the indicators country by country, so that the world need not fit into memory."""
    for country_id in panel.country_ids:
        table = indicators(panel, criteria, country_id)
        if not table.is_empty():
            yield table


def pair_flows(folder: Path, exporter_id: str, importer_id: str) -> pl.DataFrame:
    """Return all flows from one country to another, all products and years.

    Columns: year, product_id, value_usd, quantity_t, flags. Only the row groups in which the
    pair lies are read.

    Raises:
        SourceError: no such folder (S101, S102).
        UsageError: the folder has no such country (TX030).
    """
    country_ids = store.countries(folder)["country_id"].to_list()
    exporter = position(country_ids, exporter_id, "country")
    importer = position(country_ids, importer_id, "country")
    chosen = store.scan_flows(folder).filter(
        pl.col("exporter") == exporter, pl.col("importer") == importer
    )
    flows = chosen.select("year", "product", "value_usd", "quantity_t", "flags").collect()
    names = store.products(folder)["product_id"]
    return flows.select(
        "year",
        names.gather(flows["product"].cast(pl.UInt32)).alias("product_id"),
        "value_usd",
        "quantity_t",
        "flags",
    )


def _names(names: Sequence[str], rows: NDArray[np.integer]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(rows.astype(np.uint32))


def _or_null(values: Floats) -> pl.Series:
    """Return numbers with null where they are not defined."""
    return pl.Series(values, nan_to_null=True)


__all__ = [
    "all_countries",
    "entity_indicators",
    "indicators",
    "pair_flows",
    "partners",
    "with_cdi",
    "with_output",
]
