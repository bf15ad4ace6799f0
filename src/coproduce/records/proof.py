"""What an optimised answer must carry so that it can be believed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Proof:
    """Record of an optimisation.

    Attributes:
        status: ``optimal`` (gap within the asked tolerance), ``feasible`` or ``infeasible``.
        objective: value of the answer, in the objective's unit.
        bound: no feasible answer can be better than this.
        gap_share: ``|bound - objective| / max(1e-9, |objective|)``.
        seconds: wall-clock time of the search.
        seed: seed of the search.
        engine: name and version of the solver.
        unit: unit of objective and bound.
    """

    status: str
    objective: float
    bound: float
    gap_share: float
    seconds: float
    seed: int
    engine: str
    unit: str

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain values for JSON."""
        return asdict(self)
