"""A network as arrays for the kernel: items upstream first, lanes, switches, processes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coproduce.records.errors import ModelError
from coproduce.resilience.simulate import draws, laws, rows
from coproduce.resilience.simulate.network import (
    Clock,
    Disruption,
    Hit,
    Item,
    Law,
    Network,
    Pause,
    Policy,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
POLICIES = {
    Policy.BASE_STOCK: rows.BASE_STOCK,
    Policy.MIN_MAX: rows.MIN_MAX,
    Policy.LOTS: rows.BY_LOTS,
    Policy.REVIEW: rows.BY_REVIEW,
}
LONGEST_LEAD_DAYS = 400


class Net(NamedTuple):
    """What does not change while the kernel runs.

    `real` and `whole` hold a field in each row (the kernel names the rows); few wide arrays,
    since each array costs the compiled code time at every call.
    """

    items: int
    processes: int
    slots: int
    is_shared: bool
    has_lots: bool
    real: Floats
    whole: Ints
    table: Floats


class State(NamedTuple):
    """What changes: rows named by the kernel; goods under way by lane or item and day."""

    real: Any
    whole: Any
    keys: Any
    pipe: Any
    work: Any


@dataclass(frozen=True, slots=True)
class Plan:
    """A network ready to run.

    Attributes:
        items: the items in the kernel's order.
        is_daily: time runs in days.
        is_star: sources that fail on their own before one stock, in continuous time.
        streams: one number for each random stream; the same name always gives the same stream,
            so that plans are compared on the same fates.
    """

    net: Net
    items: tuple[Item, ...]
    streams: NDArray[np.uint64]
    is_daily: bool
    is_star: bool


class _Lane(NamedTuple):
    lane_id: str
    source: int
    buyer: int
    country_from: str
    country_to: str


def compiled(network: Network) -> Plan:
    """Return the arrays of a checked network.

    Raises:
        ModelError: S208 where the engine asked for cannot do what the network says.
    """
    items = _upstream_first(network.items)
    place = {(item.node_id, item.product_id): k for k, item in enumerate(items)}
    country = {node.node_id: node.country_id for node in network.nodes}
    lanes = [
        _Lane(
            source.lane_id,
            place[source.node_id, source.product_id],
            k,
            country[source.node_id],
            country[item.node_id],
        )
        for k, item in enumerate(items)
        for one in item.inputs
        for source in one.sources
    ]
    is_daily = network.clock is Clock.DAILY
    if not is_daily:
        _fits_continuous_time(items)
    table: list[float] = [0.0]
    processes = [*network.disruptions, *_buildings(network)]
    fields: dict[str, Any] = {
        **_item_fields(items, table),
        **_input_fields(items, lanes, table),
        **_process_fields(processes, network, items, lanes, table),
    }
    days = [*fields["LEAD"], *(item.make_days for item in items), *_longest(items), 0.0]
    net = Net(
        items=len(items),
        processes=len(processes),
        slots=int(min(max(days), LONGEST_LEAD_DAYS)) + 1,
        is_shared=len({lane.source for lane in lanes}) < len(lanes)
        or any(items[lane.source].demand for lane in lanes),
        has_lots=any(fields["IS_LOTS"]),
        real=_rows(fields, rows.NET_REALS, np.float64),
        whole=_rows(fields, rows.NET_WHOLES, np.int64),
        table=np.array(table),
    )
    names = [f"process {one.disruption_id}" for one in processes]
    names += [f"demand {item.node_id} {item.product_id}" for item in items]
    names += [f"lane {lane.lane_id} {items[lane.buyer].product_id}" for lane in lanes]
    is_star = not is_daily and _is_star(net, items, lanes)
    return Plan(net, tuple(items), _streams(names), is_daily, is_star)


def _is_star(net: Net, items: Sequence[Item], lanes: Sequence[_Lane]) -> bool:
    """Return whether the short cut `star` fits: see there."""
    hub, m, p = items[-1], len(items), net.processes
    first = net.whole[rows.HIT_FIRST, : p + 1].tolist()
    struck = net.whole[rows.HIT_SWITCH, :p].tolist()
    most = max(m - 1, 1)
    return (
        hub.demand is not None
        and not net.has_lots
        and first == list(range(p + 1))
        and len(set(struck)) == p
        and all(switch < most for switch in struck)
        and bool((net.real[rows.HIT_CHANCE, :p] >= 1.0).all())
        and (m == 1 or _is_fed_by_bare_sources(items, lanes))
    )


def _is_fed_by_bare_sources(items: Sequence[Item], lanes: Sequence[_Lane]) -> bool:
    hub, sources = items[-1], items[:-1]
    return (
        len(hub.inputs) == 1
        and hub.inputs[0].quantity == 1.0
        and hub.capacity is None
        and sorted(lane.source for lane in lanes) == list(range(len(sources)))
        and not any(
            one.inputs or one.demand or one.stock.level > 0 or one.capacity is None
            for one in sources
        )
    )


def _rows(fields: dict[str, Any], names: Sequence[str], kind: Any) -> Any:
    """Return the named fields as rows of one array, filled up with nil."""
    made = np.zeros((len(names), max(len(fields[name]) for name in names) + 1), kind)
    for row, name in enumerate(names):
        made[row, : len(fields[name])] = fields[name]
    return made


def state(plan: Plan, replications: int = 0) -> State:
    """Return an empty state: of one replication, or rows of several."""
    net = plan.net
    lanes = len(plan.streams) - net.processes - net.items
    width = max(net.real.shape[1], 3 * net.items + lanes)
    last = (replications,) if replications else ()
    return State(
        real=np.zeros((rows.STATE_REALS, width, *last)),
        whole=np.zeros((rows.STATE_WHOLES, width, *last), np.int64),
        keys=np.zeros((rows.STATE_KEYS, width, *last), np.uint64),
        pipe=np.zeros((lanes * net.slots, *last)),
        work=np.zeros((net.items * net.slots, *last)),
    )


def keys(plan: Plan, seed: int, first: int, count: int) -> NDArray[np.uint64]:
    """Return the random counters of replications (replication by stream)."""
    numbers = np.arange(first, first + count, dtype=np.uint64)[:, None]
    start = draws.mixed(numbers * draws.GOLDEN + np.array([[seed]], dtype=np.uint64) * draws.MIX_1)
    made: NDArray[np.uint64] = draws.mixed(start ^ plan.streams[None, :])
    return made


def _streams(names: Sequence[str]) -> NDArray[np.uint64]:
    made = [zlib.crc32(name.encode()) << 32 | zlib.crc32(name[::-1].encode()) for name in names]
    mixed: NDArray[np.uint64] = draws.mixed(np.array(made, dtype=np.uint64))
    return mixed


def _upstream_first(items: Sequence[Item]) -> list[Item]:
    """Return items so that sources stand before their buyers.

    Raises:
        ModelError: S206 for a circle, with its members.
    """
    waiting = {(item.node_id, item.product_id): item for item in items}
    done: list[Item] = []
    placed: set[tuple[str, str]] = set()
    while waiting:
        ready = [
            key
            for key, item in waiting.items()
            if all(
                (source.node_id, source.product_id) in placed
                for one in item.inputs
                for source in one.sources
            )
        ]
        if not ready:
            names = ", ".join(f"{product} at {node}" for node, product in sorted(waiting))
            raise ModelError(
                f"the bill of materials has a circle among: {names}; an input may not be made "
                "from what it becomes",
                code="S206",
            )
        for key in ready:
            done.append(waiting.pop(key))
            placed.add(key)
    return done


def _fits_continuous_time(items: Sequence[Item]) -> None:
    for item in items:
        what = ""
        leads = [source.transit for one in item.inputs for source in one.sources]
        is_lots = item.stock.policy in (Policy.LOTS, Policy.MIN_MAX)
        if any(law.name != "fixed" for law in leads):
            what = "a random time in transit"
        elif not is_lots and (item.make_days or any(law.numbers["value"] for law in leads)):
            what = "transit or production time of an item that does not order in lots"
        elif item.stock.policy is Policy.REVIEW:
            what = "policy R-S"
        elif any(source.refusal for one in item.inputs for source in one.sources):
            what = "refusal of single orders"
        elif any(source.share is not None for one in item.inputs for source in one.sources):
            what = "orders split by share"
        elif item.demand and (item.demand.waits or item.demand.season):
            what = "demand that waits or has seasons"
        elif is_lots and len(item.inputs) != 1:
            what = "lots of an item that has not exactly one input"
        if what:
            raise ModelError(
                f"{what} cannot be run in continuous time; set the clock to daily",
                code="S208",
                where=f"item {item.product_id} at {item.node_id}",
            )


def _longest(items: Sequence[Item]) -> list[float]:
    """Return the longest time, or the limit, of every random transit time: eight means."""
    return [
        min(8.0 * laws.mean(source.transit) + 1.0, LONGEST_LEAD_DAYS)
        for item in items
        for one in item.inputs
        for source in one.sources
        if source.transit.name != "fixed"
    ]


def _item_fields(items: Sequence[Item], table: list[float]) -> dict[str, Any]:
    is_lots = np.array(
        [item.stock.policy in (Policy.LOTS, Policy.MIN_MAX) for item in items], dtype=bool
    )
    level = np.array([item.stock.level for item in items])
    lot = np.array([item.stock.lot for item in items])
    low = np.array([item.stock.low for item in items])
    full = np.where(level > 0, level, low + lot)
    initial = [
        float(full[k]) if item.stock.initial is None else item.stock.initial
        for k, item in enumerate(items)
    ]
    nothing = Law("never")
    coded = [laws.coded(item.demand.law if item.demand else nothing, table) for item in items]
    seasons = [item.demand.season if item.demand else () for item in items]
    first = []
    for season in seasons:
        first.append(len(table))
        table.extend(season)
    return {
        "CAPACITY": np.array(
            [rows.BIG if item.capacity is None else item.capacity for item in items]
        ),
        "TOP": np.where(is_lots, rows.BIG, level),
        "RATE": np.array([laws.mean(item.demand.law) if item.demand else 0.0 for item in items]),
        "INITIAL": np.array(initial),
        "SCALE": np.maximum(full, 1e-9),
        "LEVEL": level,
        "LOW": low,
        "LOT": lot,
        "POLICY": np.array([POLICIES[item.stock.policy] for item in items], dtype=np.int64),
        "REVIEW": np.array([item.stock.review for item in items], dtype=np.int64),
        "IS_LOTS": is_lots,
        "HOLDS": np.array([item.holds_orders for item in items], dtype=bool),
        "SHIPS_WHOLE": np.array([item.ships_whole for item in items], dtype=bool),
        "WAITS": np.array([bool(item.demand and item.demand.waits) for item in items]),
        "MAKE_DAYS": np.array([item.make_days for item in items], dtype=np.int64),
        **_triple("DEMAND", coded),
        "SEASON_FIRST": np.array(first, dtype=np.int64),
        "SEASON_SIZE": np.array([len(season) for season in seasons], dtype=np.int64),
        "SEASON_DAYS": np.array(
            [item.demand.season_days if item.demand else 1 for item in items], dtype=np.int64
        ),
    }


def _triple(name: str, coded: Sequence[tuple[int, float, float]]) -> dict[str, Any]:
    return {
        f"{name}_KIND": np.array([one[0] for one in coded], dtype=np.int64),
        f"{name}_A": np.array([one[1] for one in coded], dtype=np.float64),
        f"{name}_B": np.array([one[2] for one in coded], dtype=np.float64),
    }


def _input_fields(
    items: Sequence[Item], lanes: Sequence[_Lane], table: list[float]
) -> dict[str, Any]:
    groups = [one for item in items for one in item.inputs]
    sources = [source for one in groups for source in one.sources]
    coded = [laws.coded(source.transit, table) for source in sources]
    out: list[list[int]] = [[] for _ in items]
    for k, lane in enumerate(lanes):
        out[lane.source].append(k)
    return {
        "GROUP_FIRST": _starts([len(item.inputs) for item in items]),
        "QUANTITY": np.array([one.quantity for one in groups], dtype=np.float64),
        "PER_UNIT": np.array([1.0 / one.quantity for one in groups], dtype=np.float64),
        "BY_SHARE": np.array([one.sources[0].share is not None for one in groups], dtype=bool),
        "LANE_FIRST": _starts([len(one.sources) for one in groups]),
        "SOURCE": np.array([lane.source for lane in lanes], dtype=np.int64),
        "SHARE": np.array([source.share or 0.0 for source in sources], dtype=np.float64),
        "REFUSAL": np.array([source.refusal for source in sources], dtype=np.float64),
        "LEAD": np.array(
            [
                source.transit.numbers["value"] if source.transit.name == "fixed" else 0.0
                for source in sources
            ],
            dtype=np.float64,
        ),
        **_triple("LEAD", coded),
        "OUT_FIRST": _starts([len(one) for one in out]),
        "OUT_LANE": np.array([k for one in out for k in one], dtype=np.int64),
    }


def _starts(sizes: Sequence[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _buildings(network: Network) -> list[Disruption]:
    """Return places and lanes that open later as disruptions that end once."""
    never = Law("never")
    made = [
        Disruption(
            f"building {node.node_id}",
            never,
            Law("fixed", {"value": node.opens}),
            (Hit(Pause.PRODUCTION, node_id=node.node_id),),
        )
        for node in network.nodes
        if node.opens > 0
    ]
    for item in network.items:
        for one in item.inputs:
            for source in one.sources:
                if source.opens > 0:
                    hit = Hit(Pause.TRANSIT, lane_id=source.lane_id)
                    law = Law("fixed", {"value": source.opens})
                    made.append(Disruption(f"building {source.lane_id}", never, law, (hit,)))
    return made


def _process_fields(
    processes: Sequence[Disruption],
    network: Network,
    items: Sequence[Item],
    lanes: Sequence[_Lane],
    table: list[float],
) -> dict[str, Any]:
    country = {node.node_id: node.country_id for node in network.nodes}
    switches: list[list[tuple[int, float]]] = [
        [
            (switch, hit.chance)
            for hit in one.hits
            for switch in _switches(hit, items, lanes, country)
        ]
        for one in processes
    ]
    flat = [pair for pairs in switches for pair in pairs]
    building = [
        one.up.name == "never" and one.disruption_id.startswith("building ") for one in processes
    ]
    return {
        **_triple("UP", [laws.coded(one.up, table) for one in processes]),
        **_triple("DOWN", [laws.coded(one.down, table) for one in processes]),
        "LEARNING": np.array([one.learning for one in processes], dtype=np.float64),
        "FLOOR": np.array([one.floor for one in processes], dtype=np.float64),
        "OPENS": np.array(
            [
                one.down.numbers["value"] if is_building else 0.0
                for one, is_building in zip(processes, building, strict=True)
            ],
            dtype=np.float64,
        ),
        "HIT_FIRST": _starts([len(pairs) for pairs in switches]),
        "HIT_SWITCH": np.array([pair[0] for pair in flat], dtype=np.int64),
        "HIT_CHANCE": np.array([pair[1] for pair in flat], dtype=np.float64),
    }


def _switches(
    hit: Hit, items: Sequence[Item], lanes: Sequence[_Lane], country: dict[str, str]
) -> list[int]:
    """Return the switches that a hit turns off."""
    m = len(items)
    if hit.pauses is Pause.TRANSIT:
        return [
            3 * m + k
            for k, lane in enumerate(lanes)
            if (hit.lane_id and lane.lane_id == hit.lane_id)
            or (hit.node_id and items[lane.source].node_id == hit.node_id)
            or (hit.country_id and lane.country_from == hit.country_id != lane.country_to)
        ]
    base = {Pause.PRODUCTION: 0, Pause.ORDER: m, Pause.RECEIPT: 2 * m}[hit.pauses]
    return [
        base + k
        for k, item in enumerate(items)
        if item.node_id == hit.node_id
        or (hit.country_id and country[item.node_id] == hit.country_id)
    ]


__all__ = ["Net", "Plan", "State", "compiled", "keys", "state"]
