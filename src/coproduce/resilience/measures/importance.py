"""Probability that a product is supplied, and what each failure adds: a decision diagram.

The supply of a product is a yes-or-no function of what is up. A reduced ordered decision diagram
holds it exactly, shared makers included, and probability and importance are read off in one walk
each.

Source: Bryant, IEEE Transactions on Computers C-35 (1986); Birnbaum (1969); Vesely, Davis,
Denning, Saltos, NUREG/CR-3385 (1983).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coproduce.records.errors import ModelError
from coproduce.resilience.exact.given import probability
from coproduce.resilience.measures.supply_graph import Need, SupplyGraph

MOST_NODES = 200_000
NO, YES = 0, 1


@dataclass(slots=True)
class Diagram:
    """A reduced ordered decision diagram; nodes 0 and 1 are its ends.

    Attributes:
        levels: events in the order in which they are asked.
        nodes: (level, if down, if up) of each node; both ends first, below all levels.
        root: where to begin.
    """

    levels: list[str]
    nodes: list[tuple[int, int, int]] = field(default_factory=list)
    root: int = YES
    _known: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _joined: dict[tuple[bool, int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = [(len(self.levels), NO, NO), (len(self.levels), YES, YES)]

    def node(self, level: int, low: int, high: int) -> int:
        """Return the node that asks an event, or what both its answers agree on."""
        if low == high:
            return low
        key = (level, low, high)
        if key not in self._known:
            if len(self.nodes) >= MOST_NODES:
                raise ModelError(
                    f"the supply of one product needs a diagram of over {MOST_NODES:,} nodes; "
                    "put makers together, or simulate",
                    code="S124",
                )
            self._known[key] = len(self.nodes)
            self.nodes.append(key)
        return self._known[key]

    def join(self, is_and: bool, one: int, other: int) -> int:
        """Return the diagram of both (and) or any (or) of two."""
        end, other_end = (NO, YES) if is_and else (YES, NO)
        if one == end or other == end:
            return end
        if one in (other_end, other):
            return other
        if other == other_end:
            return one
        key = (is_and, min(one, other), max(one, other))
        if key not in self._joined:
            left, right = self.nodes[one], self.nodes[other]
            level = min(left[0], right[0])
            low_one, high_one = left[1:] if left[0] == level else (one, one)
            low_other, high_other = right[1:] if right[0] == level else (other, other)
            low = self.join(is_and, low_one, low_other)
            high = self.join(is_and, high_one, high_other)
            self._joined[key] = self.node(level, low, high)
        return self._joined[key]


@dataclass(frozen=True, slots=True)
class Importance:
    """How likely a product is supplied, and what each event adds.

    Attributes:
        availability_share: long-run share of time in which something still flows.
        birnbaum: event → fall of availability from it surely up to surely down.
        fussell_vesely: event → part of unavailability that goes if it never fails.
    """

    availability_share: float
    birnbaum: dict[str, float]
    fussell_vesely: dict[str, float]


def diagram(graph: SupplyGraph) -> Diagram:
    """Return the decision diagram of a product's supply.

    Raises:
        ModelError: S120 for a cycle, S124 if it grows too large.
    """
    order = graph.order()
    # Asked in the order in which inputs come: what is shared far upstream stands on top.
    events = dict.fromkeys(
        maker.event for need in order for maker in graph.suppliers.get(need, ())
    )
    made = Diagram(list(events))
    place = {event: level for level, event in enumerate(events)}
    flows: dict[Need, int] = {}
    for need in order:
        makers = graph.suppliers.get(need, ())
        met = NO if makers else YES
        for maker in makers:
            works = made.node(place[maker.event], NO, YES)
            for one in maker.inputs:
                works = made.join(True, works, flows[one])
            met = made.join(False, met, works)
        flows[need] = met
    made.root = flows[graph.root]
    return made


def importance(graph: SupplyGraph, unavailability: Mapping[str, float]) -> Importance:
    """Return the probability that a product is supplied and the importance of each event.

    Args:
        graph: who needs what from whom.
        unavailability: event → share of time down; events fail independently.

    Raises:
        UsageError: S103 for a share outside 0–1.
        ModelError: S120 for a cycle, S124 if the diagram grows too large, S125 if an event has
            no unavailability.

    Example:
        Two makers out a tenth of the time each, one input out a hundredth:

        >>> from coproduce.resilience.measures.supply_graph import Maker
        >>> both = (Maker("a", "", ("input",)), Maker("b", "", ("input",)))
        >>> graph = SupplyGraph("good", {"good": both, "input": (Maker("c", ""),)})
        >>> found = importance(graph, {"a": 0.1, "b": 0.1, "c": 0.01})
        >>> round(found.availability_share, 6), round(found.birnbaum["c"], 6)
        (0.9801, 0.99)
    """
    made = diagram(graph)
    missing = [event for event in made.levels if event not in unavailability]
    if missing:
        raise ModelError(f"no unavailability is known of {', '.join(missing)}", code="S125")
    down = [probability(unavailability[event], event) for event in made.levels]
    up_share = [0.0, 1.0]
    for level, low, high in made.nodes[2:]:  # ends before those that lead to them
        up_share.append(down[level] * up_share[low] + (1.0 - down[level]) * up_share[high])
    reached = [0.0] * len(made.nodes)
    reached[made.root] = 1.0
    birnbaum = dict.fromkeys(made.levels, 0.0)
    for number in range(len(made.nodes) - 1, YES, -1):
        level, low, high = made.nodes[number]
        if reached[number]:
            birnbaum[made.levels[level]] += reached[number] * (up_share[high] - up_share[low])
            reached[low] += reached[number] * down[level]
            reached[high] += reached[number] * (1.0 - down[level])
    lost = 1.0 - up_share[made.root]
    saved = {event: birnbaum[event] * unavailability[event] for event in made.levels}
    return Importance(
        availability_share=up_share[made.root],
        birnbaum=birnbaum,
        fussell_vesely={
            event: value / lost if lost > 0 else 0.0 for event, value in saved.items()
        },
    )


def fewest_failures(made: Diagram) -> int | None:
    """Return the least number of events that must be down to stop supply; None if none can.

    A shortest path to the end that says no; agrees with `cuts.smallest_cut`.
    """
    far = len(made.levels) + 1
    fewest = [0, far]
    for _, low, high in made.nodes[2:]:
        fewest.append(min(fewest[low] + 1, fewest[high]))
    found = fewest[made.root]
    return None if found >= far else found


__all__ = ["Diagram", "Importance", "diagram", "fewest_failures", "importance"]
