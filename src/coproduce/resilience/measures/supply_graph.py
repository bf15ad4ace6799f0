"""Who needs what from whom: a graph of makers that need all inputs, each from any supplier."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

from coproduce.records.errors import ModelError

Need = Hashable
"""Something a maker or the customer must get: a stage of a product in a market."""


@dataclass(frozen=True, slots=True)
class Maker:
    """One that delivers, if it is up and gets all its inputs.

    Attributes:
        event: what must fail to stop it; makers with the same event fail together.
        country_id: where it is.
        inputs: what it needs; each must be met.
    """

    event: str
    country_id: str
    inputs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class SupplyGraph:
    """A customer's need and all that stands behind it.

    Attributes:
        root: what the customer needs.
        suppliers: need → makers, any of which meets it. A need that is not in here is met from
            sources that nobody knows and taken as always met.
    """

    root: Need
    suppliers: Mapping[Need, tuple[Maker, ...]]

    def order(self) -> list[Need]:
        """Return the needs that stand behind the root, inputs before those that use them.

        Raises:
            ModelError: S120 if needs lead back to themselves.
        """
        done: dict[Need, None] = {}
        path: dict[Need, None] = {}
        stack: list[tuple[Need, Iterator[Need]]] = [(self.root, self._inputs(self.root))]
        path[self.root] = None
        while stack:
            need, inputs = stack[-1]
            following = next(inputs, None)
            if following is None:
                stack.pop()
                del path[need]
                done[need] = None
            elif following in path:
                raise ModelError(
                    f"the bill of materials leads back to itself at {following}; a chain must "
                    "end; remove one of its rows",
                    code="S120",
                )
            elif following not in done:
                path[following] = None
                stack.append((following, self._inputs(following)))
        return list(done)

    def _inputs(self, need: Need) -> Iterator[Need]:
        for maker in self.suppliers.get(need, ()):
            yield from maker.inputs

    def makers(self) -> list[Maker]:
        """Return every maker behind the root, once."""
        found: dict[Maker, None] = {}
        for need in self.order():
            found |= dict.fromkeys(self.suppliers.get(need, ()))
        return list(found)

    def by_country(self) -> SupplyGraph:
        """Return the same graph in which all makers of a country fail together."""
        return SupplyGraph(
            self.root,
            {
                need: tuple(
                    dict.fromkeys(
                        Maker(maker.country_id, maker.country_id, maker.inputs)
                        for maker in self.suppliers[need]
                    )
                )
                for need in self.order()
                if need in self.suppliers
            },
        )


__all__ = ["Maker", "Need", "SupplyGraph"]
