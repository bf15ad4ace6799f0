"""The knapsack of a facility that is built module by module over several periods.

The facilities of the public problems open once, and their knapsack fills one room. A production
line is built in whole modules, ordered in different periods; each order gives room from some
period on, and in every period the room is filled with the items that earn most. All ways to
order (schedules) are listed once. At given prices the worth of a schedule is that of its orders
and, for every period, of a knapsack that may split items: the value of the best schedule is the
facility's part of a Lagrangian bound, and what another schedule earns less is what a plan loses
at least by choosing it.

Source: Geoffrion 1974, Lagrangean relaxation for integer programming.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from coproduce.network.location.types import Floats


@dataclass(frozen=True, slots=True)
class Modular:
    """A facility with its schedules.

    Attributes:
        orders: modules of each kind of order, shape ``(schedules, orders)``; the first schedule
            orders nothing.
        room: capacity that each schedule gives, shape ``(schedules, periods)``.
        use: capacity that a unit of each item takes, above 0, shape ``(items,)``.
        most: most units of each item, shape ``(items, periods)``.
    """

    orders: Floats
    room: Floats
    use: Floats
    most: Floats

    def worth(self, order_worth: Floats, item_worth: Floats) -> Floats:
        """Return the worth of each schedule with its rooms filled as well as can be.

        Args:
            order_worth: of a module of each order (its cost, negative), shape ``(orders,)``.
            item_worth: of a unit of each item, shape ``(items, periods)``.

        Example:
            >>> one = Modular(
            ...     orders=np.array([[0.0], [1.0]]),
            ...     room=np.array([[0.0], [3.0]]),
            ...     use=np.array([1.0, 2.0]),
            ...     most=np.array([[1.0], [5.0]]),
            ... )
            >>> one.worth(np.array([-4.0]), np.array([[3.0], [2.0]])).tolist()
            [0.0, 1.0]
        """
        total = self.orders @ order_worth
        if not self.use.size:
            return np.asarray(total)
        order = np.argsort(-item_worth / self.use[:, None], axis=0, kind="stable")
        unit = np.take_along_axis(item_worth, order, axis=0)
        units = np.where(unit > 0, np.take_along_axis(self.most, order, axis=0), 0.0)
        start = np.zeros((1, unit.shape[1]))
        filled = np.concatenate([start, np.cumsum(units * self.use[order], axis=0)])
        earned = np.concatenate([start, np.cumsum(units * unit, axis=0)])
        for period in range(unit.shape[1]):
            total += np.interp(self.room[:, period], filled[:, period], earned[:, period])
        return np.asarray(total)


def schedules(orders: int, most_modules: int, limit: int) -> Floats | None:
    """Return every way to order at most so many modules; None where they are more than `limit`.

    Args:
        orders: kinds of order (size and period).
        most_modules: in all.
        limit: schedules at most.

    Returns:
        Modules of each kind of order, shape ``(schedules, orders)``, nothing first.

    Example:
        >>> schedules(2, 1, 10).tolist()
        [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    if math.comb(orders + most_modules, most_modules) > limit:
        return None
    rows = np.zeros((1, orders))
    found, last = [rows], np.zeros(1, dtype=np.int64)
    for _ in range(most_modules):
        # One module more, of the same kind as the last one or of a later kind.
        parent, kind = np.nonzero(np.arange(orders)[None, :] >= last[:, None])
        rows, last = rows[parent].copy(), kind
        rows[np.arange(len(rows)), kind] += 1.0
        found.append(rows)
    return np.concatenate(found)
