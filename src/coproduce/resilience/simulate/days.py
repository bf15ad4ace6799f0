"""The daily engine: orders go up the network, goods come down, day by day."""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.resilience.simulate.draws import (
    GOLDEN,
    Value,
    begin,
    cleared,
    drawn,
    dropped,
    flip,
    kept,
    least,
    most,
    pick,
    some,
    unit,
    whole,
)
from coproduce.resilience.simulate.rows import (
    ASKED,
    BACKLOG,
    BASE_STOCK,
    BY_LOTS,
    BY_SHARE,
    CAPACITY,
    DEMAND_A,
    DEMAND_B,
    DEMAND_KEY,
    DEMAND_KIND,
    FIXED,
    FLIPS,
    GROUP_FIRST,
    HELD,
    HOLDS,
    LANE_FIRST,
    LANE_KEY,
    LEAD,
    LEAD_A,
    LEAD_B,
    LEAD_KIND,
    LEVEL,
    LOT,
    LOW,
    MAKE_DAYS,
    MIN_MAX,
    NEVER,
    OFF,
    ORDER,
    OUT_FIRST,
    OUT_LANE,
    OWED,
    PARTS,
    PENDING,
    PER_UNIT,
    POLICY,
    POSITION,
    PROCESS_KEY,
    QUANTITY,
    REFUSAL,
    REVIEW,
    SEASON_DAYS,
    SEASON_FIRST,
    SEASON_SIZE,
    SHARE,
    SHIPS_WHOLE,
    SOURCE,
    SUM_BACKLOG,
    SUM_DEMAND,
    SUM_EVENTS,
    SUM_FULL,
    SUM_LOST,
    SUM_ORDERS,
    SUM_STOCK,
    SUM_UNMET,
    WAITING,
    WAITS,
    WANT,
    WEIGHT,
    X,
)


def demands(net: Any, st: Any, acc: Any, day: int) -> None:
    """Draw the day's demand of customers and clear what buyers order."""
    for i in range(net.items):
        if net.whole[DEMAND_KIND, i] == NEVER:
            st.real[ASKED, i] = st.real[X, i] * 0.0
        else:
            key = st.keys[DEMAND_KEY, i] + GOLDEN
            st.keys[DEMAND_KEY, i] = key
            size = drawn(
                net.whole[DEMAND_KIND, i],
                net.real[DEMAND_A, i],
                net.real[DEMAND_B, i],
                net.table,
                key,
                day,
            )
            if net.whole[SEASON_SIZE, i] > 0:
                place = (day // net.whole[SEASON_DAYS, i]) % net.whole[SEASON_SIZE, i]
                size = size * net.table[net.whole[SEASON_FIRST, i] + place]
            st.real[ASKED, i] = size
            acc[SUM_DEMAND, i] = acc[SUM_DEMAND, i] + size
        st.real[WANT, i] = st.real[ASKED, i]


def wished(net: Any, st: Any, i: int, day: int) -> Value:
    """Return what item `i` would order by its stock policy."""
    position = st.real[POSITION, i]
    if net.whole[POLICY, i] == BASE_STOCK:
        return most(0.0, net.real[LEVEL, i] - position)
    if net.whole[POLICY, i] == MIN_MAX:
        return pick(position <= net.real[LOW, i], net.real[LEVEL, i] - position, 0.0)
    if net.whole[POLICY, i] == BY_LOTS:
        times = most(0.0, np.floor((net.real[LOW, i] - position) / net.real[LOT, i]) + 1.0)
        return times * net.real[LOT, i]
    if day % net.whole[REVIEW, i] == 0:
        return most(0.0, net.real[LEVEL, i] - position)
    return position * 0.0


def chances(net: Any, st: Any, i: int) -> Value:
    """Set which sources take orders of item `i` and their parts; return if all inputs can come."""
    m = net.items
    all_open = st.real[X, i] == st.real[X, i]
    for g in range(net.whole[GROUP_FIRST, i], net.whole[GROUP_FIRST, i + 1]):
        total, first = 0.0, net.whole[LANE_FIRST, g]
        for lane in range(first, net.whole[LANE_FIRST, g + 1]):
            src = net.whole[SOURCE, lane]
            works = (st.whole[OFF, 3 * m + lane] == 0) & (
                (st.whole[OFF, src] == 0) | (st.real[X, src] > 0.0)
            )
            if net.real[REFUSAL, lane] > 0.0:
                key = st.keys[LANE_KEY, lane] + GOLDEN
                st.keys[LANE_KEY, lane] = key
                works = works & (unit(key) >= net.real[REFUSAL, lane])
            if net.whole[BY_SHARE, g]:
                part = pick(works, net.real[SHARE, lane], 0.0)
            else:
                part = pick(works, 1.0, 0.0) * (1.0 - least(1.0, total))
            st.real[WEIGHT, lane] = part
            total = total + part
        for lane in range(first, net.whole[LANE_FIRST, g + 1]):
            stays = (
                net.real[SHARE, lane]
                if net.whole[BY_SHARE, g]
                else (1.0 if lane == first else 0.0)
            )
            st.real[WEIGHT, lane] = pick(
                total > 0.0, st.real[WEIGHT, lane] / most(total, 1e-300), stays
            )
        if net.whole[HOLDS, i]:
            all_open = all_open & (total > 0.0)
    return all_open


def orders(net: Any, st: Any, acc: Any, day: int) -> None:
    """Place the day's orders, downstream first."""
    m = net.items
    for i in range(m - 1, -1, -1):
        st.real[POSITION, i] = st.real[POSITION, i] - st.real[WANT, i]
        free = chances(net, st, i) & (st.whole[OFF, m + i] == 0)
        size = pick(free, wished(net, st, i, day), 0.0)
        st.real[POSITION, i] = st.real[POSITION, i] + size
        st.real[PENDING, i] = st.real[PENDING, i] + size
        acc[SUM_ORDERS, i] = acc[SUM_ORDERS, i] + pick(size > 0.0, 1.0, 0.0)
        for g in range(net.whole[GROUP_FIRST, i], net.whole[GROUP_FIRST, i + 1]):
            for lane in range(net.whole[LANE_FIRST, g], net.whole[LANE_FIRST, g + 1]):
                part = size * net.real[QUANTITY, g] * st.real[WEIGHT, lane]
                st.real[ORDER, lane] = part
                st.real[WANT, net.whole[SOURCE, lane]] = (
                    st.real[WANT, net.whole[SOURCE, lane]] + part
                )


def later(today: int, days: int, slots: int) -> int:
    """Return the slot of a later day; no division, it would be the dearest step of all."""
    place = today + days
    return place if place < slots else place - slots


def makes(net: Any, st: Any, i: int, today: int) -> None:
    """Receive what arrives for item `i` and make what inputs and capacity allow."""
    m, k = net.items, net.slots
    made = least(st.real[PENDING, i], pick(st.whole[OFF, i] == 0, net.real[CAPACITY, i], 0.0))
    for g in range(net.whole[GROUP_FIRST, i], net.whole[GROUP_FIRST, i + 1]):
        for lane in range(net.whole[LANE_FIRST, g], net.whole[LANE_FIRST, g + 1]):
            slot = lane * k + today
            here = st.pipe[slot] + st.real[WAITING, lane]
            closed = st.whole[OFF, 2 * m + i] > 0
            st.real[WAITING, lane] = pick(closed, here, 0.0)
            st.pipe[slot] = here * 0.0
            st.real[PARTS, g] = st.real[PARTS, g] + pick(closed, 0.0, here)
        made = least(made, st.real[PARTS, g] * net.real[PER_UNIT, g])
    for g in range(net.whole[GROUP_FIRST, i], net.whole[GROUP_FIRST, i + 1]):
        st.real[PARTS, g] = most(0.0, st.real[PARTS, g] - made * net.real[QUANTITY, g])
    st.real[PENDING, i] = st.real[PENDING, i] - made
    if net.whole[MAKE_DAYS, i] > 0:
        st.work[i * k + later(today, net.whole[MAKE_DAYS, i], k)] = made
        made = st.work[i * k + today]
    st.real[X, i] = st.real[X, i] + made


def serves(net: Any, st: Any, acc: Any, i: int) -> None:
    """Serve customers of item `i`: who waits first, then the day's demand."""
    old = st.real[BACKLOG, i]
    need = st.real[ASKED, i] + old
    given = least(st.real[X, i], need)
    if net.whole[SHIPS_WHOLE, i]:
        given = pick(st.real[X, i] >= need, need, 0.0)
    st.real[X, i] = st.real[X, i] - given
    left = need - given
    acc[SUM_UNMET, i] = acc[SUM_UNMET, i] + least(st.real[ASKED, i], left)
    acc[SUM_FULL, i] = acc[SUM_FULL, i] + pick(left <= 1e-9, 1.0, 0.0)
    if net.whole[WAITS, i]:
        st.real[BACKLOG, i] = left
        acc[SUM_BACKLOG, i] = acc[SUM_BACKLOG, i] + left
    else:
        st.real[POSITION, i] = st.real[POSITION, i] + left
        acc[SUM_LOST, i] = acc[SUM_LOST, i] + left


def ships(net: Any, st: Any, i: int, day: int, today: int) -> None:
    """Send what buyers of item `i` ordered, in the order of the lanes."""
    m, k = net.items, net.slots
    for o in range(net.whole[OUT_FIRST, i], net.whole[OUT_FIRST, i + 1]):
        lane = net.whole[OUT_LANE, o]
        need = st.real[OWED, lane] + st.real[ORDER, lane]
        sent = least(st.real[X, i], need)
        if net.whole[SHIPS_WHOLE, i]:
            sent = pick(st.real[X, i] >= need, need, 0.0)
        st.real[X, i] = st.real[X, i] - sent
        st.real[OWED, lane] = need - sent
        shut = st.whole[OFF, 3 * m + lane] > 0
        leaves = pick(shut, 0.0, st.real[HELD, lane] + sent)
        st.real[HELD, lane] = pick(shut, st.real[HELD, lane] + sent, 0.0)
        if net.whole[LEAD_KIND, lane] == FIXED:
            slot = lane * k + later(today, int(net.real[LEAD, lane]), k)
            st.pipe[slot] = st.pipe[slot] + leaves
        else:
            key = st.keys[LANE_KEY, lane] + GOLDEN
            st.keys[LANE_KEY, lane] = key
            days = drawn(
                net.whole[LEAD_KIND, lane],
                net.real[LEAD_A, lane],
                net.real[LEAD_B, lane],
                net.table,
                key,
                day,
            )
            late = whole(least(most(0.0, np.floor(days + 0.5)), k - 1.0))
            dropped(st.pipe, lane * k + (today + late) % k, leaves)


def run_days(net: Any, st: Any, acc: Any, first: int, last: int) -> float:
    """Run the days from `first` to before `last`; return how many node-days that was."""
    for day in range(first, last):
        for p in range(net.processes):
            due = st.real[FLIPS, p] <= day
            while some(due):
                flip(net, st, p, due)
                due = st.real[FLIPS, p] <= day
        today = day % net.slots
        demands(net, st, acc, day)
        orders(net, st, acc, day)
        for i in range(net.items):
            makes(net, st, i, today)
            if net.whole[DEMAND_KIND, i] != NEVER:
                serves(net, st, acc, i)
            ships(net, st, i, day, today)
            acc[SUM_STOCK, i] = acc[SUM_STOCK, i] + st.real[X, i]
    return float((last - first) * net.items)


def all_days(net: Any, st: Any, acc: Any, keys: Any, marks: Any, out: Any, course: Any) -> None:
    """Run replications one by one day by day; compiled only."""
    for r in range(keys.shape[0]):
        cleared(st)
        p, m = net.processes, net.items
        for k in range(p):
            st.keys[PROCESS_KEY, k] = keys[r, k]
        for k in range(m):
            st.keys[DEMAND_KEY, k] = keys[r, p + k]
        for k in range(keys.shape[1] - p - m):
            st.keys[LANE_KEY, k] = keys[r, p + m + k]
        begin(net, st)
        day = 0
        for b in range(marks.shape[0]):
            acc[:] = 0.0
            last = int(marks[b])
            acc[SUM_EVENTS, 0] = run_days(net, st, acc, day, last)
            day = last
            kept(net, acc, b, out[r], course[r, b])
