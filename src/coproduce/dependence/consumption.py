"""Apparent consumption: from demand through the bill of materials, and from the trade files."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from coproduce.dependence.walk import Walk
from coproduce.records.programme import Programme

CONSUMPTION = {
    "product_id": pl.String,
    "input_product_id": pl.String,
    "stage_id": pl.String,
    "need_per_year": pl.Float64,
    "inside_per_year": pl.Float64,
}
TRADE = {
    "hs6": pl.String,
    "year": pl.Int32,
    "imports_usd": pl.Float64,
    "exports_usd": pl.Float64,
    "imports_t": pl.Float64,
    "exports_t": pl.Float64,
    "hhi": pl.Float64,
    "top_country_id": pl.String,
    "top_share": pl.Float64,
    "need_t": pl.Float64,
    "output_t": pl.Float64,
    "apparent_t": pl.Float64,
}


def consumption(
    programme: Programme, walks: Iterable[Walk], weights: pl.DataFrame, inside: frozenset[str]
) -> pl.DataFrame:
    """Return what demand needs of each stage a year, wherever in the world that stage is made.

    The part made inside the bloc is the chain share of its countries times the need.
    """
    packs = dict(weights.select("product_id", "demand_mn_packs").iter_rows())
    rows = []
    for walk in walks:
        demand = packs.get(walk.chain.product_id, 0.0)
        for node in walk.chain.order:
            need = demand * walk.chain.per_unit[node]
            local = sum(part for code, part in walk.countries(node).items() if code in inside)
            rows.append((walk.chain.product_id, *node, need, need * local))
    units = programme["stages"].select("stage_id", "unit", "hs6", input_product_id="product_id")
    return (
        pl.DataFrame(rows, schema=CONSUMPTION, orient="row")
        .join(units, on=["input_product_id", "stage_id"], how="left")
        .sort("product_id", "input_product_id", "stage_id")
    )


def trade(programme: Programme, table: pl.DataFrame, host_id: str) -> pl.DataFrame:
    """Return, per HS code in the latest year of the trade files, the host's trade.

    `apparent_t` = output + imports − exports in tonnes, where output is what the programme's
    sources say is made inside; it is given only where all stages under the code are measured in
    tonnes and every import has a weight. `need_t` beside it is what demand asks for: a code often
    covers more than the programme's products, so `apparent_t` above `need_t` is usual.
    """
    flows = programme["trade_flows"]
    if flows.is_empty():
        return pl.DataFrame(schema=TRADE)
    flows = flows.filter(pl.col("year") == pl.col("year").max().over("hs6"))
    sums = (
        flows.filter((pl.col("importer_id") == host_id) & (pl.col("exporter_id") != host_id))
        .group_by("hs6", "year", "exporter_id")
        .agg(pl.col("value_usd").sum(), _whole_sum("quantity_t"))
        .sort(["hs6", "value_usd", "exporter_id"], descending=[False, True, False])
    )
    share = pl.col("value_usd") / pl.col("value_usd").sum()
    imports = sums.group_by("hs6", "year", maintain_order=True).agg(
        imports_usd=pl.col("value_usd").sum(),
        imports_t=_whole_sum("quantity_t"),
        hhi=(share**2).sum(),
        top_country_id=pl.col("exporter_id").first(),
        top_share=share.first(),
    )
    exports = (
        flows.filter((pl.col("exporter_id") == host_id) & (pl.col("importer_id") != host_id))
        .group_by("hs6")
        .agg(exports_usd=pl.col("value_usd").sum(), exports_t=_whole_sum("quantity_t"))
    )
    return (
        imports.join(exports, on="hs6", how="left")
        .with_columns(
            pl.col("exports_usd").fill_null(0.0),
            pl.when(pl.col("exports_usd").is_null())
            .then(0.0)
            .otherwise(pl.col("exports_t"))
            .alias("exports_t"),
        )
        .join(_tonnes(table), on="hs6", how="left")
        .with_columns(apparent_t=pl.col("output_t") + pl.col("imports_t") - pl.col("exports_t"))
        .select(*TRADE)
        .sort("hs6")
    )


def _whole_sum(column: str) -> pl.Expr:
    """Return the sum, or no value if any part is unknown: a part is not the whole."""
    return pl.when(pl.col(column).is_not_null().all()).then(pl.col(column).sum())


def _tonnes(table: pl.DataFrame) -> pl.DataFrame:
    return (
        table.filter(pl.col("hs6").is_not_null())
        .group_by("hs6")
        .agg(
            need_t=pl.col("need_per_year").sum(),
            output_t=pl.col("inside_per_year").sum(),
            is_weight=(pl.col("unit") == "t").all(),
        )
        .filter("is_weight")
        .drop("is_weight")
    )
