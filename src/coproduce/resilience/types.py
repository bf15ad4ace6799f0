"""What the resilience room is given and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from coproduce.records.figures import Figure
from coproduce.records.programme import Programme
from coproduce.records.words import Words


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the room reads.

    Attributes:
        programme: the programme; `disruptions`, `demand`, `products`, `stages`, `countries` and
            the parameter ``supplier_capacity_factor`` (if there) are used.
        before, after: tables `Exposures` of today and of the plan; ``chain_share`` is who makes a
            stage of all that reaches the host, upstream stages traced to their root.
        weights: product_id, weight; None: demand in packs times criticality.
    """

    programme: Programme
    before: pl.DataFrame
    after: pl.DataFrame
    weights: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to reckon.

    Attributes:
        capacity_factor: what a supplier can make against what it sells today (factor, at least
            1); refills stock and stands in for others. None: the programme's parameter
            ``supplier_capacity_factor``, or 1.25 (plants used to 80 %) with a warning.
        more_stock_years: how much more stock the figure on stock tries out (years of use).
    """

    capacity_factor: float | None = None
    more_stock_years: float = 1.0 / 12.0


@dataclass(frozen=True, slots=True)
class Totals:
    """Means over products, weighted by demand and criticality (shares, 0-1).

    Attributes:
        shortage_share: expected unmet share of demand; cautious, see the README.
        shortage_low_share: lower bound: the worst stage of each product alone.
        availability_share: share of demand that flows without any stock.
        shortage_more_stock_share: expected unmet share with more stock at every stage.
        weight: sum of the weights of the products reckoned.
    """

    shortage_share: float
    shortage_low_share: float
    availability_share: float
    shortage_more_stock_share: float
    weight: float


@dataclass(frozen=True, slots=True)
class Result:
    """What the room found.

    Attributes:
        shortages: table `Shortages`: a row per product and state (before, after).
        stages: product_id, when, stage_id, shortage_share, availability_share, sources
            (countries that supply it).
        weakest: product_id, when, stage_id, country_id, shortage_share, without_share (shortage
            if this source never failed), saved_share; largest saving first.
        before, after: totals; None where nothing could be reckoned.
        finding: the main numbers in one sentence.
        reasons: sentences, most important first.
        warnings: what a reader must know before trusting a number.
        figures: every number that may be printed.
    """

    shortages: pl.DataFrame
    stages: pl.DataFrame
    weakest: pl.DataFrame
    before: Totals | None
    after: Totals | None
    finding: Words
    reasons: tuple[Words, ...]
    warnings: tuple[Words, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class SafetyInputs:
    """What the comparison of today, plan and safeguards reads.

    Attributes:
        programme: the programme.
        before, after: tables `Exposures` of today and of the plan's last year.
        weakest: the table of that name that the room's `run` gave for both.
        plan: tables ``supply``, ``production`` and ``purchases`` of the plan.
        by_year: calendar year of the plan → its table `Exposures`.
        demand_value_mn: yearly value of what is bought (base currency mn); costs of safeguards
            are shares of it.
    """

    programme: Programme
    before: pl.DataFrame
    after: pl.DataFrame
    weakest: pl.DataFrame
    plan: Mapping[str, pl.DataFrame]
    by_year: Mapping[int, pl.DataFrame]
    demand_value_mn: float


@dataclass(frozen=True, slots=True)
class Safety:
    """Today, the plan, and the plan with each safeguard.

    Attributes:
        states: a row per state: state_id, kind, stage_id, name_en, name_ru, cost_share (of the
            yearly value bought), cost_mn (a year), shortage_share, shortage_low_share,
            avoided_share (against the plan), products_changed, products_cut_by_one_source,
            effective_sources (mean over products of the least of their stages),
            full_cycle_share, bottleneck_share (its bound), cheapest_for (targets), status.
        measures: a row per product and state (``when``), see `measures.study`.
        tiers: a row per product, stage and state (``when``).
        local_stage: a row per product: home share of `local_stage_id`, bottleneck and shortage
            before and after the stage is made wholly at home today.
        over_time: state (before, after), time (year), mean, low, high (share): expected shortage
            by year, with its lower bound.
        places: when, rank, country_id, saved_share, stage_id, products: what a country's
            perfection would save, mean over products.
        local_stage_id: empty where no stage has another one before it.
        finding, reasons, warnings, figures: as in `Result`.
    """

    states: pl.DataFrame
    measures: pl.DataFrame
    tiers: pl.DataFrame
    local_stage: pl.DataFrame
    over_time: pl.DataFrame
    places: pl.DataFrame
    local_stage_id: str
    finding: Words
    reasons: tuple[Words, ...]
    warnings: tuple[Words, ...]
    figures: tuple[Figure, ...]


__all__ = ["Inputs", "Options", "Result", "Safety", "SafetyInputs", "Totals"]
