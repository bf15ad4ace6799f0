"""Plan tables made by hand for the world two_regions: one tablet line with packing, six years."""

from __future__ import annotations

from functools import cache

import polars as pl

from coproduce.appraisal import Inputs
from coproduce.records.handover import PLAN_TABLES
from coproduce.records.programme import Programme
from tests import worlds

YEARS = range(2027, 2033)
SOLD_MN_PACKS = 4.0
DEMAND_MN_PACKS = 13.0


def frame(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Return rows as a table valid against the contract."""
    schema = PLAN_TABLES[table]
    made = pl.DataFrame(rows) if rows else pl.DataFrame(schema=schema.column_names())
    return schema.validate(made.select(schema.column_names()), cast=True)


def cash_row(
    year: int, item: str, value_mn: float, site_id: str = "site_one"
) -> dict[str, object]:
    return {
        "site_id": site_id,
        "product_id": "alpha" if item != "capex" else "all",
        "year": year,
        "item": item,
        "status": "synthetic",
        "value_mn": value_mn,
    }


def joint(
    *,
    capex_mn: float = 400.0,
    sales_mn: float = 200.0,
    transfer_cost_mn: float = 12.0,
    booked_royalty_share: float = 0.0,
    site_id: str = "site_one",
    penalty_mn: float = 0.0,
) -> dict[str, pl.DataFrame]:
    """Return a plan: capital cost in 2027, 4 mn packs of alpha a year from 2028 on.

    Sales of 200 mn; inputs 60, variable cost 20 and fixed cost 25 mn a year; the transfer of the
    product costs 12 mn to others. Under the usual deal the partner gets a fee of 10 mn and a
    royalty of 2 % of sales, which a plan does not book unless told.
    """
    cash = [
        cash_row(2027, "capex", -capex_mn, site_id),
        cash_row(2027, "transfer_fee", -transfer_cost_mn),
    ]
    for year in YEARS[1:]:
        cash += [
            cash_row(year, "transfer", sales_mn * 0.9, site_id),
            cash_row(year, "revenue", sales_mn, "trade"),
            cash_row(year, "transfer", -sales_mn * 0.9, "trade"),
            cash_row(year, "inputs", -60.0, site_id),
            cash_row(year, "variable_cost", -20.0, site_id),
            cash_row(year, "fixed_cost", -25.0, site_id),
            cash_row(year, "profit_tax", -20.0, site_id),
            cash_row(year, "tax_relief", 12.0, site_id),
        ]
        if booked_royalty_share:
            cash.append(cash_row(year, "royalty", -booked_royalty_share * sales_mn, "trade"))
        if penalty_mn:
            cash.append(cash_row(year, "shortage_penalty", -penalty_mn, "trade"))
    cash.append(cash_row(2032, "residual_value", 300.0, site_id))
    keys = ["site_id", "product_id", "year", "item", "status"]
    whole = pl.DataFrame(cash).group_by(keys, maintain_order=True).agg(pl.col("value_mn").sum())
    return {
        "openings": frame(
            "openings",
            [
                {
                    "site_id": site_id,
                    "technology_id": "solids",
                    "module_id": "line",
                    "year": 2027,
                    "modules": 1,
                    "first_output_year": 2028,
                    "capacity_per_year": 250.0,
                    "capex_mn": capex_mn,
                }
            ],
        ),
        "production": frame("production", []),
        "purchases": frame(
            "purchases",
            [
                {
                    "product_id": "alpha",
                    "stage_id": "api",
                    "source_id": "s04",
                    "year": year,
                    "quantity": 40.0,
                    "cost_mn": 60.0,
                }
                for year in YEARS[1:]
            ],
        ),
        "sales": frame(
            "sales",
            [
                {
                    "product_id": "alpha",
                    "zone_id": "west",
                    "segment_id": "retail",
                    "standing_id": "local_fdf",
                    "stages_inside": "fdf+pack",
                    "year": year,
                    "quantity": SOLD_MN_PACKS,
                    "revenue_mn": sales_mn,
                }
                for year in YEARS[1:]
            ],
        ),
        "supply": supply(SOLD_MN_PACKS),
        "flows": frame("flows", []),
        "cash": PLAN_TABLES["cash"].validate(whole, cast=True),
    }


def supply(own: float) -> pl.DataFrame:
    return frame(
        "supply",
        [
            {
                "product_id": "alpha",
                "segment_id": "retail",
                "year": year,
                "demand": DEMAND_MN_PACKS,
                "own": own if year > 2027 else 0.0,
                "others_inside": 0.0,
                "others_outside": DEMAND_MN_PACKS - (own if year > 2027 else 0.0),
                "unmet": 0.0,
            }
            for year in YEARS
        ],
    )


def nothing() -> dict[str, pl.DataFrame]:
    """Return a plan that builds nothing."""
    made = {name: frame(name, []) for name in PLAN_TABLES}
    return made | {"supply": supply(0.0)}


@cache
def usual_world() -> tuple[Programme, dict[str, pl.DataFrame]]:
    world = worlds.programme()
    return world, worlds.law(world)


def inputs(
    world: Programme | None = None,
    *,
    plan: dict[str, pl.DataFrame] | None = None,
    alone: dict[str, pl.DataFrame] | None = None,
) -> Inputs:
    """Return inputs of the room; the host alone builds nothing unless told otherwise."""
    if world is None:
        world, law = usual_world()
    else:
        law = worlds.law(world)
    return Inputs(
        programme=world,
        law=law,
        joint=plan or joint(),
        alone=alone or nothing(),
    )
