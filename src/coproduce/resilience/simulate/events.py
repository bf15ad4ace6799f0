"""The engine in continuous time: goods flow at rates that change when something happens."""

from __future__ import annotations

from typing import Any

from coproduce.resilience.simulate.draws import (
    SNAP,
    Value,
    begin,
    cleared,
    flip,
    kept,
    least,
    most,
    pick,
    some,
)
from coproduce.resilience.simulate.rows import (
    ABLE,
    BIG,
    CAPACITY,
    CHANGE,
    COMING,
    DUE,
    FLIPS,
    GROUP_FIRST,
    IS_LOTS,
    LANE_FIRST,
    LEAD,
    LEVEL,
    LOT,
    LOW,
    MADE,
    MIN_MAX,
    OFF,
    PART,
    PER_UNIT,
    POLICY,
    POT,
    PROCESS_KEY,
    PULL,
    QUANTITY,
    RATE,
    SCALE,
    SOURCE,
    SUM_DEMAND,
    SUM_EVENTS,
    SUM_FULL,
    SUM_ORDERS,
    SUM_STOCK,
    SUM_UNMET,
    TOP,
    WANT,
    X,
)


def potentials(net: Any, st: Any) -> None:
    """Set what each item could make and hand on now, upstream first."""
    m = net.items
    for i in range(m):
        rate = pick(st.whole[OFF, i] == 0, net.real[CAPACITY, i], 0.0)
        if net.whole[GROUP_FIRST, i] < net.whole[GROUP_FIRST, i + 1]:
            rate = pick(st.whole[OFF, m + i] + st.whole[OFF, 2 * m + i] == 0, rate, 0.0)
        for g in range(net.whole[GROUP_FIRST, i], net.whole[GROUP_FIRST, i + 1]):
            total = 0.0
            for lane in range(net.whole[LANE_FIRST, g], net.whole[LANE_FIRST, g + 1]):
                total = total + pick(
                    st.whole[OFF, 3 * m + lane] == 0, st.real[POT, net.whole[SOURCE, lane]], 0.0
                )
            rate = least(rate, total * net.real[PER_UNIT, g])
        if net.whole[IS_LOTS, i]:
            rate = rate * 0.0
        st.real[ABLE, i] = rate
        st.real[POT, i] = pick(st.real[X, i] > 0.0, BIG, rate)


def pulls(net: Any, st: Any) -> None:
    """Set what each item makes and takes from each source in order, downstream first."""
    m = net.items
    for i in range(m):
        st.real[WANT, i] = net.real[RATE, i] + st.real[X, i] * 0.0
    for i in range(m - 1, -1, -1):
        made = least(
            st.real[ABLE, i], pick(st.real[X, i] < net.real[TOP, i], BIG, st.real[WANT, i])
        )
        st.real[MADE, i] = made
        for g in range(net.whole[GROUP_FIRST, i], net.whole[GROUP_FIRST, i + 1]):
            need = made * net.real[QUANTITY, g]
            for lane in range(net.whole[LANE_FIRST, g], net.whole[LANE_FIRST, g + 1]):
                src = net.whole[SOURCE, lane]
                take = least(need, pick(st.whole[OFF, 3 * m + lane] == 0, st.real[POT, src], 0.0))
                st.real[PULL, lane] = take
                st.real[WANT, src] = st.real[WANT, src] + take
                need = need - take


def flows(net: Any, st: Any) -> Value:
    """Set how stocks change, upstream first; return where a shared source let a buyer down."""
    short = False
    for i in range(net.items):
        made = st.real[MADE, i]
        if net.is_shared:
            for g in range(net.whole[GROUP_FIRST, i], net.whole[GROUP_FIRST, i + 1]):
                total = 0.0
                for lane in range(net.whole[LANE_FIRST, g], net.whole[LANE_FIRST, g + 1]):
                    total = total + st.real[PULL, lane] * st.real[PART, net.whole[SOURCE, lane]]
                made = least(made, total * net.real[PER_UNIT, g])
            less = made < st.real[MADE, i] * (1.0 - 1e-9)
            short = short | less
            st.real[ABLE, i] = pick(less, made, st.real[ABLE, i])
        want = st.real[WANT, i]
        out = pick(st.real[X, i] > 0.0, want, least(want, made))
        st.real[PART, i] = pick(want > 0.0, out / most(want, 1e-300), 1.0)
        st.real[CHANGE, i] = pick(
            (st.real[X, i] >= net.real[TOP, i]) & (made > out), 0.0, made - out
        )
    return short


def settle(net: Any, st: Any) -> None:
    """Set all rates of the moment; a source shared by buyers is rationed in proportion."""
    potentials(net, st)
    for _ in range(net.items + 3):
        pulls(net, st)
        if not some(flows(net, st)):
            break


def until(net: Any, st: Any, now: Value, end: float) -> Value:
    """Return the time of the next event: a flip, a stock empty or full, a delivery, the end."""
    soon = now * 0.0 + end
    for p in range(net.processes):
        soon = least(soon, st.real[FLIPS, p])
    for i in range(net.items):
        if net.real[TOP, i] > 0.0:
            change = st.real[CHANGE, i]
            room = pick(change > 0.0, net.real[TOP, i] - st.real[X, i], st.real[X, i])
            if net.whole[IS_LOTS, i]:
                room = st.real[X, i] - pick(
                    st.real[X, i] > net.real[LOW, i], net.real[LOW, i], 0.0
                )
                soon = least(soon, st.real[DUE, i])
            moves = (change != 0.0) & (room > 0.0)
            soon = least(soon, now + pick(moves, room / most(abs(change), 1e-300), BIG))
    return soon


def advance(net: Any, st: Any, acc: Any, dt: Value) -> None:
    """Let `dt` pass: stocks move, demand is met as far as it can be."""
    for i in range(net.items):
        if net.real[TOP, i] > 0.0:
            x, change = st.real[X, i], st.real[CHANGE, i]
            acc[SUM_STOCK, i] = acc[SUM_STOCK, i] + (x + 0.5 * change * dt) * dt
            x = x + change * dt
            snap = SNAP * net.real[SCALE, i]
            x = pick((x < snap) & (change < 0.0), 0.0, x)
            x = pick((x > net.real[TOP, i] - snap) & (change > 0.0), net.real[TOP, i], x)
            if net.whole[IS_LOTS, i]:
                x = pick(abs(x - net.real[LOW, i]) < snap, net.real[LOW, i], x)
            st.real[X, i] = x
        if net.real[RATE, i] > 0.0:
            asked = net.real[RATE, i] * dt
            acc[SUM_DEMAND, i] = acc[SUM_DEMAND, i] + asked
            acc[SUM_UNMET, i] = acc[SUM_UNMET, i] + asked * (1.0 - st.real[PART, i])
            acc[SUM_FULL, i] = acc[SUM_FULL, i] + pick(st.real[PART, i] > 1.0 - 1e-9, dt, 0.0)


def lots(net: Any, st: Any, acc: Any, now: Value) -> None:
    """Receive and place the orders of items that order in lots."""
    m = net.items
    for i in range(m):
        if net.whole[IS_LOTS, i]:
            ready = (st.real[DUE, i] <= now) & (st.whole[OFF, 2 * m + i] == 0)
            st.real[X, i] = st.real[X, i] + pick(ready, st.real[COMING, i], 0.0)
            st.real[DUE, i] = pick(ready, BIG, st.real[DUE, i])
            open_ = False
            delay = 0.0
            g = net.whole[GROUP_FIRST, i]
            for lane in range(net.whole[LANE_FIRST, g], net.whole[LANE_FIRST, g + 1]):
                src = net.whole[SOURCE, lane]
                works = (st.whole[OFF, 3 * m + lane] == 0) & (st.whole[OFF, src] == 0)
                delay = pick(open_, delay, pick(works, net.real[LEAD, lane], delay))
                open_ = open_ | works
            asks = (
                (st.real[X, i] <= net.real[LOW, i])
                & (st.real[DUE, i] >= BIG)
                & (st.whole[OFF, m + i] == 0)
                & open_
            )
            size = net.real[LOT, i]
            if net.whole[POLICY, i] == MIN_MAX:
                size = net.real[LEVEL, i] - st.real[X, i]
            at_once = asks & (delay <= 0.0)
            st.real[X, i] = st.real[X, i] + pick(at_once, size, 0.0)
            st.real[COMING, i] = pick(asks, size, st.real[COMING, i])
            st.real[DUE, i] = pick(asks & (delay > 0.0), now + delay, st.real[DUE, i])
            acc[SUM_ORDERS, i] = acc[SUM_ORDERS, i] + pick(asks, 1.0, 0.0)


def run_events(net: Any, st: Any, acc: Any, now: Value, end: float) -> Value:
    """Run in continuous time from `now` to `end`; return the number of events."""
    events = now * 0.0
    while some(now < end):
        settle(net, st)
        soon = least(until(net, st, now, end), end)
        advance(net, st, acc, most(soon - now, 0.0))
        now = soon
        for p in range(net.processes):
            due = (st.real[FLIPS, p] <= now) & (now < end)
            if some(due):
                flip(net, st, p, due)
        if net.has_lots:
            lots(net, st, acc, now)
        events = events + pick(now < end, 1.0, 0.0)
    return events


def all_events(net: Any, st: Any, acc: Any, keys: Any, marks: Any, out: Any, course: Any) -> None:
    """Run replications one by one in continuous time; compiled only."""
    for r in range(keys.shape[0]):
        cleared(st)
        for p in range(net.processes):
            st.keys[PROCESS_KEY, p] = keys[r, p]
        begin(net, st)
        if net.has_lots:
            lots(net, st, acc, 0.0)
        now = 0.0
        for b in range(marks.shape[0]):
            acc[:] = 0.0
            acc[SUM_EVENTS, 0] = run_events(net, st, acc, now, marks[b])
            now = marks[b]
            kept(net, acc, b, out[r], course[r, b])
