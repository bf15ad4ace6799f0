"""Safeguards of a programme compared: what each costs and how much shortage it avoids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import polars as pl

from coproduce.records.errors import ModelError, UsageError
from coproduce.records.programme import Programme
from coproduce.resilience.chains import Source
from coproduce.resilience.closed_forms import chain_shortage, stage_shortage
from coproduce.resilience.rates import Rate, Rates
from coproduce.resilience.safeguards.book import Safeguard, read_safeguards

TARGETS = (0.02, 0.05)
DEFAULT_FACTOR = 1.25


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a chain: who makes it and what they can make against need."""

    sources: tuple[Source, ...]
    factor: float


Chain = Mapping[str, Stage]


@dataclass(frozen=True, slots=True)
class Option:
    """One safeguard, or two together, for all products.

    Attributes:
        stage_id: the stage made at home; empty for other kinds.
        cost_share: cost a year (share of the yearly value of what is bought).
        shortage_share, shortage_low_share: expected shortage with it, cautious, and its lower
            bound (the worst stage alone).
        avoided_share: shortage of the state less shortage with it.
        products: how many products it changes.
    """

    safeguards: tuple[Safeguard, ...]
    stage_id: str
    cost_share: float
    shortage_share: float
    shortage_low_share: float
    avoided_share: float
    products: int

    @property
    def option_id(self) -> str:
        """Return a stable name."""
        name = " + ".join(one.safeguard_id for one in self.safeguards)
        return f"{name} {self.stage_id}".strip() or "as it is"

    @property
    def cost_per_point(self) -> float | None:
        """Cost share for each hundredth of demand no longer short; None if nothing is avoided."""
        return self.cost_share / (100.0 * self.avoided_share) if self.avoided_share > 0 else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Safeguards in one state of a programme (weighted means over products).

    Attributes:
        options: single safeguards, cheapest shortage first by kind and level.
        cheapest: target → the cheapest option that reaches it (without any safeguard, if the state
            does already), or None.
        local_stages: each stage made wholly at home, one at a time, inputs unchanged.
    """

    shortage_share: float
    shortage_low_share: float
    options: tuple[Option, ...]
    cheapest: Mapping[float, Option | None]
    local_stages: tuple[Option, ...]


def compare(
    programme: Programme,
    exposures: pl.DataFrame,
    *,
    safeguards: Sequence[Safeguard] | None = None,
    targets: Sequence[float] = TARGETS,
    weights: Mapping[str, float] | None = None,
    capacity_factor: float | None = None,
) -> Comparison:
    """Return what each safeguard would do to the expected shortage of a programme.

    Args:
        exposures: table `Exposures` of the state: today's or the plan's.
        safeguards: what can be bought; None: our own assumed list.
        targets: shortages to reach (shares).
        weights: product → weight; None: demand in packs times criticality.
        capacity_factor: what suppliers can make against what they sell; None: the programme's
            parameter, or 1.25.

    Raises:
        ModelError: S231 without failure rates or without products.
        UsageError: S232 for a target outside 0-1.
    """
    for target in targets:
        if not 0.0 < target < 1.0:
            raise UsageError(f"target {target:g} must lie between 0 and 1", code="S232")
    if programme["disruptions"].is_empty():
        raise ModelError(
            "the programme has no failure rates; fill in the table disruptions", code="S231"
        )
    world = _World(programme, exposures, weights, capacity_factor)
    if not world.chains:
        raise ModelError("no product has both suppliers and a weight", code="S231")
    offered = tuple(safeguards if safeguards is not None else read_safeguards())
    plain = [one for one in offered if one.kind != "local_stage"]
    singles = [world.option((one,)) for one in plain]
    pairs = (world.option(pair) for pair in combinations(plain, 2) if pair[0].kind != pair[1].kind)
    local = [
        world.option((one,), stage_id)
        for one in offered
        if one.kind == "local_stage"
        for stage_id in programme.settings.stage_ids
    ]
    return Comparison(
        shortage_share=world.base[0],
        shortage_low_share=world.base[1],
        options=tuple(singles),
        cheapest=_cheapest([world.option(()), *singles, *pairs, *local], targets),
        local_stages=tuple(local),
    )


def _cheapest(options: Iterable[Option], targets: Sequence[float]) -> dict[float, Option | None]:
    ordered = sorted(options, key=lambda one: (one.cost_share, one.shortage_share, one.option_id))
    return {
        target: next((one for one in ordered if one.shortage_share <= target), None)
        for target in targets
    }


class _World:
    """Chains, weights and rates of one state."""

    def __init__(
        self,
        programme: Programme,
        exposures: pl.DataFrame,
        weights: Mapping[str, float] | None,
        factor: float | None,
    ) -> None:
        self.rates = Rates(programme["disruptions"])
        self.makers = sorted(set(programme["disruptions"]["country_id"]))
        self.pairs = set(programme["disruptions"].select("country_id", "stage_id").iter_rows())
        parties = programme["parties"].filter(pl.col("role") == "host")["country_id"]
        self.host = str(parties[0]) if len(parties) == 1 else ""
        self.weights = _weights(programme) if weights is None else dict(weights)
        self.chains = self._chains(exposures, _factor(programme) if factor is None else factor)
        self.base = self._mean(self.chains)

    def _chains(self, exposures: pl.DataFrame, factor: float) -> dict[str, Chain]:
        made: dict[str, dict[str, list[Source]]] = {}
        known = exposures.filter(pl.col("chain_share") > 0)
        columns = ("product_id", "stage_id", "country_id", "chain_share")
        for product, stage, country, share in known.sort(columns[:3]).select(columns).iter_rows():
            if self.weights.get(product, 0.0) > 0:
                source = Source(country, share, self.rates.of(country, stage))
                made.setdefault(product, {}).setdefault(stage, []).append(source)
        return {
            product: {stage: Stage(tuple(found), factor) for stage, found in stages.items()}
            for product, stages in made.items()
        }

    def _mean(self, chains: Mapping[str, Chain]) -> tuple[float, float]:
        total = sum(self.weights[product] for product in chains)
        high = low = 0.0
        for product, chain in chains.items():
            shares = [_short(stage) for stage in chain.values()]
            high += self.weights[product] * chain_shortage(shares)
            low += self.weights[product] * max(shares)
        return (high / total, low / total) if total else (0.0, 0.0)

    def option(self, chosen: tuple[Safeguard, ...], stage_id: str = "") -> Option:
        """Return what safeguards do to every product, each at its own weakest stage."""
        changed = {}
        count = 0
        for product, chain in self.chains.items():
            new = chain
            for one in chosen:
                new = self._applied(one, new, stage_id)
            changed[product] = new
            count += new != chain
        high, low = self._mean(changed)
        return Option(
            chosen,
            stage_id,
            sum(one.cost_share for one in chosen) if count else 0.0,
            high,
            low,
            self.base[0] - high,
            count,
        )

    def _applied(self, one: Safeguard, chain: Chain, stage_id: str) -> Chain:
        weakest = max(chain, key=lambda name: (_short(chain[name]), name))
        if one.kind == "mandated_stock":
            return {name: _stocked(stage, one.level) for name, stage in chain.items()}
        if one.kind == "local_stage":
            return (
                {**chain, stage_id: self._at_home(chain, stage_id, one.level)}
                if (stage_id in chain)
                else chain
            )
        stage = chain[weakest]
        if one.kind == "stock":
            better = _stocked(stage, one.level)
        elif one.kind == "second_source":
            better = self._second(stage, weakest, one.level)
        elif one.kind == "framework":
            better = replace(stage, factor=max(stage.factor, one.level))
        else:
            better = _faster(stage, one.level)
        return {**chain, weakest: better}

    def _second(self, stage: Stage, stage_id: str, share: float) -> Stage:
        """Return the stage with the most reliable country that does not yet supply it."""
        inside = {source.country_id for source in stage.sources}
        others = [
            (self.rates.of(country, stage_id), country)
            for country in self.makers
            if country not in inside and (country, stage_id) in self.pairs
        ]
        if not others:
            return stage
        rate, country = min(others, key=lambda pair: (pair[0].down_share(stage.factor), pair[1]))
        return _joined(stage, country, rate, share)

    def _at_home(self, chain: Chain, stage_id: str, share: float) -> Stage:
        stage = chain[stage_id]
        if not self.host:
            return stage
        rest = tuple(one for one in stage.sources if one.country_id != self.host)
        kept = replace(stage, sources=rest)
        return _joined(kept, self.host, self.rates.of(self.host, stage_id), share)


def _joined(stage: Stage, country: str, rate: Rate, share: float) -> Stage:
    """Return the stage with one more source that takes a share, the others less."""
    total = sum(source.share for source in stage.sources)
    others = [
        replace(source, share=source.share / total * (1.0 - share)) for source in stage.sources
    ]
    kept = tuple(source for source in others if source.share > 0)
    return replace(stage, sources=(*kept, Source(country, share, rate)))


def _stocked(stage: Stage, years: float) -> Stage:
    return replace(
        stage,
        sources=tuple(
            replace(one, rate=replace(one.rate, stock_years=one.rate.stock_years + years))
            for one in stage.sources
        ),
    )


def _faster(stage: Stage, factor: float) -> Stage:
    return replace(
        stage,
        sources=tuple(
            replace(one, rate=replace(one.rate, recovery_years=one.rate.recovery_years * factor))
            for one in stage.sources
        ),
    )


def _short(stage: Stage) -> float:
    down = [one.rate.down_share(stage.factor) for one in stage.sources]
    return stage_shortage([one.share for one in stage.sources], down, stage.factor)


def _weights(programme: Programme) -> dict[str, float]:
    packs = programme["demand"].group_by("product_id").agg(pl.col("quantity").sum())
    rows = programme["products"].join(packs, on="product_id")
    return dict(rows.select("product_id", pl.col("quantity") * pl.col("criticality")).iter_rows())


def _factor(programme: Programme) -> float:
    rows = programme["parameters"].filter(pl.col("parameter_id") == "supplier_capacity_factor")
    return float(rows["value"][0]) if rows.height else DEFAULT_FACTOR


__all__ = ["TARGETS", "Comparison", "Option", "compare"]
