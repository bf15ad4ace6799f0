"""Opportunities handed to a programme: candidate stages of the network, needs of the forum."""

from __future__ import annotations

import polars as pl

from coproduce.dependence.pairs.opportunities import Opportunities
from coproduce.records.errors import UsageError
from coproduce.records.programme import Programme

HIGHEST_WEIGHT = 2.0
LOWEST_WEIGHT = 0.1
ORIGIN = "trade_opportunities"


def candidates(found: Opportunities, programme: Programme) -> pl.DataFrame:
    """Return the stages of a programme whose goods are opportunities.

    Columns: rank, product_id, stage_id, hs6, score, reason_en, reason_ru. A stage is found by its
    HS code, or its product's where it has none of its own; compared at the level of the trade
    data, so a code of four digits stands for all below it.

    Args:
        found: from `opportunities.find`.
        programme: whose products and stages are asked.
    """
    codes = programme["stages"].join(
        programme["products"].select("product_id", of_product="hs6"), on="product_id"
    )
    stages = codes.select("product_id", "stage_id", hs6=pl.coalesce("hs6", "of_product"))
    table = found.table.select("rank", "score", "reason_en", "reason_ru", code="product_id")
    both = stages.join(table, how="cross").filter(pl.col("hs6").str.starts_with(pl.col("code")))
    ordered = ("rank", "product_id", "stage_id", "hs6", "score", "reason_en", "reason_ru")
    return both.select(ordered).sort("rank", "product_id", "stage_id")


def needs(found: pl.DataFrame, programme: Programme, region_id: str) -> pl.DataFrame:
    """Return candidate stages as rows of the programme's table `needs`.

    What is sought is technology; the weight goes from 0.1 to 2 with the score. The rows are
    marked ``estimated`` and name the origin ``trade_opportunities``, to be added to `origins`.

    Args:
        found: from `candidates`.
        programme: the same.
        region_id: the region of the host that seeks.

    Raises:
        UsageError: TX042 if the programme has no such region.
    """
    regions = programme["regions"]["region_id"].to_list()
    if region_id not in regions:
        raise UsageError(
            f"no region {region_id!r} in the programme; there are {', '.join(regions[:12])} …",
            code="TX042",
        )
    best = pl.col("score").max().over(pl.lit(1))
    # no score at all, 0 / 0, weighs least
    part = (pl.col("score") / best).fill_nan(0.0)
    weight = (part * HIGHEST_WEIGHT).clip(LOWEST_WEIGHT)
    once = found.unique(["product_id", "stage_id"], keep="first", maintain_order=True)
    nothing = pl.lit(None, dtype=pl.String)
    return once.select(
        need_id=pl.format("trade_{}_{}", "product_id", "stage_id"),
        company_id=nothing,
        region_id=pl.lit(region_id),
        product_id="product_id",
        stage_id="stage_id",
        technology_id=nothing,
        seeks=pl.lit("technology"),
        weight=weight.round(3),
        status=pl.lit("estimated"),
        origin_id=pl.lit(ORIGIN),
        note=pl.format("HS {}: {}", "hs6", "reason_en"),
    )


__all__ = ["ORIGIN", "candidates", "needs"]
