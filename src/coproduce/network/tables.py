"""The plan as declared tables."""

from __future__ import annotations

from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from coproduce.network.case import Case
from coproduce.network.cash import cash_table
from coproduce.network.distribute import Flow
from coproduce.network.pooled import Pooled
from coproduce.records.handover import PLAN_TABLES


def plan_tables(case: Case, pooled: Pooled, flows: list[Flow]) -> dict[str, pl.DataFrame]:
    """Return every plan table, valid against its schema and sorted by its key."""
    rows = {
        "openings": _openings(case, pooled),
        "production": _production(case, pooled),
        "purchases": _purchases(case, pooled),
        "sales": _sales(case, pooled),
        "supply": _supply(case, pooled),
        "flows": _flows(case, flows),
    }
    tables = {name: _frame(PLAN_TABLES[name], found) for name, found in rows.items()}
    return {**tables, "cash": cash_table(case, pooled, flows)}


def _frame(schema: type[dy.Schema], rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = schema.column_names()
    types = {name: column.dtype for name, column in schema.columns().items()}
    frame = pl.DataFrame(
        [[row[name] for name in names] for row in rows], schema=types, orient="row"
    )
    return schema.validate(frame.sort(schema.primary_key()))


def _openings(case: Case, pooled: Pooled) -> list[dict[str, Any]]:
    rows = []
    for (number, index), ordered in pooled.build.items():
        line = case.lines[number]
        size = line.sizes[index]
        for order in np.flatnonzero(ordered):
            count = int(ordered[order])
            rows.append(
                {
                    "site_id": line.site_id,
                    "technology_id": line.technology_id,
                    "module_id": size.module_id,
                    "year": case.years[order],
                    "modules": count,
                    "first_output_year": case.years[order] + line.lead_years,
                    "capacity_per_year": count * size.capacity,
                    "capex_mn": count * float(size.capex_by_year[order]),
                }
            )
    return rows


def _production(case: Case, pooled: Pooled) -> list[dict[str, Any]]:
    return [
        {
            "product_id": key[0],
            "stage_id": key[1],
            "site_id": case.lines[number].site_id,
            "technology_id": case.lines[number].technology_id,
            "year": case.years[year],
            "quantity": float(made[year]),
            "capacity_used": float(made[year]) * case.parts[key].use_per_unit,
        }
        for (key, number), made in pooled.make.items()
        for year in np.flatnonzero(made)
    ]


def _purchases(case: Case, pooled: Pooled) -> list[dict[str, Any]]:
    rows = []
    for (key, source_id), bought in pooled.buy.items():
        supply = next(s for s in case.parts[key].supplies if s.source_id == source_id)
        for year in np.flatnonzero(bought):
            rows.append(
                {
                    "product_id": key[0],
                    "stage_id": key[1],
                    "source_id": source_id,
                    "year": case.years[year],
                    "quantity": float(bought[year]),
                    "cost_mn": float(bought[year] * supply.delivered_by_year[year]),
                }
            )
    return rows


def _sales(case: Case, pooled: Pooled) -> list[dict[str, Any]]:
    rows = []
    for (number, index), sold in pooled.sell.items():
        market = case.markets[number]
        bid, shares = market.bids[index], market.zone_shares
        for year in np.flatnonzero(sold):
            for zone in np.flatnonzero(shares[year]):
                quantity = float(sold[year] * shares[year, zone])
                rows.append(
                    {
                        "product_id": market.product_id,
                        "zone_id": case.zones[zone][0],
                        "segment_id": market.segment_id,
                        "standing_id": bid.route.standing_by_year[year],
                        "stages_inside": bid.route.stages_inside,
                        "year": case.years[year],
                        "quantity": quantity,
                        "revenue_mn": quantity * float(bid.price_by_year[year]),
                    }
                )
    return rows


def _supply(case: Case, pooled: Pooled) -> list[dict[str, Any]]:
    rows = []
    for number, market in enumerate(case.markets):
        own = np.zeros(len(case.years))
        for (place, _), sold in pooled.sell.items():
            if place == number:
                own += sold
        demand = market.demand_by_year
        unmet = pooled.unmet.get(number, np.zeros(len(case.years)))
        others = np.maximum(demand - own - unmet, 0.0)
        inside = others * case.others[market.product_id].inside_share_by_year
        for year, calendar in enumerate(case.years):
            rows.append(
                {
                    "product_id": market.product_id,
                    "segment_id": market.segment_id,
                    "year": calendar,
                    "demand": float(demand[year]),
                    "own": float(own[year]),
                    "others_inside": float(inside[year]),
                    "others_outside": float(others[year] - inside[year]),
                    "unmet": float(unmet[year]),
                }
            )
    return rows


def _flows(case: Case, flows: list[Flow]) -> list[dict[str, Any]]:
    return [
        {
            "from_id": flow.origin[1],
            "to_id": flow.target[1],
            "product_id": flow.key[0],
            "stage_id": flow.key[1],
            "year": case.years[flow.year],
            "from_kind": flow.origin[0],
            "to_kind": flow.target[0],
            "quantity": flow.quantity,
            "tonnes": flow.quantity * case.parts[flow.key].tonnes_per_unit,
            "freight_mn": flow.inland_mn + flow.lane_mn,
        }
        for flow in flows
    ]
