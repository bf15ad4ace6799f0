"""What a survival study knows: nodes, products, who can make what, scenarios of what is down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coproduce.records.errors import DataError


@dataclass(frozen=True, slots=True)
class Product:
    """A finished good or an input of one.

    Attributes:
        demand: of a period (unit); nil for what is only an input.
        stock: on hand when the disruption begins (unit).
        loss_per_unit: cost of a unit of demand not met (money).
    """

    demand: float
    stock: float
    loss_per_unit: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that breaks.

    Attributes:
        ttr: time to recover (periods).
        down: what is out: (node, product), or (node, "") for all that the node makes.
        probability: weight in means; None where not given.
    """

    ttr: float
    down: frozenset[tuple[str, str]]
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class SurviveNetwork:
    """A network and what may break in it.

    Attributes:
        capacity: node → what it can make in a period (unit of capacity).
        products: product → what is wanted and held.
        makes: (node, product) → capacity used by one unit.
        bom: product → input → units of the input in one unit.
        scenarios: scenario → what is down and for how long.
    """

    capacity: Mapping[str, float]
    products: Mapping[str, Product]
    makes: Mapping[tuple[str, str], float]
    bom: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)

    def check(self, where: str = "") -> None:
        """Raise if the bill of materials has a cycle or a demand has no path from any source.

        Raises:
            DataError: S120 for a cycle, S121 for a product without a path.
        """
        order = self._inputs_first(where)
        reached: set[str] = set()
        for product in order:
            is_made = any(made == product for _, made in self.makes)
            if is_made and all(one in reached for one in self.bom.get(product, {})):
                reached.add(product)
        lost = [one for one, what in self.products.items() if what.demand > 0]
        lost = [one for one in lost if one not in reached]
        if lost:
            raise DataError(
                f"no path from any source leads to {', '.join(lost)}: a node must make it, and "
                "each of its inputs",
                code="S121",
                where=where,
            )

    def _inputs_first(self, where: str) -> list[str]:
        done: dict[str, None] = {}
        for start in self.products:
            stack: list[tuple[str, bool]] = [(start, False)]
            path: list[str] = []
            while stack:
                product, is_left = stack.pop()
                if is_left:
                    path.pop()
                    done[product] = None
                elif product in path:
                    ring = " → ".join([*path[path.index(product) :], product])
                    raise DataError(
                        f"the bill of materials leads back to itself: {ring}; remove one row",
                        code="S120",
                        where=where,
                    )
                elif product not in done:
                    path.append(product)
                    stack.append((product, True))
                    stack += [(one, False) for one in self.bom.get(product, {})]
        return list(done)


__all__ = ["Product", "Scenario", "SurviveNetwork"]
