"""The user's limits counted again, for the checker alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import polars as pl

from coproduce.network.recount import Facts


def check_limits(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Return every limit that the plan breaks."""
    counters = {
        "max_capex_per_year": _capex_per_year,
        "max_capex_total": _capex_total,
        "min_self_sufficiency": _self_sufficiency,
        "max_country_share": _country_share,
        "min_region_capex_share": _region_share,
        "min_regions": _regions,
        "fixed_site": _fixed,
        "forbidden_site": _forbidden,
    }
    return [
        f"limit {row['limit_id']} is broken: {text}"
        for row in facts.programme["limits"].iter_rows(named=True)
        for text in counters[row["kind"]](facts, tables, row)
    ]


def _years(facts: Facts, row: dict[str, Any]) -> list[int]:
    first, last = row["first_year"] or facts.years[0], row["last_year"] or facts.years[-1]
    return [year for year in facts.years if first <= year <= last]


def _orders(facts: Facts, tables: Mapping[str, pl.DataFrame], row: dict[str, Any]) -> pl.DataFrame:
    return tables["openings"].filter(pl.col("year").is_in(_years(facts, row)))


def _over(amount: float, limit: float) -> bool:
    return amount > limit + 1e-6 * max(1.0, abs(limit))


def _capex_per_year(
    facts: Facts, tables: Mapping[str, pl.DataFrame], row: dict[str, Any]
) -> list[str]:
    spent = _orders(facts, tables, row).group_by("year").agg(pl.col("capex_mn").sum())
    return [f"{capex:.6g} in {y}" for y, capex in spent.iter_rows() if _over(capex, row["value"])]


def _capex_total(
    facts: Facts, tables: Mapping[str, pl.DataFrame], row: dict[str, Any]
) -> list[str]:
    spent = float(_orders(facts, tables, row)["capex_mn"].sum())
    return [f"{spent:.6g} in all"] if _over(spent, row["value"]) else []


def _self_sufficiency(
    facts: Facts, tables: Mapping[str, pl.DataFrame], row: dict[str, Any]
) -> list[str]:
    found = []
    for year in _years(facts, row):
        full = whole = 0.0
        for product_id, segment_id in facts.wanted:
            if row["scope_id"] not in (None, product_id):
                continue
            demand = facts.demand(product_id, segment_id, None, year)
            own = tables["sales"].filter(
                (pl.col("product_id") == product_id)
                & (pl.col("segment_id") == segment_id)
                & (pl.col("year") == year)
            )
            chain = facts.chain(product_id)
            whole += demand
            full += float(own.filter(pl.col("stages_inside") == chain)["quantity"].sum())
            full += (demand - float(own["quantity"].sum())) * facts.full_share(product_id)
        if _over(row["value"] * whole, full):
            found.append(f"{full:.6g} of {whole:.6g} packs in {year}")
    return found


def _country_share(
    facts: Facts, tables: Mapping[str, pl.DataFrame], row: dict[str, Any]
) -> list[str]:
    used: dict[tuple[str, str, int], float] = defaultdict(float)
    bought: dict[tuple[str, str, int], float] = defaultdict(float)
    for one in tables["production"].iter_rows(named=True):
        used[one["product_id"], one["stage_id"], one["year"]] += one["quantity"]
    for one in tables["purchases"].iter_rows(named=True):
        key = (one["product_id"], one["stage_id"], one["year"])
        used[key] += one["quantity"]
        if facts.sources[one["source_id"]]["maker_country_id"] == row["scope_id"]:
            bought[key] += one["quantity"]
    return [
        f"{quantity:.6g} of {used[key]:.6g} of {key[0]}|{key[1]} in {key[2]}"
        for key, quantity in bought.items()
        if key[2] in _years(facts, row) and _over(quantity, row["value"] * used[key])
    ]


def _region_share(
    facts: Facts, tables: Mapping[str, pl.DataFrame], row: dict[str, Any]
) -> list[str]:
    own = whole = 0.0
    for one in _orders(facts, tables, row).iter_rows(named=True):
        whole += one["capex_mn"]
        if facts.sites[one["site_id"]]["region_id"] == row["scope_id"]:
            own += one["capex_mn"]
    return [f"{own:.6g} of {whole:.6g}"] if _over(row["value"] * whole, own) else []


def _regions(facts: Facts, tables: Mapping[str, pl.DataFrame], row: dict[str, Any]) -> list[str]:
    opened = set(_orders(facts, tables, row)["site_id"].to_list())
    regions = {facts.sites[site_id]["region_id"] for site_id in opened}
    return [f"only {len(regions)} regions"] if len(regions) < row["value"] else []


def _fixed(facts: Facts, tables: Mapping[str, pl.DataFrame], row: dict[str, Any]) -> list[str]:
    opened = _orders(facts, tables, row)["site_id"].to_list()
    return [] if row["scope_id"] in opened else [f"{row['scope_id']} is not opened"]


def _forbidden(facts: Facts, tables: Mapping[str, pl.DataFrame], row: dict[str, Any]) -> list[str]:
    opened = _orders(facts, tables, row)["site_id"].to_list()
    return [f"{row['scope_id']} is opened"] if row["scope_id"] in opened else []
