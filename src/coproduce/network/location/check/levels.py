"""Recounts answers of networks of plants and depots, and of facilities under demand scenarios.

Whole numbers throughout and no solver. Prices of demand ``u`` and of depot balance ``v`` prove::

    u·q + min over plants of sum (f_i - K_i) y_i + min over depots of sum (g_j - K_j) z_j

where ``K`` is what a facility earns from the best filling of its capacity at the margins
``u - v - cost`` (depots) and ``v - cost`` (plants), each item at most its demand or its depot's
capacity. Each minimum runs over sets that are enough in number, or enough in total capacity: the
larger of the two. Any prices give a valid bound. Costs that are no multiple of the grid are
rounded down, which can only lower it. A tree of parts may bound each part by its own prices.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import zlib
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from coproduce.network.location.check import parts
from coproduce.network.location.check.branches import Network, proven
from coproduce.network.location.check.pricing import Pricing, Whole
from coproduce.network.location.types import Checked
from coproduce.records.errors import SourceError

_CLAIM = Fraction(1, 10**6)
_ROWS = ("plant_multipliers", "depot_multipliers")
_MOST_ROWS, _MOST_MULTIPLIER = 100, 10**6


@dataclass(frozen=True)
class Instance:
    """Numbers of the file, exact. Layers are products, or scenarios that are equally likely."""

    kind: str
    plant_fixed: list[Fraction]
    plant_room: list[list[Fraction]]
    depot_fixed: list[Fraction]
    depot_room: list[list[Fraction]]
    demand: list[list[Fraction]]
    inbound: list[list[list[Fraction]]]
    outbound: list[list[list[Fraction]]]
    weight: int = 1  # all costs are multiplied by it; of scenarios their number


def check(path: Path, record: dict[str, Any]) -> Checked:
    """Return what the recount of a solution file found; nothing is taken from the file unread."""
    made = _read(path, str(record["instance"]["format"]))
    errors: list[str] = []
    cost = _cost(made, record, errors)
    bound = _bound(made, record["certificate"], errors)
    _claims(record, cost, bound, _all_whole(made), errors)
    if bound is not None and _all_whole(made) and made.weight == 1:
        bound = Fraction(ceil(bound))
    gap = None
    if cost is not None and bound is not None:
        gap = float(max(Fraction(0), cost - bound) / max(Fraction(1, 10**9), abs(cost)))
    return Checked(
        kind=made.kind,
        objective=None if cost is None else float(cost),
        certified_bound=None if bound is None else float(bound),
        certified_gap=gap,
        rests_on_solver=str(record["certificate"].get("rests_on_solver", "")),
        errors=tuple(errors),
    )


def _text(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")


def _read(path: Path, name: str) -> Instance:
    try:
        text = _text(path)
        if name == "scflp-json":
            return _scenarios(json.loads(text, parse_float=Fraction, parse_int=Fraction))
        words = [Fraction(word) for word in text.replace(",", " ").split()]
        return _network(words, 1 if name == "tscflp" else None)
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError) as error:
        raise SourceError(
            f"cannot be read as {name}: {error}", code="S045", where=path.name
        ) from error


def _network(words: list[Fraction], products: int | None) -> Instance:
    at = 0

    def take(count: int) -> list[Fraction]:
        nonlocal at
        at += count
        if at > len(words):
            raise ValueError("the file is cut off")
        return words[at - count : at]

    plants, depots, customers = (int(word) for word in take(3))
    layers = products if products is not None else int(take(1)[0])

    def heads(count: int) -> tuple[list[list[Fraction]], list[Fraction]]:
        rows = [take(layers + 1) for _ in range(count)]
        return [[row[k] for row in rows] for k in range(layers)], [row[-1] for row in rows]

    def tables(rows: int, columns: int) -> list[list[list[Fraction]]]:
        return [[take(columns) for _ in range(rows)] for _ in range(layers)]

    needs = [take(layers) for _ in range(customers)]
    plant_room, plant_fixed = heads(plants)
    inbound = tables(plants, depots)
    depot_room, depot_fixed = heads(depots)
    outbound = tables(depots, customers)
    if at != len(words):
        raise ValueError("numbers are left over")
    return Instance(
        kind="two-stage network" if products else "multi-product two-stage network",
        plant_fixed=plant_fixed,
        plant_room=plant_room,
        depot_fixed=depot_fixed,
        depot_room=depot_room,
        demand=[[row[k] for row in needs] for k in range(layers)],
        inbound=inbound,
        outbound=outbound,
    )


def _scenarios(content: dict[str, Any]) -> Instance:
    count = int(content["n_scenarios"])
    return Instance(
        kind="facilities under demand scenarios",
        plant_fixed=[],
        plant_room=[[] for _ in range(count)],
        depot_fixed=[value * count for value in content["fixed_costs"]],
        depot_room=[content["capacities"]] * count,
        demand=content["demands"],
        inbound=[[] for _ in range(count)],
        outbound=[content["costs"]] * count,
        weight=count,
    )


def _all_whole(made: Instance) -> bool:
    lists = [made.plant_fixed, made.depot_fixed, *made.plant_room, *made.depot_room, *made.demand]
    lists += [row for table in (*made.inbound, *made.outbound) for row in table]
    return all(value.denominator == 1 for values in lists for value in values)


def _cost(made: Instance, record: dict[str, Any], errors: list[str]) -> Fraction | None:
    """Return the exact cost of the answer; what it violates goes to `errors`."""
    plants, depots = len(made.plant_fixed), len(made.depot_fixed)
    opened = record["opened"]
    if not isinstance(opened, list) or len(set(opened)) != len(opened):
        errors.append("the list of opened facilities is no list, or names one twice")
        return None
    if any(not isinstance(at, int) or not 0 <= at < plants + depots for at in opened):
        errors.append("a facility is opened that the problem does not have")
        return None
    fixed = made.plant_fixed + made.depot_fixed
    cost = sum((fixed[at] for at in opened), Fraction(0))
    is_open = set(opened)
    try:
        outbound, inbound = record["plan"]["outbound"], record["plan"]["inbound"]
        for layer in range(len(made.demand)):
            cost += _layer(made, layer, outbound[layer], inbound[layer], is_open, errors)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        errors.append(f"the flows cannot be read: {error!r}")
        return None
    return cost / made.weight


def _layer(
    made: Instance,
    layer: int,
    outbound: list[list[Any]],
    inbound: list[list[Any]],
    is_open: set[int],
    errors: list[str],
) -> Fraction:
    plants, depots = len(made.plant_fixed), len(made.depot_fixed)
    served = [Fraction(0)] * len(made.demand[layer])
    sent, got = [Fraction(0)] * depots, [Fraction(0)] * depots
    shipped = [Fraction(0)] * plants
    cost = Fraction(0)
    for depot, customer, amount in outbound:
        value = _amount(amount, depot, customer)
        served[customer] += value
        sent[depot] += value
        cost += value * made.outbound[layer][depot][customer]
    for plant, depot, amount in inbound:
        value = _amount(amount, plant, depot)
        shipped[plant] += value
        got[depot] += value
        cost += value * made.inbound[layer][plant][depot]
    slack = Fraction(0) if _all_amounts_whole(made) else _CLAIM
    what = f"layer {layer}"
    for customer, need in enumerate(made.demand[layer]):
        if served[customer] < need - slack * (1 + need):
            errors.append(
                f"{what}: customer {customer} gets {float(served[customer]):g} of {need}"
            )
    for depot in range(depots):
        room = made.depot_room[layer][depot] if depot + plants in is_open else Fraction(0)
        if sent[depot] > room + slack * (1 + room):
            errors.append(f"{what}: depot {depot} sends {float(sent[depot]):g}, holds {room}")
        if plants and abs(sent[depot] - got[depot]) > slack * (1 + sent[depot]):
            errors.append(f"{what}: depot {depot} gets {float(got[depot]):g}, sends other")
    for plant in range(plants):
        room = made.plant_room[layer][plant] if plant in is_open else Fraction(0)
        if shipped[plant] > room + slack * (1 + room):
            errors.append(f"{what}: plant {plant} sends {float(shipped[plant]):g}, holds {room}")
    return cost


def _amount(amount: Any, first: Any, second: Any) -> Fraction:
    if not isinstance(first, int) or not isinstance(second, int) or first < 0 or second < 0:
        raise ValueError("places are counted from 0")
    value = Fraction(amount)
    if value < 0:
        raise ValueError("a flow is negative")
    return value


def _all_amounts_whole(made: Instance) -> bool:
    lists = [*made.plant_room, *made.depot_room, *made.demand]
    return all(value.denominator == 1 for values in lists for value in values)


def _bound(made: Instance, proof: dict[str, Any], errors: list[str]) -> Fraction | None:
    if proof.get("kind") not in ("prices", "tree of prices"):
        errors.append(f"a certificate of kind {proof.get('kind')!r} is not known for this problem")
        return None
    grid = proof.get("grid")
    if isinstance(grid, bool) or not isinstance(grid, int) or not 1 <= grid <= 2**30:
        errors.append("the certificate's grid is no whole number from 1 to 2**30")
        return None
    if proof["kind"] == "tree of prices":
        return _tree_bound(made, proof, grid, errors)
    layers, depots = len(made.demand), len(made.depot_fixed)
    tree = proof.get("tree", [{"prices": 0}])
    try:
        demand = _unpacked(proof["demand_prices"], (layers, len(made.demand[0])))
        balance = _unpacked(proof["balance_prices"], (layers, depots))
        if len(demand) != len(balance):
            raise ValueError(f"{len(demand)} prices of demand, {len(balance)} of balance")
    except (KeyError, ValueError, TypeError, zlib.error, binascii.Error) as error:
        errors.append(f"the certificate's prices cannot be read: {error!r}")
        return None
    if not made.plant_fixed and balance.any():
        errors.append("the certificate prices the balance of depots that no plant supplies")
        return None
    try:
        rows = [_multipliers(proof.get(name, []), layers) for name in _ROWS]
        pricing = Pricing(made, demand, balance, grid, rows)
        facilities = len(made.plant_fixed) + depots
        total = parts.proven(tree, facilities, len(demand), pricing.bound)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        errors.append(f"the certificate's rows or tree cannot be read: {error!r}")
        return None
    except OverflowError as error:
        errors.append(f"the bound cannot be recounted in whole numbers: {error}")
        return None
    if total >= parts.NOTHING:
        errors.append("the certificate proves that nothing can serve, but an answer is given")
        return None
    return Fraction(total, pricing.unit)


def _tree_bound(
    made: Instance, proof: dict[str, Any], grid: int, errors: list[str]
) -> Fraction | None:
    """Return the bound that a tree of priced parts proves."""
    if len(made.demand) != 1 or not made.plant_fixed or not _all_amounts_whole(made):
        errors.append("a tree of prices is for one product, plants and whole amounts")
        return None
    try:
        demand = _unpacked(proof["demand_prices"], (1, len(made.demand[0])))[:, 0]
        balance = _unpacked(proof["balance_prices"], (1, len(made.depot_fixed)))[:, 0]
        if len(demand) != len(balance) or len(demand) != proof.get("points"):
            raise ValueError(f"{len(demand)} prices of demand, {len(balance)} of balance")
        net = Network(
            demand=_whole(made.demand[0], 1),
            depot_room=_whole(made.depot_room[0], 1),
            plant_room=_whole(made.plant_room[0], 1),
            plant_fixed=_whole(made.plant_fixed, grid),
            depot_fixed=_whole(made.depot_fixed, grid),
            inbound=np.array([_whole(row, grid) for row in made.inbound[0]]),
            outbound=np.array([_whole(row, grid) for row in made.outbound[0]]),
        )
        return Fraction(proven(net, proof.get("tree"), demand, balance), grid)
    except (KeyError, ValueError, TypeError, zlib.error, binascii.Error) as error:
        errors.append(f"the certificate's tree cannot be read: {error!r}")
    except OverflowError as error:
        errors.append(f"the bound cannot be recounted in whole numbers: {error}")
    return None


def _whole(values: list[Fraction], grid: int) -> Whole:
    """Return values in units of ``1 / grid``, rounded down."""
    made = [value.numerator * grid // value.denominator for value in values]
    return np.array(made, dtype=np.int64)


def _unpacked(text: Any, shape: tuple[int, int]) -> Whole:
    raw = zlib.decompress(base64.b64decode(text, validate=True))
    values = np.frombuffer(raw, dtype="<i8")
    each = shape[0] * shape[1]
    if not values.size or values.size % each:
        raise ValueError(f"{values.size} prices, a multiple of {each} is needed")
    return values.reshape(-1, *shape).astype(np.int64)


def _multipliers(rows: Any, layers: int) -> Whole:
    """Return what the certificate multiplies the layers by, row by row; never negative."""
    if not isinstance(rows, list) or len(rows) > _MOST_ROWS:
        raise ValueError(f"no list of at most {_MOST_ROWS} rows")
    for row in rows:
        if not isinstance(row, list) or len(row) != layers:
            raise ValueError(f"a row does not have {layers} numbers")
        if any(isinstance(at, bool) or not isinstance(at, int) for at in row):
            raise ValueError("a multiplier is no whole number")
        if any(not 0 <= at <= _MOST_MULTIPLIER for at in row):
            raise ValueError(f"a multiplier is not from 0 to {_MOST_MULTIPLIER}")
    return np.array(rows, dtype=np.int64).reshape(len(rows), layers)


def _claims(
    record: dict[str, Any],
    cost: Fraction | None,
    bound: Fraction | None,
    is_whole: bool,
    errors: list[str],
) -> None:
    """Compare what the file says with what was recounted."""
    said = record["answer"]
    if cost is not None and not _near(said.get("objective"), cost):
        errors.append(f"the file says cost {said.get('objective')}, it is {float(cost)!r}")
    if bound is None:
        return
    proven = Fraction(ceil(bound)) if is_whole else bound
    if cost is not None and bound > cost:
        errors.append(f"the recounted bound {float(bound)!r} lies above the cost {float(cost)!r}")
    proof = record["certificate"]
    claimed = proof.get("certified_bound")
    if not isinstance(claimed, int | float) or _exceeds(claimed, proven):
        errors.append(f"the certificate claims bound {claimed}, it proves {float(proven)!r}")
    whole = said.get("bound")
    if not isinstance(whole, int | float):
        errors.append("the file names no bound")
    elif not proof.get("rests_on_solver") and _exceeds(whole, proven):
        errors.append(f"the file claims bound {whole} and no solver, proven is {float(proven)!r}")
    elif cost is not None and _exceeds(whole, cost):
        errors.append(f"the bound {whole} lies above the cost {float(cost)!r}")


def _near(said: Any, true: Fraction) -> bool:
    if not isinstance(said, int | float):
        return False
    return abs(Fraction(said) - true) <= _CLAIM * Fraction(1, 1000) * (1 + abs(true))


def _exceeds(said: float, true: Fraction) -> bool:
    return Fraction(said) > true + _CLAIM * (1 + abs(true))
