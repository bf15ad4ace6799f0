"""The same kernel in NumPy: many replications at once, one row of numbers for each state."""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.resilience.simulate import days, draws, events, rows
from coproduce.resilience.simulate.plan import Net, State


def all_events(
    net: Net, st: State, acc: Any, keys: Any, marks: Any, out: Any, course: Any
) -> None:
    """Run replications side by side in continuous time; fills `out` and `course`."""
    _start(net, st, keys)
    draws.begin(net, st)
    count = keys.shape[0]
    now = np.zeros(count)
    if net.has_lots:
        events.lots(net, st, acc, now)
    for b, end in enumerate(marks):
        acc[:] = 0.0
        acc[rows.SUM_EVENTS, 0] = events.run_events(net, st, acc, now, float(end))
        now = np.full(count, float(end))
        draws.kept(net, acc, b, np.moveaxis(out, 0, 2), np.moveaxis(course[:, b], 0, 2))


def all_days(net: Net, st: State, acc: Any, keys: Any, marks: Any, out: Any, course: Any) -> None:
    """Run replications side by side day by day; fills `out` and `course`."""
    _start(net, st, keys)
    p, m = net.processes, net.items
    st.keys[rows.DEMAND_KEY, :m] = keys[:, p : p + m].T
    st.keys[rows.LANE_KEY, : keys.shape[1] - p - m] = keys[:, p + m :].T
    draws.begin(net, st)
    day = 0
    for b, end in enumerate(marks):
        acc[:] = 0.0
        acc[rows.SUM_EVENTS, 0] = days.run_days(net, st, acc, day, int(end))
        day = int(end)
        draws.kept(net, acc, b, np.moveaxis(out, 0, 2), np.moveaxis(course[:, b], 0, 2))


def _start(net: Net, st: State, keys: Any) -> None:
    draws.cleared(st)
    st.keys[rows.PROCESS_KEY, : net.processes] = keys[:, : net.processes].T


__all__ = ["all_days", "all_events"]
