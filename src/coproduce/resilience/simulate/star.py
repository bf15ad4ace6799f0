"""A short cut in continuous time: sources that fail on their own, before one stock.

Between two flips everything is known in closed form, so nothing is looked up that cannot change.
Draws and answers are those of `events`; only compiled, since in NumPy it would gain nothing.
"""

from __future__ import annotations

from typing import Any

from coproduce.resilience.simulate.draws import GOLDEN, begin, cleared, drawn, kept
from coproduce.resilience.simulate.rows import (
    CAPACITY,
    COUNT,
    DOWN,
    DOWN_A,
    DOWN_B,
    DOWN_KIND,
    FLIPS,
    FLOOR,
    HIT_SWITCH,
    LEARNING,
    PROCESS_KEY,
    RATE,
    SUM_DEMAND,
    SUM_EVENTS,
    SUM_FULL,
    SUM_STOCK,
    SUM_UNMET,
    TOP,
    UP_A,
    UP_B,
    UP_KIND,
    X,
)


def turn(net: Any, st: Any, p: int) -> float:
    """Let process `p` fail or come back; return by how much that changes capacity."""
    key = st.keys[PROCESS_KEY, p] + GOLDEN
    st.keys[PROCESS_KEY, p] = key
    real, whole = net.real, net.whole
    size = real[CAPACITY, whole[HIT_SWITCH, p]]
    count = st.whole[COUNT, p]
    if st.whole[DOWN, p] == 0:
        longer = drawn(
            whole[DOWN_KIND, p], real[DOWN_A, p], real[DOWN_B, p], net.table, key, count
        )
        count += 1
        if real[LEARNING, p] > 0.0:
            longer *= max(real[FLOOR, p], float(count) ** (-real[LEARNING, p]))
        st.whole[COUNT, p] = count
        st.whole[DOWN, p] = 1
        st.real[FLIPS, p] += longer
        return float(-size)
    st.real[FLIPS, p] += drawn(
        whole[UP_KIND, p], real[UP_A, p], real[UP_B, p], net.table, key, count
    )
    st.whole[DOWN, p] = 0
    return float(size)


def stretch(net: Any, st: Any, acc: Any, now: float, end: float) -> float:
    """Run from `now` to `end`; return the number of events."""
    hub = net.items - 1
    top, rate = net.real[TOP, hub], net.real[RATE, hub]
    flips = st.real[FLIPS]
    x, events, unmet, full, held = st.real[X, hub], 0.0, 0.0, 0.0, 0.0
    surplus = -rate
    for i in range(max(hub, 1)):
        surplus += net.real[CAPACITY, i]
    for p in range(net.processes):
        if st.whole[DOWN, p] == 1:
            surplus -= net.real[CAPACITY, net.whole[HIT_SWITCH, p]]
    start = now
    while now < end:
        soon, which = end, -1
        for p in range(net.processes):
            if flips[p] < soon:
                soon, which = flips[p], p
        dt = soon - now
        if surplus < -1e-12:
            lasts = min(dt, -x / surplus)
            events += 1.0 if 0.0 < lasts < dt else 0.0
            held += (x + 0.5 * surplus * lasts) * lasts
            unmet -= (dt - lasts) * surplus
            full += lasts
            x = 0.0 if lasts < dt else x + surplus * dt
        else:
            fills = dt if surplus < 1e-12 else min(dt, (top - x) / surplus)
            events += 1.0 if 0.0 < fills < dt else 0.0
            held += (x + 0.5 * surplus * fills) * fills + top * (dt - fills)
            full += dt
            x = top if fills < dt else x + surplus * fills
        now = soon
        if which >= 0:
            surplus += turn(net, st, which)
            events += 1.0
    st.real[X, hub] = x
    acc[SUM_DEMAND, hub] += rate * (end - start)
    acc[SUM_UNMET, hub] += unmet
    acc[SUM_FULL, hub] += full
    acc[SUM_STOCK, hub] += held
    return events


def all_events(net: Any, st: Any, acc: Any, keys: Any, marks: Any, out: Any, course: Any) -> None:
    """Run replications one by one; compiled only."""
    for r in range(keys.shape[0]):
        cleared(st)
        for p in range(net.processes):
            st.keys[PROCESS_KEY, p] = keys[r, p]
        begin(net, st)
        now = 0.0
        for b in range(marks.shape[0]):
            acc[:] = 0.0
            acc[SUM_EVENTS, 0] = stretch(net, st, acc, now, marks[b])
            now = marks[b]
            kept(net, acc, b, out[r], course[r, b])
