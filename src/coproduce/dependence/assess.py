"""The dependence room's one call."""

from __future__ import annotations

import polars as pl

from coproduce.dependence import checks, consumption, explain, measures
from coproduce.dependence.graph import ProductChain, product_chains
from coproduce.dependence.mix import Mix, plan_year, today, with_plan
from coproduce.dependence.types import Inputs, Options, Result
from coproduce.dependence.walk import walk
from coproduce.dependence.weights import demand_weights
from coproduce.records.handover import Exposures
from coproduce.records.words import Words


def run(inputs: Inputs, options: Options | None = None) -> Result:
    """Return how the host depends on makers abroad, today or under a plan.

    Args:
        inputs: the programme, and a plan's tables or None for today.
        options: what year and which thresholds.

    Raises:
        ModelError: D001, D002, D004 to D007, see `checks`, `graph` and `weights`.
        UsageError: D003 if the plan lacks a table or the asked year.
    """
    options = options or Options()
    programme = inputs.programme
    host_id = checks.host_country(programme)
    checks.shares_do_not_exceed_one(programme)
    year = checks.plan_is_complete(inputs, options)
    inside = frozenset(programme["countries"].filter("is_in_bloc")["country_id"]) | {host_id}
    chains = product_chains(programme)
    weights = demand_weights(programme, options.weight_year or programme.settings.base_year)
    checks.demand_is_positive(dict(weights.select("product_id", "demand_mn_packs").iter_rows()))

    mix = _mix(inputs, chains, year, host_id, inside)
    walks = [walk(chain, mix, host_id, inside) for chain in chains.values()]
    chain = measures.chain_table(walks)
    necks = measures.bottlenecks(chain, inside)
    sufficiency = measures.self_sufficiency(walks, weights, inside)
    exposures = measures.exposures(walks, mix, host_id)
    need = consumption.consumption(programme, walks, weights, inside)
    found = explain.Found(
        programme=programme,
        host_id=host_id,
        year=year,
        is_with_plan=inputs.plan is not None,
        walks={item.chain.product_id: item for item in walks},
        weights=weights,
        totals=measures.totals(sufficiency),
        sufficiency=sufficiency,
        necks=necks,
        countries=measures.country_totals(necks, walks, weights),
        safe=measures.looks_safe(sufficiency, necks, options.safe_share, options.exposed_share),
        mix=mix,
    )
    return Result(
        exposures=Exposures.validate(exposures),
        supply_mix=_supply_mix(exposures),
        concentration=measures.concentration(walks, mix, host_id, inside),
        self_sufficiency=sufficiency,
        totals=found.totals,
        chain=chain,
        bottlenecks=necks,
        countries=found.countries,
        looks_safe=found.safe,
        consumption=need,
        trade=consumption.trade(programme, need, host_id),
        mix=mix.table(),
        year=year,
        is_with_plan=found.is_with_plan,
        finding=explain.finding(found) if options.is_explained else Words("", ""),
        reasons=explain.reasons(found) if options.is_explained else (),
        warnings=explain.warnings(found) if options.is_explained else (),
        figures=explain.figures(found) if options.is_explained else (),
    )


def _mix(
    inputs: Inputs,
    chains: dict[str, ProductChain],
    year: int,
    host_id: str,
    inside: frozenset[str],
) -> Mix:
    base = today(inputs.programme)
    if inputs.plan is None:
        return base
    quantities = plan_year(inputs.programme, inputs.plan, year)
    return with_plan(base, quantities, chains, host_id, inside)


def _supply_mix(exposures: pl.DataFrame) -> pl.DataFrame:
    return exposures.filter(pl.col("direct_share") > 0).select(
        "product_id", "stage_id", "country_id", share="direct_share"
    )
