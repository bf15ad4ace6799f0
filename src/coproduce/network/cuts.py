"""Capacity cuts: what a fraction of a module cannot do.

Let products ``S`` need at most ``N`` capacity units in a year and let modules of capacity ``c[j]``
be built ``n[j]`` times. From ``use(S) ≤ Σ c[j] n[j]`` and ``use(S) ≤ N`` follows, for any
divisor ``C`` with ``r = N - C (⌈N / C⌉ - 1)``, by mixed-integer rounding

    ``use(S) ≤ N - r ⌈N / C⌉ + Σ (r ⌊c[j] / C⌋ + min(r, c[j] mod C)) n[j]``.

With ``C`` above ``N`` it says that a module brings no more than ``S`` can ever need. Such cuts
take nothing from the question: every whole-numbered plan keeps them.

Source: Magnanti, Mirchandani and Vachani 1993, residual capacity inequalities; Nemhauser and
Wolsey 1990, mixed-integer rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coproduce.engines.lp import Cut
from coproduce.network.case import Case, Floats, Key
from coproduce.network.model import Columns, Ints

LEAST_VIOLATION_SHARE = 3e-4


@dataclass(frozen=True, slots=True)
class _Pool:
    """The lines of one technology, or one line, in one year.

    Attributes:
        makes: columns of output, sorted like `uses` and `needs`; one product may have several.
        products: number of the product stage that each column of `makes` belongs to.
        uses: capacity units per unit of output of each column.
        needs: most capacity units that each product stage could ever need.
        builds: columns of modules already usable.
        capacities: what one module of each gives in the year.
    """

    makes: Ints
    products: Ints
    uses: Floats
    needs: Floats
    builds: Ints
    capacities: Floats


class Separator:
    """Finds violated capacity cuts at a point of the relaxation."""

    def __init__(self, case: Case, columns: Columns) -> None:
        self.pools = [
            pool
            for lines in _groups(case)
            for year in range(len(case.years))
            if (pool := _pool(case, columns, lines, year)) is not None
        ]

    def __call__(self, x: Floats) -> list[Cut]:
        """Return the most violated cut of every pool that has one."""
        found = [_best(pool, x) for pool in self.pools]
        return [cut for cut in found if cut is not None]


def _groups(case: Case) -> list[list[int]]:
    by_technology: dict[str, list[int]] = {}
    for number, line in enumerate(case.lines):
        by_technology.setdefault(line.technology_id, []).append(number)
    alone = [[number] for numbers in by_technology.values() for number in numbers]
    together = [numbers for numbers in by_technology.values() if len(numbers) > 1]
    return [*together, *alone]


def _pool(case: Case, columns: Columns, lines: list[int], year: int) -> _Pool | None:
    makes, products, uses, builds, capacities = [], [], [], [], []
    known: dict[Key, int] = {}
    needs: list[float] = []
    for number in lines:
        line = case.lines[number]
        offset = year - line.lead_years
        if offset < 0:
            continue
        for index, size in enumerate(line.sizes):
            for order in range(offset + 1):
                builds.append(int(columns.build[number, index][order]))
                capacities.append(size.capacity * line.usable(offset - order))
        for part in case.parts.values():
            if number in part.lines and part.need_by_year[year] > 0:
                if part.key not in known:
                    known[part.key] = len(needs)
                    needs.append(float(part.use_per_unit * part.need_by_year[year]))
                makes.append(int(columns.make[part.key, number][offset]))
                products.append(known[part.key])
                uses.append(part.use_per_unit)
    if not makes or not builds:
        return None
    return _Pool(
        np.array(makes, dtype=np.int32),
        np.array(products, dtype=np.int32),
        np.array(uses),
        np.array(needs),
        np.array(builds, dtype=np.int32),
        np.array(capacities),
    )


def _best(pool: _Pool, x: Floats) -> Cut | None:
    built = x[pool.builds]
    if built.sum() < 1e-6:
        return None
    used = np.bincount(pool.products, pool.uses * x[pool.makes], minlength=len(pool.needs))
    order = np.argsort(-used / pool.needs, kind="stable")
    order = order[used[order] > 1e-9 * pool.needs[order]]
    if not order.size:
        return None
    use, need = np.cumsum(used[order]), np.cumsum(pool.needs[order])
    best, chosen = 0.0, None
    for divisor in (*np.unique(pool.capacities), np.inf):
        steps, rest = _rounding(need, divisor)
        gain = _lifted(pool.capacities[:, None], divisor, rest[None, :])
        excess = use - (need - rest * steps) - built @ gain
        at = int(np.argmax(excess / need))
        if excess[at] / need[at] > max(best, LEAST_VIOLATION_SHARE):
            best, chosen = float(excess[at] / need[at]), (at, float(divisor))
    if chosen is None:
        return None
    return _cut(pool, order[: chosen[0] + 1].astype(np.int32), float(need[chosen[0]]), chosen[1])


def _rounding(need: Floats, divisor: float) -> tuple[Floats, Floats]:
    """Return ``⌈N / C⌉`` and ``r``."""
    if np.isinf(divisor):
        return np.ones_like(need), need
    # A need just at a multiple counts as that multiple; more would only weaken the cut.
    steps = np.maximum(1.0, np.ceil(need / divisor - 1e-9))
    return steps, need - divisor * (steps - 1.0)


def _lifted(capacity: Floats, divisor: float, rest: Floats) -> Floats:
    if np.isinf(divisor):
        return np.minimum(capacity, rest)
    whole = np.floor(capacity / divisor + 1e-9)
    return rest * whole + np.minimum(rest, np.maximum(capacity - divisor * whole, 0.0))


def _cut(pool: _Pool, products: Ints, need: float, divisor: float) -> Cut:
    steps, rest = _rounding(np.array([need]), divisor)
    kept = np.isin(pool.products, products)
    gain = _lifted(pool.capacities, divisor, rest)
    scale = 1.0 / need
    return Cut(
        columns=np.concatenate([pool.makes[kept], pool.builds]),
        values=np.concatenate([pool.uses[kept], -gain]) * scale,
        upper=float(need - rest[0] * steps[0]) * scale,
    )
