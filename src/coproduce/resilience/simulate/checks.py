"""Named checks of a network before it runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from coproduce.records.errors import ModelError
from coproduce.resilience.simulate import laws
from coproduce.resilience.simulate.network import (
    Disruption,
    Hit,
    Item,
    Network,
    Pause,
    Policy,
    Stock,
)

PARAMETERS = {
    Policy.BASE_STOCK: ("level",),
    Policy.MIN_MAX: ("low", "level"),
    Policy.LOTS: ("low", "lot"),
    Policy.REVIEW: ("review", "level"),
}
"""What each stock policy needs."""


def checked(network: Network) -> Network:
    """Return the network if it can be run.

    Raises:
        ModelError: S202 a name that is unknown or given twice; S203 a rate, time or quantity that
            is not above nil; S204 a probability over 1; S205 no path from any source; S206 a
            circle in the bill of materials; S207 a stock policy without its parameters; S209
            nothing is demanded.
    """
    _unique("node", (node.node_id for node in network.nodes))
    _unique("item", (f"{item.product_id} at {item.node_id}" for item in network.items))
    _unique("disruption", (one.disruption_id for one in network.disruptions))
    known = {(item.node_id, item.product_id) for item in network.items}
    nodes = {node.node_id for node in network.nodes}
    for item in network.items:
        _item(item, nodes, known)
    _reaches_sources(network)
    for one in network.disruptions:
        _disruption(one, network)
    if not any(item.demand for item in network.items):
        raise ModelError("no item has demand; nothing can be short", code="S209")
    return network


def _unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ModelError(f"{what} {name} is given twice; names must differ", code="S202")
        seen.add(name)


def _known(what: str, name: object, names: Iterable[object], where: str) -> None:
    listed = sorted(str(one) for one in names)
    if str(name) not in listed:
        raise ModelError(
            f"{what} {name} is not in the network; known: {', '.join(listed[:20]) or 'none'}",
            code="S202",
            where=where,
        )


def _item(item: Item, nodes: set[str], known: set[tuple[str, str]]) -> None:
    where = f"item {item.product_id} at {item.node_id}"
    _known("node", item.node_id, nodes, where)
    if item.capacity is not None:
        _above_nil("capacity", item.capacity, where)
    stock(item.stock, where)
    if item.demand:
        laws.checked(item.demand.law, f"{where}, demand", may_be_nil=True)
        if laws.mean(item.demand.law) <= 0.0:
            raise ModelError("demand must be above nil", code="S203", where=where)
    for one in item.inputs:
        _above_nil("quantity of an input", one.quantity, where)
        split = {source.share is None for source in one.sources}
        if len(split) > 1:
            raise ModelError(
                "either all sources of an input have a share or none", code="S207", where=where
            )
        for source in one.sources:
            here = f"{where}, source {source.node_id}"
            if (source.node_id, source.product_id) not in known:
                raise ModelError(
                    f"product {source.product_id} is not made or held at {source.node_id}",
                    code="S202",
                    where=here,
                )
            chance("refusal", source.refusal, here)
            chance("share", source.share or 0.0, here)
            laws.checked(source.transit, f"{here}, transit", may_be_nil=True)


def stock(one: Stock, where: str) -> None:
    """Raise S207 if a stock policy lacks a parameter or its numbers contradict."""
    numbers = {"level": one.level, "low": one.low, "lot": one.lot, "review": one.review}
    for name in PARAMETERS[one.policy]:
        value = numbers[name]
        if not math.isfinite(value) or value < 0.0 or (name in ("lot", "review") and value <= 0):
            raise ModelError(
                f"stock policy {one.policy.value} has {name} {value:g}", code="S207", where=where
            )
    if one.policy is Policy.MIN_MAX and one.level <= one.low:
        raise ModelError(
            f"policy s-S orders up to {one.level:g}, which must be above s, {one.low:g}",
            code="S207",
            where=where,
        )


def chance(name: str, value: float, where: str) -> None:
    """Raise S204 if a probability is below nil or over 1."""
    if not 0.0 <= value <= 1.0:
        raise ModelError(
            f"{name} is {value:g}; a probability lies between 0 and 1", code="S204", where=where
        )


def _above_nil(name: str, value: float, where: str) -> None:
    if not math.isfinite(value) or value <= 0.0:
        raise ModelError(f"{name} is {value:g}; it must be above nil", code="S203", where=where)


def _reaches_sources(network: Network) -> None:
    """Raise if an item can get an input from nowhere."""
    for item in network.items:
        where = f"item {item.product_id} at {item.node_id}"
        if not item.inputs and item.capacity is None and not item.is_source:
            raise ModelError(
                "no path from any source: it has neither inputs nor a capacity of its own; give "
                'it inputs, a capacity, or "capacity": "unlimited"',
                code="S205",
                where=where,
            )
        if any(not one.sources for one in item.inputs):
            raise ModelError(
                "no path from any source: an input has none", code="S205", where=where
            )


def _disruption(one: Disruption, network: Network) -> None:
    where = f"disruption {one.disruption_id}"
    laws.checked(one.up, f"{where}, up")
    laws.checked(one.down, f"{where}, down")
    chance("floor", one.floor, where)
    if not one.hits:
        raise ModelError("it hits nothing; name a node, lane or country", code="S202", where=where)
    for hit in one.hits:
        chance("chance", hit.chance, where)
        _target(hit, network, where)


def _target(hit: Hit, network: Network, where: str) -> None:
    if sum(bool(name) for name in (hit.node_id, hit.lane_id, hit.country_id)) != 1:
        raise ModelError(
            "a hit names one of node_id, lane_id and country_id", code="S202", where=where
        )
    if hit.node_id:
        _known("node", hit.node_id, (node.node_id for node in network.nodes), where)
    if hit.country_id:
        _known("country", hit.country_id, {node.country_id for node in network.nodes}, where)
    if hit.lane_id:
        if hit.pauses is not Pause.TRANSIT:
            raise ModelError("a lane can only pause transit", code="S202", where=where)
        _known("lane", hit.lane_id, set(_lanes(network)), where)


def _lanes(network: Network) -> Iterator[str]:
    for item in network.items:
        for one in item.inputs:
            for source in one.sources:
                yield source.lane_id


__all__ = ["PARAMETERS", "chance", "checked", "stock"]
