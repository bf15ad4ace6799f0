"""A minimisation over true-or-false variables, as plain data both provers can read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Term = int | bool
"""A literal (a variable's number, negative for its opposite), or a truth known beforehand."""


def opposite(term: Term) -> Term:
    """Return what is true exactly if `term` is not."""
    return not term if isinstance(term, bool) else -term


@dataclass(slots=True)
class BoolModel:
    """Clauses, limits and wishes.

    Attributes:
        variables: how many there are, numbered from 1.
        clauses: at least one literal of each is true.
        limits: (literals, most that may be true).
        wishes: literals; as few as possible are false.

    Example:
        model = BoolModel()
        a, b = model.new(), model.new()
        model.clause(a, b)
        model.limit([a, b], 1)
    """

    variables: int = 0
    clauses: list[list[int]] = field(default_factory=list)
    limits: list[tuple[list[int], int]] = field(default_factory=list)
    wishes: list[int] = field(default_factory=list)

    def new(self) -> int:
        """Return a new variable."""
        self.variables += 1
        return self.variables

    def clause(self, *terms: Term) -> None:
        """Demand that one of the terms is true; none given is a contradiction."""
        if any(term is True for term in terms):
            return
        self.clauses.append([term for term in terms if not isinstance(term, bool)])

    def limit(self, literals: Iterable[int], most: int) -> None:
        """Demand that at most `most` of the literals are true."""
        listed = list(literals)
        if len(listed) > most:
            self.limits.append((listed, most))


@dataclass(frozen=True, slots=True)
class BoolAnswer:
    """What a prover found.

    Attributes:
        status: ``optimal``, ``feasible``, ``infeasible`` or ``unknown``.
        true: the variables that are true, if there is an answer.
        cost: wishes not met; None without an answer.
        bound: no answer misses fewer wishes.
        cpu_s: processor seconds of the prover's process.
        engine: its name and version.
    """

    status: str
    true: frozenset[int]
    cost: int | None
    bound: int
    cpu_s: float
    engine: str


__all__ = ["BoolAnswer", "BoolModel", "Term", "opposite"]
