"""Today, the plan, and the plan with each safeguard: cost, shortage and structure side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from coproduce.records.errors import ModelError
from coproduce.records.programme import Programme
from coproduce.records.words import Words
from coproduce.resilience.chains import Chain, chains
from coproduce.resilience.checks import capacity_factor
from coproduce.resilience.measures.local_stage import LocalStage, local_stage
from coproduce.resilience.measures.programme_graph import graphs
from coproduce.resilience.measures.study import Measures, measure
from coproduce.resilience.measures.supply_graph import SupplyGraph
from coproduce.resilience.pictures import weakest_places
from coproduce.resilience.rates import Rates
from coproduce.resilience.safeguards import Comparison, Option, compare
from coproduce.resilience.safety_words import name_of, nothing_compared, tell
from coproduce.resilience.types import Inputs, Options, Safety, SafetyInputs
from coproduce.resilience.with_safeguard import Supply, graph_with, is_cut_by_one

TOO_TANGLED = ("S123", "S124")
"""Codes of measures that give up on a bill of materials; the rest is shown without them."""

STATES = {
    **dict.fromkeys(("state_id", "kind", "stage_id", "name_en", "name_ru"), pl.String),
    **dict.fromkeys(
        ("cost_share", "cost_mn", "shortage_share", "shortage_low_share", "avoided_share"),
        pl.Float64,
    ),
    **dict.fromkeys(("products_changed", "products_cut_by_one_source"), pl.Int64),
    **dict.fromkeys(
        ("effective_sources", "full_cycle_share", "bottleneck_share"),
        pl.Float64,
    ),
    **dict.fromkeys(("cheapest_for", "status"), pl.String),
}


@dataclass(frozen=True, slots=True)
class Structure:
    """Means over products by quantity; None where it was not measured."""

    products_cut_by_one_source: int | None = None
    effective_sources: float | None = None
    full_cycle_share: float | None = None
    bottleneck_share: float | None = None

    def columns(self) -> dict[str, Any]:
        """Return the values by column."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def safety(inputs: SafetyInputs, options: Options | None = None) -> Safety:
    """Return what today, the plan and the plan with each safeguard are worth against shortage.

    All by formula: nothing is simulated.

    Raises:
        ModelError: S132 without one host, S120 for a cycle in the bill of materials.
    """
    programme = inputs.programme
    needs = (programme["disruptions"], programme["demand"], inputs.before, inputs.weakest)
    if any(table.is_empty() for table in needs):
        return nothing_compared()
    options = options or Options()
    factor, _ = capacity_factor(Inputs(programme, inputs.before, inputs.after), options)
    before = compare(programme, inputs.before, safeguards=(), capacity_factor=factor)
    after = compare(programme, inputs.after, capacity_factor=factor)
    measured, warnings = _measured(inputs)
    local = _local(programme, inputs.before, options)
    states = _states(inputs, (before, after), _Structures(inputs, factor, measured))
    tables = {
        "measures": _by_state(measured, "products"),
        "tiers": _by_state(measured, "tiers"),
        "local_stage": local.products if local else pl.DataFrame(),
        "over_time": _over_time(inputs, factor),
        "places": _places(inputs),
    }
    words = tell(programme, states, measured, local, after)
    return Safety(
        states=states,
        **tables,
        local_stage_id=local.stage_id if local else "",
        finding=words.finding,
        reasons=words.reasons,
        warnings=tuple(warnings),
        figures=words.figures,
    )


def _measured(inputs: SafetyInputs) -> tuple[dict[str, Measures], list[Words]]:
    try:
        return {
            "before": measure(inputs.programme, inputs.before),
            "after": measure(inputs.programme, inputs.after, inputs.plan),
        }, []
    except ModelError as error:
        if error.code not in TOO_TANGLED:
            raise
        return {}, [
            Words(
                f"Smallest cuts and full-cycle shares are not shown: {error}.",
                f"Наименьшие разрезы и доли полного цикла не показаны: {error}.",
            )
        ]


def _local(programme: Programme, today: pl.DataFrame, options: Options) -> LocalStage | None:
    """Return what it would do to make the first stage of the full cycle at home, inputs as today.

    Where that stage has none before it, the next one is taken.
    """
    ids = programme.settings.stage_ids
    first = programme.settings.full_cycle_stage_id
    for stage_id in ids[ids.index(first) if first in ids else 0 :]:
        numbers = programme["stages"].filter(pl.col("stage_id") == stage_id)["stage_no"]
        if numbers.is_empty() or int(numbers.min()) <= 1:  # type: ignore[arg-type]
            continue
        found = local_stage(programme, today, stage_id, options)
        return _as_headline(found, _weights(programme))
    return None


def _as_headline(found: LocalStage, weights: Mapping[str, float]) -> LocalStage:
    """Return the answer with shortages weighed as the headline weighs them, criticality too."""

    def mean(name: str) -> float:
        pairs = found.products.select("product_id", name).iter_rows()
        return _mean((value, weights.get(product, 0.0)) for product, value in pairs)

    return replace(
        found, shortage_before=mean("shortage_before"), shortage_after=mean("shortage_after")
    )


class _Structures:
    """Who supplies what in each state, reckoned again only where a safeguard adds a source."""

    def __init__(
        self, inputs: SafetyInputs, factor: float, measured: Mapping[str, Measures]
    ) -> None:
        self.measured = measured
        self.programme = inputs.programme
        if not measured:
            return
        self.supply = Supply(inputs.programme, inputs.after, factor)
        self.graphs: Mapping[str, SupplyGraph] = graphs(inputs.programme, inputs.plan).by_product
        self.plan = {row["product_id"]: row for row in measured["after"].products.to_dicts()}
        self.least = {when: _least_sources(one) for when, one in measured.items()}

    def of_state(self, when: str) -> Structure:
        if not self.measured:
            return Structure()
        totals = self.measured[when].totals
        rows = self.measured[when].products
        return Structure(
            products_cut_by_one_source=int(totals["products_cut_by_one_source"]),
            effective_sources=_mean(
                (self.least[when][product], packs)
                for product, packs in rows.select("product_id", "weight_packs_mn").iter_rows()
            ),
            full_cycle_share=totals["soft_full_cycle_share"],
            bottleneck_share=totals["bottleneck_share"],
        )

    def of_option(self, option: Option) -> Structure:
        if not self.measured:
            return Structure()
        found, cut = [], 0
        for product, row in self.plan.items():
            changes = [
                change
                for one in option.safeguards
                if product in self.supply.stages
                and (change := self.supply.change(product, one, option.stage_id))
            ]
            cycle = (row["soft_full_cycle_share"], row["bottleneck_share"])
            values = (*cycle, self.least["after"][product])
            is_cut = row["sources_to_cut"] == 1
            for change in changes:
                values = self.supply.structure(self.supply.changed(product, change))
                if product in self.graphs:
                    is_cut = is_cut_by_one(graph_with(self.graphs[product], change))
            cut += is_cut
            found.append((values, row["weight_packs_mn"]))
        return Structure(cut, *(_mean((v[k], packs) for v, packs in found) for k in (2, 0, 1)))


def _least_sources(measured: Measures) -> dict[str, float]:
    least = measured.tiers.group_by("product_id").agg(pl.col("effective_sources").min())
    return dict(least.iter_rows())


def _mean(pairs: Iterator[tuple[float, float]]) -> float:
    """Return the mean of values by weight, 0 without any weight."""
    known = list(pairs)
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total > 0 else 0.0


def _states(
    inputs: SafetyInputs, compared: tuple[Comparison, Comparison], structures: _Structures
) -> pl.DataFrame:
    before, after = compared
    rows = [
        _plain("today", before, structures.of_state("before")),
        _plain("plan", after, structures.of_state("after")),
    ]
    cheapest: dict[str, list[str]] = {}
    options = [*after.options, *after.local_stages]
    for target, option in sorted(after.cheapest.items()):
        if option is None:
            continue
        cheapest.setdefault(_state_id(option), []).append(f"{target:.4g}")
        if option.safeguards and option not in options:
            options.append(option)
    for option in options:
        if not option.products:
            continue  # a safeguard that changes nothing here is none
        name = name_of(inputs.programme, option.safeguards, option.stage_id)
        rows.append(
            {
                "state_id": _state_id(option),
                "kind": " + ".join(one.kind for one in option.safeguards),
                "stage_id": option.stage_id,
                "name_en": name.en,
                "name_ru": name.ru,
                "cost_share": option.cost_share,
                "shortage_share": option.shortage_share,
                "shortage_low_share": option.shortage_low_share,
                "avoided_share": option.avoided_share,
                "products_changed": option.products,
                **structures.of_option(option).columns(),
                "status": max((one.status for one in option.safeguards), key=_doubt),
            }
        )
    for row in rows:
        row["cost_mn"] = row["cost_share"] * inputs.demand_value_mn
        row["cheapest_for"] = " ".join(cheapest.get(row["state_id"], ()))
    return pl.DataFrame(rows, schema=STATES)


def _plain(state_id: str, found: Comparison, structure: Structure) -> dict[str, Any]:
    return {
        "state_id": state_id,
        "kind": state_id,
        "stage_id": "",
        "name_en": {"today": "Today", "plan": "The plan"}[state_id],
        "name_ru": {"today": "Сегодня", "plan": "План"}[state_id],
        "cost_share": 0.0,
        "shortage_share": found.shortage_share,
        "shortage_low_share": found.shortage_low_share,
        "avoided_share": None,
        "products_changed": 0,
        **structure.columns(),
        "status": "observed",
    }


def _state_id(option: Option) -> str:
    """Return a name without blanks, fit for a figure's id; no safeguard is the plan itself."""
    if not option.safeguards:
        return "plan"
    return option.option_id.replace(" + ", "+").replace(" ", "-")


def _doubt(status: str) -> int:
    from coproduce.records.columns import STATUSES

    return STATUSES.index(status) if status in STATUSES else len(STATUSES)


def _by_state(measured: Mapping[str, Measures], name: str) -> pl.DataFrame:
    found = [
        getattr(one, name).with_columns(when=pl.lit(when)).select("when", pl.exclude("when"))
        for when, one in measured.items()
    ]
    return pl.concat(found, how="vertical_relaxed") if found else pl.DataFrame()


def _weights(programme: Programme) -> dict[str, float]:
    """Return product → quantity times criticality, as the expected shortage weighs products."""
    packs = programme["demand"].group_by("product_id").agg(pl.col("quantity").sum())
    rows = programme["products"].join(packs, on="product_id")
    return dict(rows.select("product_id", pl.col("quantity") * pl.col("criticality")).iter_rows())


def _over_time(inputs: SafetyInputs, factor: float) -> pl.DataFrame:
    """Return the expected shortage by year: as today throughout, and with the plan's suppliers."""
    rates, weights = Rates(inputs.programme["disruptions"]), _weights(inputs.programme)
    today = _shortage(chains(inputs.before, rates, factor, 0.0), weights)
    rows = []
    for year, exposures in sorted(inputs.by_year.items()):
        then = _shortage(chains(exposures, rates, factor, 0.0), weights)
        rows += [("before", year, *today), ("after", year, *then)]
    numbers = dict.fromkeys(("mean", "low", "high"), pl.Float64)
    schema = {"state": pl.String, "time": pl.Int64, **numbers}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _shortage(found: Sequence[Chain], weights: Mapping[str, float]) -> tuple[float, float, float]:
    """Return expected shortage, its lower bound, and the expected shortage as the upper one."""
    high = _mean((one.shortage_share, weights.get(one.product_id, 0.0)) for one in found)
    low = _mean((one.shortage_low_share, weights.get(one.product_id, 0.0)) for one in found)
    return high, low, high


def _places(inputs: SafetyInputs) -> pl.DataFrame:
    """Return the ranking of countries by what their perfection would save, in both states."""
    weights = _weights(inputs.programme)
    countries = inputs.programme["countries"].select("country_id", "lat", "lon", name="name_en")
    found = []
    for when in ("before", "after"):
        weakest = inputs.weakest.filter(pl.col("when") == when)
        kept = {name: weights.get(name, 0.0) for name in weakest["product_id"].unique()}
        ranked = weakest_places(weakest, kept, countries, when)
        found.append(ranked.with_columns(when=pl.lit(when)).drop("name", "lat", "lon"))
    return pl.concat(found).select("when", pl.exclude("when"))


__all__ = ["safety"]
