"""The bill of materials of each product as an acyclic graph of stages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from coproduce.records.errors import ModelError
from coproduce.records.programme import Programme, Settings

Node = tuple[str, str]
"""A product and one of its stages."""


@dataclass(frozen=True, slots=True)
class ProductChain:
    """The stages a product rests on.

    Attributes:
        product_id: the product.
        order: nodes from the finished good to the first inputs; each after all that use it.
        users: node → nodes that use it, with the quantity that flows there per finished unit.
        inputs: node → nodes it uses.
        per_unit: node → its quantity per unit of the finished good (stage units per unit).
        full_cycle: nodes that must be made inside the bloc for the full cycle: those from the
            programme's `full_cycle_stage_id` on, or all where no node stands at that stage.
    """

    product_id: str
    order: tuple[Node, ...]
    users: dict[Node, tuple[tuple[Node, float], ...]]
    inputs: dict[Node, tuple[Node, ...]]
    per_unit: dict[Node, float]
    full_cycle: frozenset[Node]

    @property
    def final(self) -> Node:
        """The finished good."""
        return self.order[0]


def product_chains(programme: Programme) -> dict[str, ProductChain]:
    """Return the chain of each product that has stages, by product id.

    Raises:
        ModelError: D005 if a bill of materials leads back to itself; the message names the ring.
            D007 if the settings do not list a stage that is needed.
    """
    inputs = _inputs(programme)
    last: dict[str, tuple[int, str]] = {}
    for product, stage, number in (
        programme["stages"].select("product_id", "stage_id", "stage_no").iter_rows()
    ):
        last[product] = max(last.get(product, (0, "")), (number, stage))
    return {
        product: _chain(product, (product, stage), inputs, programme.settings)
        for product, (_, stage) in sorted(last.items())
    }


def _inputs(programme: Programme) -> dict[Node, dict[Node, float]]:
    columns = ["product_id", "stage_id", "input_product_id", "input_stage_id", "input_per_unit"]
    inputs: dict[Node, dict[Node, float]] = defaultdict(dict)
    for product, stage, of_product, of_stage, quantity in (
        programme["bom"].select(columns).sort(columns).iter_rows()
    ):
        inputs[product, stage][of_product, of_stage] = quantity
    return inputs


def _chain(
    product: str, final: Node, inputs: dict[Node, dict[Node, float]], settings: Settings
) -> ProductChain:
    order = _users_first(final, inputs)
    per_unit: dict[Node, float] = defaultdict(float, {final: 1.0})
    users: dict[Node, list[tuple[Node, float]]] = defaultdict(list)
    for node in order:
        for source, quantity in inputs.get(node, {}).items():
            flow = per_unit[node] * quantity
            per_unit[source] += flow
            users[source].append((node, flow))
    return ProductChain(
        product_id=product,
        order=order,
        users={node: tuple(users[node]) for node in order},
        inputs={node: tuple(inputs.get(node, {})) for node in order},
        per_unit=dict(per_unit),
        full_cycle=_full_cycle(order, settings),
    )


def _full_cycle(order: tuple[Node, ...], settings: Settings) -> frozenset[Node]:
    place = {stage: number for number, stage in enumerate(settings.stage_ids)}
    for stage in (settings.full_cycle_stage_id, *(stage for _, stage in order)):
        if stage not in place:
            raise ModelError(
                f"stage {stage!r} is not among stage_ids ({', '.join(settings.stage_ids)}); "
                "correct stage_ids or full_cycle_stage_id",
                code="D007",
                where="programme.yaml",
            )
    start = place[settings.full_cycle_stage_id]
    if all(place[stage] != start for _, stage in order):
        return frozenset(order)
    return frozenset(node for node in order if place[node[1]] >= start)


def _users_first(final: Node, inputs: dict[Node, dict[Node, float]]) -> tuple[Node, ...]:
    done: list[Node] = []
    path: list[Node] = []

    def visit(node: Node) -> None:
        if node in path:
            ring = " → ".join("/".join(step) for step in [*path[path.index(node) :], node])
            raise ModelError(
                f"the bill of materials leads back to itself: {ring}; a chain must end; "
                "remove one of these rows",
                code="D005",
                where="bom.csv",
            )
        if node in done:
            return
        path.append(node)
        for source in inputs.get(node, {}):
            visit(source)
        path.pop()
        done.append(node)

    visit(final)
    return tuple(reversed(done))
