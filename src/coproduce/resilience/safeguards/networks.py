"""Safeguards of a network file compared by simulation on the same fates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from coproduce.records.errors import ModelError
from coproduce.resilience.simulate.checks import checked
from coproduce.resilience.simulate.network import Network, Source, Stock
from coproduce.resilience.simulate.reader import network_of
from coproduce.resilience.simulate.run import (
    Estimate,
    Outcome,
    SimulateOptions,
    compared,
    simulate,
)

MOST_PAIRS = 40


@dataclass(frozen=True, slots=True)
class Tried:
    """One or two safeguards, simulated.

    Attributes:
        avoided: shortage avoided, paired by replication (share).
        cost: what they cost a year (money of the file).
    """

    safeguard_ids: tuple[str, ...]
    kinds: tuple[str, ...]
    cost: float
    shortage: Estimate
    avoided: Estimate


@dataclass(frozen=True, slots=True)
class NetworkComparison:
    """A network as it is and with each safeguard.

    Attributes:
        cheapest: target → cheapest option whose interval lies below it, or None.
    """

    base: Estimate
    tried: tuple[Tried, ...]
    cheapest: Mapping[float, Tried | None]
    is_complete: bool


def compare_network(
    record: Mapping[str, Any],
    options: SimulateOptions,
    *,
    targets: Sequence[float] = (0.02, 0.05),
    progress: Callable[[int, int], None] | None = None,
) -> NetworkComparison:
    """Return what each safeguard of a network record buys.

    Args:
        record: a network in our format with a list `safeguards`; each has a safeguard_id, a kind,
            a cost_per_year and `changes`: networks' fields as the method page shows.
        progress: called with simulations done and asked.

    Raises:
        ModelError: S233 for a safeguard that names nothing of the network.
    """
    plain = {name: value for name, value in record.items() if name != "safeguards"}
    network = checked(network_of(plain))
    listed = _listed(record)
    choices: list[tuple[Mapping[str, Any], ...]] = [(one,) for one in listed]
    choices += [*combinations(listed, 2)][:MOST_PAIRS]
    base = simulate(network, options)
    tried, complete = [], base.is_complete
    for done, chosen in enumerate(choices):
        if progress:
            progress(done, len(choices))
        if not complete:
            break
        changed = network
        for one in chosen:
            changed = _applied(changed, one)
        outcome = simulate(checked(changed), options)
        complete = outcome.is_complete
        tried.append(_tried(chosen, base, outcome, options.confidence))
    nothing = Tried((), (), 0.0, base.shortage, Estimate(0.0, 0.0))
    ordered = sorted([nothing, *tried], key=lambda one: (one.cost, one.shortage.mean))
    cheapest = {
        target: next(
            (one for one in ordered if one.shortage.mean + one.shortage.half <= target), None
        )
        for target in targets
    }
    return NetworkComparison(base.shortage, tuple(tried), cheapest, complete)


def _listed(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = record.get("safeguards")
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise ModelError("the file has no list safeguards to compare", code="S233")
    for one in listed:
        if not isinstance(one, Mapping) or not all(
            name in one for name in ("safeguard_id", "kind", "cost_per_year", "changes")
        ):
            raise ModelError(
                "a safeguard needs safeguard_id, kind, cost_per_year and changes", code="S233"
            )
    return list(listed)


def _tried(
    chosen: Sequence[Mapping[str, Any]], base: Outcome, outcome: Outcome, confidence: float
) -> Tried:
    return Tried(
        tuple(str(one["safeguard_id"]) for one in chosen),
        tuple(str(one["kind"]) for one in chosen),
        sum(float(one["cost_per_year"]) for one in chosen),
        outcome.shortage,
        compared(outcome, base, confidence),
    )


def _applied(network: Network, one: Mapping[str, Any]) -> Network:
    """Return the network with the changes of a safeguard.

    Changes: ``add`` (nodes, items and disruptions in the network's format), ``stock`` (node_id,
    product_id, more), ``capacity`` (node_id, product_id, factor), ``recovery`` (disruption_id,
    factor) and ``source`` (node_id, product_id of the buyer, input, first, source).
    """
    where = f"safeguard {one['safeguard_id']}"
    changes = one["changes"]
    try:
        more = network_of({"nodes": [], "items": [], **changes.get("add", {})})
        network = replace(
            network,
            nodes=(*network.nodes, *more.nodes),
            items=(*network.items, *more.items),
            disruptions=(*network.disruptions, *more.disruptions),
        )
        for change in changes.get("stock", ()):
            network = _with_stock(network, change)
        for change in changes.get("capacity", ()):
            network = _with_capacity(network, change)
        for change in changes.get("recovery", ()):
            network = _with_recovery(network, change)
        for change in changes.get("source", ()):
            network = _with_source(network, change)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ModelError(f"changes cannot be read: {error!r}", code="S233", where=where) from None
    return network


def _with_item(network: Network, change: Mapping[str, Any], **fields: Any) -> Network:
    key = (change["node_id"], change["product_id"])
    items = [
        replace(item, **fields) if (item.node_id, item.product_id) == key else item
        for item in network.items
    ]
    if tuple(items) == network.items:
        raise KeyError(f"{key[1]} at {key[0]}")
    return replace(network, items=tuple(items))


def _item(network: Network, change: Mapping[str, Any]) -> Any:
    for item in network.items:
        if (item.node_id, item.product_id) == (change["node_id"], change["product_id"]):
            return item
    raise KeyError(f"{change['product_id']} at {change['node_id']}")


def _with_stock(network: Network, change: Mapping[str, Any]) -> Network:
    old: Stock = _item(network, change).stock
    more = float(change["more"])
    new = replace(old, level=old.level + more, low=old.low + more if old.low else old.low)
    return _with_item(network, change, stock=new)


def _with_capacity(network: Network, change: Mapping[str, Any]) -> Network:
    limit = _item(network, change).capacity
    return _with_item(network, change, capacity=limit * float(change["factor"]))


def _with_recovery(network: Network, change: Mapping[str, Any]) -> Network:
    known = {one.disruption_id for one in network.disruptions}
    if change["disruption_id"] not in known:
        raise KeyError(change["disruption_id"])
    factor = float(change["factor"])
    scaled = {"mean", "median", "scale", "value", "least", "likely", "most"}
    made = []
    for one in network.disruptions:
        if one.disruption_id == change["disruption_id"]:
            numbers = {
                name: value * factor
                if name in scaled
                else value / factor
                if name in ("rate", "probability")
                else value
                for name, value in one.down.numbers.items()
            }
            values = tuple(value * factor for value in one.down.values)
            one = replace(one, down=replace(one.down, numbers=numbers, values=values))
        made.append(one)
    return replace(network, disruptions=tuple(made))


def _with_source(network: Network, change: Mapping[str, Any]) -> Network:
    item = _item(network, change)
    record = {
        "node_id": item.node_id,
        "product_id": item.product_id,
        "inputs": [{"sources": [change["source"]]}],
    }
    source: Source = network_of({"nodes": [], "items": [record]}).items[0].inputs[0].sources[0]
    inputs = list(item.inputs)
    place = int(change.get("input", 0))
    old = inputs[place]
    added = (source, *old.sources) if change.get("first") else (*old.sources, source)
    inputs[place] = replace(old, sources=added)
    return _with_item(network, change, inputs=tuple(inputs))


__all__ = ["NetworkComparison", "Tried", "compare_network"]
