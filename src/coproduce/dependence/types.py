"""What the dependence room is given and what it gives back."""

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
        programme: the programme; `sources`, `bom`, `stages`, `demand`, `prices`, `countries`,
            `parties`, `fx` and, where it has rows, `trade_flows` are used.
        plan: None for today; the tables of a plan (`supply`, `production`, `purchases`) to
            measure what is left of the dependence after it.
    """

    programme: Programme
    plan: Mapping[str, pl.DataFrame] | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure.

    Attributes:
        year: calendar year of the plan that is measured; None: its last year.
        weight_year: calendar year whose demand weights products in the totals; None: the
            programme's base year, so that today and the plan differ by supply alone.
        safe_share: from this share of last-stage production inside the bloc on, a product
            looks safe (share, 0–1).
        exposed_share: from this bottleneck share of one outside country on, a product is called
            exposed (share, 0–1).
        is_explained: False leaves out finding, reasons, warnings and figures, which take most of
            the time where many years are measured for their exposures alone.
    """

    year: int | None = None
    weight_year: int | None = None
    safe_share: float = 0.5
    exposed_share: float = 0.5
    is_explained: bool = True


@dataclass(frozen=True, slots=True)
class Totals:
    """Self-sufficiency of the whole programme (shares of demand, 0–1).

    Attributes:
        soft_packs_share: last stage made inside the bloc, weighted by packs.
        full_packs_share: all stages of the full cycle (from the programme's
            `full_cycle_stage_id` on) made inside, weighted by packs.
        whole_packs_share: all stages made inside, from the first input on, weighted by packs.
        soft_value_share, full_value_share, whole_value_share: the same weighted by value.
        full_unknown_packs_share: demand whose full-cycle answer is not known, because a country
            of the bloc has no row on its makers' inputs (they count as made inside) or the maker
            is unknown, weighted by packs.
        unknown_packs_share: the same for the whole chain.
        demand_mn_packs: demand of the weight year (mn packs a year).
        demand_value_mn: the same at makers' prices (base currency mn a year).
    """

    soft_packs_share: float
    full_packs_share: float
    whole_packs_share: float
    soft_value_share: float
    full_value_share: float
    whole_value_share: float
    full_unknown_packs_share: float
    unknown_packs_share: float
    demand_mn_packs: float
    demand_value_mn: float


@dataclass(frozen=True, slots=True)
class Result:
    """What the room found.

    Attributes:
        exposures: table `Exposures`; one row per product, stage and country.
        supply_mix: product_id, stage_id, country_id, share: who supplies this stage to the
            host's market (to those who make the next stage there); sums to 1 where known.
        concentration: product_id, stage_id, hhi (0–1), top_country_id, top_share, n_effective
            (suppliers of equal size), outside_share, hhi_outside (among suppliers outside the
            bloc), known_share.
        self_sufficiency: product_id, soft_share (last stage inside), full_cycle_share (every
            stage of the full cycle inside), whole_chain_share (every stage inside),
            full_unknown_share, unknown_share (of the whole chain), demand_mn_packs, value_mn.
        totals: the same over all products.
        chain: product_id, input_product_id, stage_id, country_id, chain_share, own_by_default
            (the part of the share that rests on a country without rows on its inputs).
        bottlenecks: product_id, country_id, share, stage_id, input_product_id, is_inside: the
            largest chain share of a country over the stages of a product.
        countries: country_id, bottleneck_packs_share, last_stage_packs_share, is_inside:
            demand-weighted over products.
        looks_safe: product_id, soft_share, country_id, stage_id, share: products whose last
            stage is mostly local while one outside country holds the chain.
        consumption: product_id, stage_id, need_per_year, unit, inside_per_year: apparent
            consumption of each stage that follows from demand through the bill of materials.
        trade: hs6, year, imports_usd, exports_usd, imports_t, exports_t, hhi, top_country_id,
            top_share, need_t, output_t, apparent_t: the same seen from the trade files.
        mix: market_id, product_id, stage_id, maker_id, country_id, share: the table that all
            measures were computed from.
        year: year measured; the base year for today.
        is_with_plan: True when a plan was measured.
        finding: the main numbers in one sentence.
        reasons: sentences, most important first.
        warnings: what a reader must know before trusting a number.
        figures: every number that may be printed.
    """

    exposures: pl.DataFrame
    supply_mix: pl.DataFrame
    concentration: pl.DataFrame
    self_sufficiency: pl.DataFrame
    totals: Totals
    chain: pl.DataFrame
    bottlenecks: pl.DataFrame
    countries: pl.DataFrame
    looks_safe: pl.DataFrame
    consumption: pl.DataFrame
    trade: pl.DataFrame
    mix: pl.DataFrame
    year: int
    is_with_plan: bool
    finding: Words
    reasons: tuple[Words, ...]
    warnings: tuple[Words, ...]
    figures: tuple[Figure, ...]


__all__ = ["Inputs", "Options", "Result", "Totals"]
