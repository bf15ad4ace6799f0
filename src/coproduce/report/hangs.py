"""Which uncertain facts the answer hangs on: a ranking by what their range does to the value.

First-order: each fact is moved from its low to its high end while the plan stays as it is, so a
swing says where research pays first, not what a new plan would be worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from coproduce.records.figures import row_ref

if TYPE_CHECKING:
    from coproduce.records.programme import Programme

UNKNOWN_RANGE_SHARE = 0.5
"""Width taken where a fact has no low and high: a quarter of the value on each side."""

_UNCERTAIN = ("estimated", "assumed", "synthetic")
_RUNNING = ("revenue", "inputs", "duties", "freight", "variable_cost")
DISCOUNT_PARAMETERS = ("social_discount_rate_share",)


@dataclass(frozen=True, slots=True)
class Hanger:
    """A fact and what its range is worth.

    Attributes:
        row: reference of the fact's row.
        kind: ``price``, ``demand``, ``source_price``, ``capital_cost`` or ``parameter``.
        ids: what the fact is about: kind of id → id.
        range_share: width of the range as a share of the value used.
        is_range_known: False where `UNKNOWN_RANGE_SHARE` was taken.
        swing_mn: change of the plan's discounted value over the range, base currency mn.
    """

    row: str
    kind: str
    ids: Mapping[str, str]
    status: str
    origin_id: str
    range_share: float
    is_range_known: bool
    swing_mn: float


def discount_rate_share(programme: Programme) -> float:
    """Return the real rate used for the ranking: the programme's own, else the host's."""
    for name in DISCOUNT_PARAMETERS:
        rows = programme["parameters"].filter(pl.col("parameter_id") == name)
        if rows.height:
            return float(rows["value"][0])
    host = programme["parties"].filter(pl.col("role") == "host")
    return float(host["discount_rate_share"][0])


def rank(programme: Programme, plan: Mapping[str, pl.DataFrame]) -> tuple[Hanger, ...]:
    """Return the uncertain facts that the plan uses, largest swing first.

    Args:
        programme: its `prices`, `demand`, `sources`, `modules` and `parameters` are looked at.
        plan: `PLAN_TABLES`; amounts in base currency mn.
    """
    rate = discount_rate_share(programme)
    base = programme.settings.base_year
    found = [
        *_prices(programme, _worth(plan["sales"], "revenue_mn", rate, base)),
        *_demand(programme, plan, rate, base),
        *_sources(programme, _worth(plan["purchases"], "cost_mn", rate, base)),
        *_modules(programme, _worth(plan["openings"], "capex_mn", rate, base)),
        *_parameters(programme, _worth(plan["cash"], "value_mn", rate, base)),
    ]
    ordered = sorted(found, key=lambda hanger: (-hanger.swing_mn, hanger.row))
    return tuple(hanger for hanger in ordered if hanger.swing_mn > 0)


def _worth(frame: pl.DataFrame, column: str, rate: float, base_year: int) -> pl.DataFrame:
    factor = (1 + rate) ** (pl.col("year") - base_year).cast(pl.Float64)
    return frame.with_columns(worth=pl.col(column) / factor)


def _width(row: Mapping[str, Any], value: str, low: str, high: str) -> tuple[float, bool]:
    if row.get(low) is None or row.get(high) is None or not row[value]:
        return UNKNOWN_RANGE_SHARE, False
    return abs(row[high] - row[low]) / abs(row[value]), True


def _uncertain(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    yield from frame.filter(pl.col("status").is_in(_UNCERTAIN)).iter_rows(named=True)


def _sums(frame: pl.DataFrame, *keys: str) -> dict[Any, float]:
    summed = frame.group_by(*keys).agg(pl.col("worth").sum())
    if len(keys) == 1:
        return dict(summed.iter_rows())
    return {row[:-1]: row[-1] for row in summed.iter_rows()}


def _prices(programme: Programme, sales: pl.DataFrame) -> Iterator[Hanger]:
    earned = _sums(sales, "product_id", "segment_id")
    for row in _uncertain(programme["prices"]):
        key = (row["product_id"], row["segment_id"])
        width, is_known = _width(row, "price_per_pack", "price_low", "price_high")
        yield Hanger(
            row_ref("prices", *key),
            "price",
            {"product": key[0], "segment": key[1]},
            row["status"],
            row["origin_id"],
            width,
            is_known,
            abs(earned.get(key, 0.0)) * width,
        )


def _demand(
    programme: Programme, plan: Mapping[str, pl.DataFrame], rate: float, base: int
) -> Iterator[Hanger]:
    """Demand moves a product's running margin in proportion to the packs that the plan sells."""
    cash = _worth(plan["cash"].filter(pl.col("item").is_in(_RUNNING)), "value_mn", rate, base)
    margin = _sums(cash, "product_id")
    sold = (
        plan["sales"].group_by("product_id", "zone_id", "segment_id").agg(pl.col("quantity").sum())
    )
    total = dict(sold.group_by("product_id").agg(pl.col("quantity").sum()).iter_rows())
    packs = {row[:3]: row[3] for row in sold.iter_rows()}
    for row in _uncertain(programme["demand"]):
        key = (row["product_id"], row["zone_id"], row["segment_id"])
        part = packs.get(key, 0.0) / total[key[0]] if total.get(key[0]) else 0.0
        width, is_known = _width(row, "quantity", "quantity_low", "quantity_high")
        yield Hanger(
            row_ref("demand", *key),
            "demand",
            {"product": key[0], "zone": key[1], "segment": key[2]},
            row["status"],
            row["origin_id"],
            width,
            is_known,
            abs(margin.get(key[0], 0.0)) * part * width,
        )


def _sources(programme: Programme, purchases: pl.DataFrame) -> Iterator[Hanger]:
    paid = _sums(purchases, "source_id")
    for row in _uncertain(programme["sources"]):
        width, is_known = _width(row, "price_per_unit", "price_low", "price_high")
        yield Hanger(
            row_ref("sources", row["source_id"]),
            "source_price",
            {
                "product": row["product_id"],
                "stage": row["stage_id"],
                "country": row["maker_country_id"],
            },
            row["status"],
            row["origin_id"],
            width,
            is_known,
            abs(paid.get(row["source_id"], 0.0)) * width,
        )


def _modules(programme: Programme, openings: pl.DataFrame) -> Iterator[Hanger]:
    spent = _sums(openings, "technology_id", "module_id")
    for row in _uncertain(programme["modules"]):
        key = (row["technology_id"], row["module_id"])
        width, is_known = _width(row, "capex_mn", "capex_low_mn", "capex_high_mn")
        yield Hanger(
            row_ref("modules", *key),
            "capital_cost",
            {"technology": key[0], "module": key[1]},
            row["status"],
            row["origin_id"],
            width,
            is_known,
            abs(spent.get(key, 0.0)) * width,
        )


_SCALES_ITEM = {
    "inland_freight_per_t_km": "freight",
    "transfer_cost_per_product_mn": "transfer_fee",
    "shortage_penalty_factor": "shortage_penalty",
}
"""Parameters that an item of the cash table is proportional to."""


def _parameters(programme: Programme, cash: pl.DataFrame) -> Iterator[Hanger]:
    items = _sums(cash, "item")
    rate = discount_rate_share(programme)
    for row in _uncertain(programme["parameters"]):
        name = row["parameter_id"]
        width, is_known = _width(row, "value", "low", "high")
        if name == "terminal_years" and is_known:
            span = _annuity(row["high"], rate) - _annuity(row["low"], rate)
            width = span / _annuity(row["value"], rate)
            swing = abs(items.get("residual_value", 0.0)) * width
        else:
            swing = abs(items.get(_SCALES_ITEM.get(name, ""), 0.0)) * width
        yield Hanger(
            row_ref("parameters", name),
            "parameter",
            {"parameter": name},
            row["status"],
            row["origin_id"],
            width,
            is_known,
            swing,
        )


def _annuity(years: float, rate_share: float) -> float:
    """Return the worth of one a year for some years.

    Example:
        >>> round(_annuity(2, 0.1), 4)
        1.7355
    """
    if rate_share == 0:
        return years
    return float((1 - (1 + rate_share) ** -years) / rate_share)
