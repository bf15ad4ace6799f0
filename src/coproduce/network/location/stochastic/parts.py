"""Parts of all answers, and the tree of them with its proofs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coproduce.network.location.stochastic.grid import Grid
from coproduce.network.location.types import Floats


@dataclass(frozen=True, slots=True)
class Proof:
    """Prices that bound a part.

    Attributes:
        rows: of the first-stage rows.
        bands: of the rows that hold each room inside the part, block by block.
        rooms: what a block pays for its room, at least 0, block by block.
        bound: what they prove.
    """

    rows: Floats
    bands: Floats
    rooms: Floats
    bound: float


@dataclass(frozen=True, slots=True)
class Part:
    """A part of all answers.

    Attributes:
        number: in the tree.
        lower, upper: bounds of the first-stage columns.
        low, high: bounds of the rooms, block by block; ``low <= room < high``.
        proof: its own or its parent's; None at the root.
    """

    number: int
    lower: Floats
    upper: Floats
    low: Floats
    high: Floats
    proof: Proof | None

    @property
    def bound(self) -> float:
        """No answer of this part is cheaper."""
        return -np.inf if self.proof is None else self.proof.bound


@dataclass(slots=True)
class Tree:
    """All parts by number.

    Attributes:
        nodes: ``("room", room, value, low part, high part)``, ``("column", column, value, low
            part, high part)``, or what is known of a part that was not branched on: prices, None
            for nothing, ``("empty",)`` where its rows leave no answer.
    """

    nodes: list[tuple[Any, ...] | Proof | None] = field(default_factory=list)

    @property
    def certified(self) -> float:
        """What the leaves prove; inf where all are empty."""
        leaves = [leaf for leaf in self.nodes if not isinstance(leaf, tuple)]
        return min((leaf.bound if leaf else -np.inf for leaf in leaves), default=np.inf)

    def certificate(self, grids: list[Grid]) -> dict[str, Any]:
        """Return the tree and the grids as they stand in a solution file."""
        blocks = [
            {
                "columns": grid.stair.block.columns.tolist(),
                "rows": grid.stair.block.shared.tolist(),
                "edges": [edge.tolist() for edge in grid.edges],
            }
            for grid in grids
        ]
        return {"kind": "rooms", "blocks": blocks, "tree": [_written(node) for node in self.nodes]}


def _written(node: tuple[Any, ...] | Proof | None) -> list[Any]:
    if isinstance(node, tuple):
        return list(node)
    if node is None:
        return ["open"]
    return ["leaf", *([float(x) for x in part] for part in (node.rows, node.bands, node.rooms))]
