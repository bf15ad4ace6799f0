"""Named checks made before any measure: raise where an answer would be wrong."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from coproduce.dependence.types import Inputs, Options
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.programme import Programme

ROUNDING = 0.005
"""Shares of one market that miss 1 by less than this are rounding and are rescaled."""


def host_country(programme: Programme) -> str:
    """Return the country of the one party with the role ``host``.

    Raises:
        ModelError: D001 if there is none or more than one.
    """
    hosts = programme["parties"].filter(pl.col("role") == "host")["country_id"].to_list()
    if len(hosts) != 1:
        raise ModelError(
            f"found {len(hosts)} parties with role host, exactly one is allowed; "
            "correct the column role",
            code="D001",
            where="parties.csv",
        )
    return str(hosts[0])


def shares_do_not_exceed_one(programme: Programme) -> None:
    """Raise if the sources of a market supply more than all of a stage.

    Raises:
        ModelError: D002 naming the first such product, stage and market.
    """
    keys = ["market_country_id", "product_id", "stage_id"]
    over = (
        programme["sources"]
        .group_by(keys)
        .agg(pl.col("share_today").sum())
        .filter(pl.col("share_today") > 1 + ROUNDING)
        .sort(keys)
    )
    if over.is_empty():
        return
    market, product, stage, total = over.row(0)
    raise ModelError(
        f"shares of {product}, stage {stage}, market {market} add up to {total:.3f}; at most 1 "
        f"is allowed; correct share_today ({over.height} such group(s))",
        code="D002",
        where="sources.csv",
    )


def plan_is_complete(inputs: Inputs, options: Options) -> int:
    """Return the year that is measured.

    Raises:
        UsageError: D003 if the plan lacks a table or the asked year, or is of another programme.
    """
    if inputs.plan is None:
        if options.year is not None:
            raise UsageError("a year was asked for without a plan; leave it out", code="D003")
        return inputs.programme.settings.base_year
    for table in ("supply", "production", "purchases"):
        if table not in inputs.plan:
            raise UsageError(f"the plan has no table {table!r}", code="D003")
    for table, key, known in (
        ("production", "site_id", "sites"),
        ("purchases", "source_id", "sources"),
    ):
        named = set(inputs.plan[table][key]) - set(inputs.programme[known][key])
        if named:
            raise UsageError(
                f"the plan's table {table} names {', '.join(sorted(named))}, not found in "
                f"{known}; measure a plan with the programme it was made for",
                code="D003",
            )
    years = inputs.plan["supply"]["year"].unique().sort().to_list()
    if not years:
        raise UsageError("the plan's table supply is empty; nothing to measure", code="D003")
    year = years[-1] if options.year is None else options.year
    if year not in years:
        raise UsageError(
            f"the plan has no year {year}; it runs from {years[0]} to {years[-1]}", code="D003"
        )
    return int(year)


def demand_is_positive(demand_mn_packs: Mapping[str, float]) -> None:
    """Raise if nothing is demanded, because no total could be weighted.

    Raises:
        ModelError: D004.
    """
    if sum(demand_mn_packs.values()) <= 0:
        raise ModelError(
            "total demand is zero; at least one product needs a demand above 0",
            code="D004",
            where="demand.csv",
        )
