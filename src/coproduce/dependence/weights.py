"""How much each product weighs: demand in packs and in money."""

from __future__ import annotations

import polars as pl

from coproduce.records.errors import ModelError
from coproduce.records.programme import Programme


def demand_weights(programme: Programme, year: int) -> pl.DataFrame:
    """Return product_id, demand_mn_packs, value_mn (base currency) and is_priced, sorted.

    Args:
        programme: `demand`, `prices` and `fx` are used.
        year: calendar year to which demand is grown; prices are real and stay.

    Raises:
        ModelError: D006 if a price's currency has no rate near the base year.
    """
    growth = (1 + pl.col("growth_share_per_year")) ** (year - pl.col("year"))
    demand = (
        programme["demand"]
        .with_columns(packs=pl.col("quantity") * growth)
        .group_by("product_id", "segment_id")
        .agg(pl.col("packs").sum())
    )
    prices = _prices(programme)
    mean = prices.group_by("product_id").agg(mean=pl.col("price").mean())
    weighed = (
        demand.join(prices, on=["product_id", "segment_id"], how="left")
        .join(mean, on="product_id", how="left")
        .with_columns(pl.col("price").fill_null(pl.col("mean")))
        .group_by("product_id")
        .agg(
            demand_mn_packs=pl.col("packs").sum(),
            value_mn=(pl.col("packs") * pl.col("price")).sum(),
            is_priced=pl.col("price").is_not_null().all(),
        )
    )
    return (
        programme["products"]
        .select("product_id")
        .join(weighed, on="product_id", how="left")
        .with_columns(
            pl.col("demand_mn_packs", "value_mn").fill_null(0.0),
            pl.col("is_priced").fill_null(True),
        )
        .sort("product_id")
    )


def _prices(programme: Programme) -> pl.DataFrame:
    base_year = programme.settings.base_year
    rates = _rates(programme, base_year)
    rates[programme.settings.currency] = 1.0
    missing = set(programme["prices"]["currency"]) - rates.keys()
    if missing:
        raise ModelError(
            f"no rate of {', '.join(sorted(missing))} for {base_year} or a later year; add rows",
            code="D006",
            where="fx.csv",
        )
    rate = pl.col("currency").replace_strict(rates, return_dtype=pl.Float64)
    return programme["prices"].select(
        "product_id", "segment_id", price=pl.col("price_per_pack") * rate
    )


def _rates(programme: Programme, base_year: int) -> dict[str, float]:
    """Return the rate of each currency in the base year or the first year after it."""
    rows = programme["fx"].filter(pl.col("year") >= base_year).sort("year", descending=True)
    return dict(rows.select("currency", "base_per_unit").iter_rows())
