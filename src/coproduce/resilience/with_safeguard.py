"""Who supplies what once a safeguard is in place: shares by stage, and the graph of makers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from coproduce.records.programme import Programme
from coproduce.resilience.chains import chains
from coproduce.resilience.measures.balance import concentration, full_cycle
from coproduce.resilience.measures.supply_graph import Maker, Need, SupplyGraph
from coproduce.resilience.rates import Rates
from coproduce.resilience.safeguards import Safeguard

Stages = Mapping[str, Mapping[str, float]]
"""Stage → country → share of its supply."""


@dataclass(frozen=True, slots=True)
class Change:
    """A new source at one stage of a product.

    Attributes:
        share: part of the stage's supply that it takes.
        is_only_home: what the host itself made there before is part of it.
    """

    stage_id: str
    country_id: str
    share: float
    is_only_home: bool = False


class Supply:
    """Suppliers of every product in one state, and what a safeguard makes of them.

    Stock, reserved capacity and penalties change how long and how well suppliers deliver, not who
    they are; a second source and a stage made at home do.
    """

    def __init__(self, programme: Programme, exposures: pl.DataFrame, factor: float) -> None:
        self._rates = Rates(programme["disruptions"])
        pairs = programme["disruptions"].select("country_id", "stage_id").iter_rows()
        self._pairs = sorted(set(pairs))
        self._factor = factor
        hosts = programme["parties"].filter(pl.col("role") == "host")["country_id"]
        self.host = str(hosts[0]) if len(hosts) == 1 else ""
        self._inside = {self.host, *programme["countries"].filter("is_in_bloc")["country_id"]}
        self.stages: dict[str, dict[str, dict[str, float]]] = {}
        known = exposures.filter(pl.col("chain_share") > 0).sort(
            "product_id", "stage_id", "country_id"
        )
        columns = ("product_id", "stage_id", "country_id", "chain_share")
        for product, stage, country, share in known.select(columns).iter_rows():
            self.stages.setdefault(product, {}).setdefault(stage, {})[country] = share
        self._weakest = {
            one.product_id: max(one.stages, key=lambda name: (one.stages[name][0], name))
            for one in chains(exposures, self._rates, factor, 0.0)
        }

    def change(self, product: str, one: Safeguard, stage_id: str) -> Change | None:
        """Return the source that a safeguard adds to a product, None if it adds none."""
        if one.kind == "local_stage":
            is_made = bool(self.host) and stage_id in self.stages[product]
            return Change(stage_id, self.host, one.level, True) if is_made else None
        if one.kind != "second_source":
            return None
        stage = self._weakest[product]
        there = self.stages[product][stage]
        others = [
            (self._rates.of(country, stage).down_share(self._factor), country)
            for country, known in self._pairs
            if known == stage and country not in there
        ]
        return Change(stage, min(others)[1], one.level) if others else None

    def changed(self, product: str, change: Change) -> Stages:
        """Return the shares of a product's stages with the new source, the others less."""
        old = self.stages[product][change.stage_id]
        rest = {
            country: share
            for country, share in old.items()
            if not (change.is_only_home and country == self.host)
        }
        total = sum(rest.values())
        left = {country: share / total * (1 - change.share) for country, share in rest.items()}
        left[change.country_id] = left.get(change.country_id, 0.0) + change.share
        kept = {country: share for country, share in left.items() if share > 0}
        return {**self.stages[product], change.stage_id: kept}

    def structure(self, stages: Stages) -> tuple[float, float, float]:
        """Return full-cycle share, its bound by the bottleneck and the least effective sources."""
        home = {
            stage: min(1.0, sum(share for one, share in found.items() if one in self._inside))
            for stage, found in stages.items()
        }
        cycle = full_cycle(home)
        least = min(
            concentration(list(found.values())).effective_sources for found in stages.values()
        )
        return cycle.soft_share, cycle.bottleneck_share, least


def graph_with(graph: SupplyGraph, change: Change) -> SupplyGraph:
    """Return the graph with the new source under every need of its stage.

    It is cautious: the new source buys its inputs where the first of the others does. A stage
    wholly made at home has no other source left.

    Example:
        >>> graph = SupplyGraph(("x", "p", "s"), {("x", "p", "s"): (Maker("a", "A"),)})
        >>> len(graph_with(graph, Change("s", "B", 0.3)).makers())
        2
    """
    suppliers: dict[Need, tuple[Maker, ...]] = dict(graph.suppliers)
    is_only = change.is_only_home and change.share >= 1.0
    event = f"{change.country_id} {change.stage_id}, new"
    for need in graph.order():
        if not (isinstance(need, tuple) and need[-1] == change.stage_id):
            continue
        old = suppliers.get(need, ())
        if not old and not is_only:
            continue  # met by nobody knows whom, so always
        new = Maker(event, change.country_id, old[0].inputs if old else ())
        suppliers[need] = (new,) if is_only else (*old, new)
    return SupplyGraph(graph.root, suppliers)


def stopped_by(graph: SupplyGraph, event: str) -> bool:
    """True if one failure stops the product.

    Example:
        >>> stopped_by(SupplyGraph("x", {"x": (Maker("a", "A"),)}), "a")
        True
    """
    met: dict[Need, bool] = {}
    for need in graph.order():
        makers = graph.suppliers.get(need, ())
        met[need] = not makers or any(
            maker.event != event and all(met[one] for one in maker.inputs) for maker in makers
        )
    return not met[graph.root]


def is_cut_by_one(graph: SupplyGraph) -> bool:
    """True if there is a failure that stops the product all by itself.

    Only a failure of the one way that is found first can be such a one.
    """
    way = _one_way(graph)
    return any(stopped_by(graph, event) for event in sorted(way))


def _one_way(graph: SupplyGraph) -> set[str]:
    """Return the failures that would stop one way of supplying the product."""
    way: set[str] = set()
    todo: list[Need] = [graph.root]
    done: set[Need] = set()
    while todo:
        need = todo.pop()
        makers = graph.suppliers.get(need, ())
        if need in done or not makers:
            continue
        done.add(need)
        way.add(makers[0].event)
        todo += makers[0].inputs
    return way


__all__ = ["Change", "Supply", "graph_with", "is_cut_by_one", "stopped_by"]
