"""The one call of the room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from coproduce.records.handover import OTHER_TABLES
from coproduce.resilience.chains import Chain, chains
from coproduce.resilience.checks import capacity_factor, doubts, rates_cover_stages
from coproduce.resilience.explain import Answer, explain, no_rates
from coproduce.resilience.rates import Rates
from coproduce.resilience.types import Inputs, Options, Result, Totals

States = Mapping[str, Sequence[Chain]]


def run(inputs: Inputs, options: Options | None = None) -> Result:
    """Return expected shortage and weakest links of every product, before and after the plan.

    Args:
        inputs: programme and the exposures of both states.
        options: spare capacity of suppliers and the extra stock to try.

    Raises:
        UsageError: if the capacity factor is below 1.
        ModelError: if a stage has no failure rate of any country.
    """
    options = options or Options()
    if inputs.programme["disruptions"].is_empty():
        return no_rates()
    rates = Rates(inputs.programme["disruptions"])
    rates_cover_stages(inputs, rates)
    factor, is_given = capacity_factor(inputs, options)
    states = {
        when: chains(table, rates, factor, options.more_stock_years)
        for when, table in (("before", inputs.before), ("after", inputs.after))
    }
    weights = _weights(inputs)
    before, after = (_totals(found, weights) for found in states.values())
    answer = Answer(
        states=states,
        weights=weights,
        before=before,
        after=after,
        rates=rates,
        capacity_factor=factor,
        is_factor_given=is_given,
        has_own_weights=inputs.weights is not None,
        more_stock_years=options.more_stock_years,
    )
    words = explain(inputs.programme, answer)
    return Result(
        shortages=_shortages(states),
        stages=_stages(states),
        weakest=_weakest(states),
        before=before,
        after=after,
        finding=words.finding,
        reasons=words.reasons,
        warnings=tuple(doubts(inputs, rates, is_factor_given=is_given)),
        figures=words.figures,
    )


def _weights(inputs: Inputs) -> dict[str, float]:
    """Return product → weight: as given, else packs of a year times criticality."""
    if inputs.weights is not None:
        return dict(inputs.weights.select("product_id", "weight").iter_rows())
    packs = inputs.programme["demand"].group_by("product_id").agg(pl.col("quantity").sum())
    rows = inputs.programme["products"].join(packs, on="product_id")
    return dict(rows.select("product_id", pl.col("quantity") * pl.col("criticality")).iter_rows())


def _totals(found: Sequence[Chain], weights: Mapping[str, float]) -> Totals | None:
    total = sum(weights.get(one.product_id, 0.0) for one in found)
    if total <= 0:
        return None

    def mean(name: str) -> float:
        parts = (weights.get(one.product_id, 0.0) * getattr(one, name) for one in found)
        return float(sum(parts)) / total

    return Totals(
        shortage_share=mean("shortage_share"),
        shortage_low_share=mean("shortage_low_share"),
        availability_share=mean("availability_share"),
        shortage_more_stock_share=mean("more_stock_share"),
        weight=total,
    )


def _shortages(states: States) -> pl.DataFrame:
    schema = OTHER_TABLES["shortages"]
    rows = [
        {
            "product_id": one.product_id,
            "when": when,
            "availability_share": one.availability_share,
            "shortage_share": one.shortage_share,
            "weakest_stage_id": one.links[0].stage_id,
            "weakest_country_id": one.links[0].country_id,
        }
        for when, found in states.items()
        for one in found
    ]
    made = pl.DataFrame(rows) if rows else schema.create_empty()
    return schema.validate(made, cast=True)


def _stages(states: States) -> pl.DataFrame:
    rows = [
        (one.product_id, when, stage_id, *values)
        for when, found in states.items()
        for one in found
        for stage_id, values in one.stages.items()
    ]
    schema = dict.fromkeys(("product_id", "when", "stage_id"), pl.String)
    numbers = {"shortage_share": pl.Float64, "availability_share": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, **numbers, "sources": pl.Int64}, orient="row")


def _weakest(states: States) -> pl.DataFrame:
    rows = [
        (
            one.product_id,
            when,
            link.stage_id,
            link.country_id,
            one.shortage_share,
            link.without_share,
            one.shortage_share - link.without_share,
        )
        for when, found in states.items()
        for one in found
        for link in one.links
    ]
    text = dict.fromkeys(("product_id", "when", "stage_id", "country_id"), pl.String)
    numbers = dict.fromkeys(("shortage_share", "without_share", "saved_share"), pl.Float64)
    return pl.DataFrame(rows, schema={**text, **numbers}, orient="row")


__all__ = ["run"]
