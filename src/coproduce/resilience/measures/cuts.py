"""The least number of failures that stops a product, exactly, through its bill of materials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coproduce.records.errors import ModelError
from coproduce.resilience.measures.supply_graph import SupplyGraph


@dataclass(frozen=True, slots=True)
class Cut:
    """A smallest set of failures that stops a product.

    Attributes:
        size: how many; None if no number of known failures stops it, because part of its supply
            is met from sources that nobody knows.
        events: one such set, in alphabetical order.
        is_proven: the solver proved that no smaller set does it.
    """

    size: int | None
    events: tuple[str, ...]
    is_proven: bool


def smallest_cut(graph: SupplyGraph) -> Cut:
    """Return the least number of failures after which the customer gets nothing.

    A maker stops when it fails or when one of its inputs is met by nobody; a need is unmet when
    all its suppliers stop. For chains with one input each this is the smallest vertex cut; with
    several inputs it is harder than a cut and solved as a mixed-integer programme: a = 1 where
    something still flows, x = 1 where something fails, a_maker ≥ 1 - x - Σ (1 - a_input),
    a_need ≥ a_maker, a_root = 0, min Σ x.

    Raises:
        ModelError: S120 for a cycle, S107 if nobody supplies the root, S123 without an answer.

    Example:
        Two makers of the finished good, both from one maker of its input: one failure is enough,
        although the finished good has two sources.

        >>> from coproduce.resilience.measures.supply_graph import Maker
        >>> both = (Maker("a", "", ("input",)), Maker("b", "", ("input",)))
        >>> smallest_cut(SupplyGraph("good", {"good": both, "input": (Maker("c", ""),)}))
        Cut(size=1, events=('c',), is_proven=True)
    """
    from coproduce.engines.lp import solve
    from coproduce.engines.lp_build import Builder

    order = graph.order()
    if not graph.suppliers.get(graph.root):
        raise ModelError(f"no path from any source: nobody supplies {graph.root}", code="S107")
    events = sorted({maker.event for maker in graph.makers()})
    builder = Builder()
    fails = builder.add_columns(len(events), cost=1.0, upper=1.0, is_integer=True)
    event = dict(zip(events, fails.tolist(), strict=True))
    needs = builder.add_columns(len(order), upper=1.0)
    flows = dict(zip(order, needs.tolist(), strict=True))
    least: list[float] = []
    entries: list[tuple[int, int, float]] = []
    for need in order:
        makers = graph.suppliers.get(need, ())
        if not makers:  # met by nobody knows whom, so always
            entries.append((len(least), flows[need], 1.0))
            least.append(1.0)
        for maker in makers:
            # a_need - Σ a_input + x ≥ 1 - number of inputs
            row = len(least)
            entries += [(row, flows[need], 1.0), (row, event[maker.event], 1.0)]
            entries += [(row, flows[one], -1.0) for one in maker.inputs]
            least.append(1.0 - len(maker.inputs))
    builder.add_rows(len(least), lower=np.array(least))
    builder.add_entries(*(np.array(part) for part in zip(*entries, strict=True)))
    builder.add_entries(builder.add_rows(1, upper=0.0), flows[graph.root], 1.0)
    found = solve(builder.problem(), gap_share=0.0, threads=1)
    if found.was_interrupted:
        raise KeyboardInterrupt
    if found.status == "infeasible":
        return Cut(None, (), True)
    if not found.has_answer:
        raise ModelError(f"the solver says {found.status}", code="S123")
    chosen = tuple(events[int(k)] for k in np.flatnonzero(found.x[fails] > 0.5))
    return Cut(len(chosen), chosen, found.status == "optimal" and found.bound > len(chosen) - 1)


__all__ = ["Cut", "smallest_cut"]
