"""The best choice of meetings between two sides, exactly, as a flow of least cost."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any


def two_sides(pairs: Sequence[tuple[int, int]]) -> dict[int, bool] | None:
    """Return participant → side if every pair joins two sides, else None.

    Example:
        >>> two_sides([(0, 1), (1, 2)]) == {0: True, 1: False, 2: True}
        True
        >>> two_sides([(0, 1), (1, 2), (0, 2)]) is None
        True
    """
    met: dict[int, list[int]] = defaultdict(list)
    for one, two in pairs:
        met[one].append(two)
        met[two].append(one)
    side: dict[int, bool] = {}
    for start in sorted(met):
        if start in side:
            continue
        side[start] = True
        queue = deque([start])
        while queue:
            person = queue.popleft()
            for other in met[person]:
                if other not in side:
                    side[other] = not side[person]
                    queue.append(other)
                elif side[other] == side[person]:
                    return None
    return side


def choose_by_flow(
    pairs: Sequence[tuple[int, int]],
    worth: Sequence[int],
    limits: Sequence[int],
    room: int,
    side: Mapping[int, bool],
) -> tuple[int, ...]:
    """Return the numbers of the pairs chosen, worth most in all.

    A unit of flow runs source → first side → second side → sink for each meeting; what of the
    room is not used runs past them at no cost. Whole numbers throughout, so the choice is exact.

    Args:
        pairs: the two participants of each pair.
        worth: of each pair, 0 or more.
        limits: most meetings of each participant.
        room: most meetings in all.
        side: from `two_sides`.

    Source: Ahuja, Magnanti, Orlin, Network Flows (1993), chapter 9 (method); OR-tools (solver).
    """
    from ortools.graph.python import min_cost_flow

    flow: Any = min_cost_flow.SimpleMinCostFlow()
    source, sink = len(limits), len(limits) + 1
    for person, is_first in side.items():
        ends = (source, person) if is_first else (person, sink)
        flow.add_arc_with_capacity_and_unit_cost(*ends, min(limits[person], room), 0)
    arcs = []
    for (one, two), value in zip(pairs, worth, strict=True):
        ends = (one, two) if side[one] else (two, one)
        arcs.append(flow.add_arc_with_capacity_and_unit_cost(*ends, 1, -value))
    flow.add_arc_with_capacity_and_unit_cost(source, sink, room, 0)
    flow.set_node_supply(source, room)
    flow.set_node_supply(sink, -room)
    status = flow.solve()
    if status != flow.OPTIMAL:  # the bypass makes every flow feasible, so this is a fault
        raise AssertionError(f"min-cost flow ended with status {status}")
    return tuple(pair for pair, arc in enumerate(arcs) if flow.flow(arc))


__all__ = ["choose_by_flow", "two_sides"]
