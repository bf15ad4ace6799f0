"""Choices, random numbers and up-and-down processes, written once for both engines.

Every function takes states whose last axis is one replication (a number, when compiled) or a row
of replications (a vector, in NumPy). Nothing branches on a state: `pick`, `least` and `most`
choose instead, and the compiler is told their scalar meaning.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from coproduce.resilience.simulate.rows import (
    BACKLOG,
    BIG,
    COMING,
    COUNT,
    CURVE,
    CURVE_STEP,
    DISCRETE,
    DOWN,
    DOWN_A,
    DOWN_B,
    DOWN_KIND,
    DUE,
    EXPONENTIAL,
    FIXED,
    FLIPS,
    FLOOR,
    GEOMETRIC,
    HIT,
    HIT_CHANCE,
    HIT_FIRST,
    HIT_SWITCH,
    INITIAL,
    LEARNING,
    LISTED,
    MEASURES,
    OFF,
    OPENS,
    PENDING,
    POSITION,
    PROCESS_KEY,
    SUM_DEMAND,
    SUM_UNMET,
    UP_A,
    UP_B,
    UP_KIND,
    WEIBULL,
    X,
)

Value: TypeAlias = Any
"""A number (compiled) or a vector over replications (NumPy)."""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
S_30, S_27, S_31, S_11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
TO_UNIT = 2.0**-53
SNAP = 1e-10


def pick(condition: Value, yes: Value, no: Value) -> Value:
    """Return `yes` where the condition holds, else `no`."""
    return np.where(condition, yes, no)


def least(a: Value, b: Value) -> Value:
    """Return the smaller."""
    return np.minimum(a, b)


def most(a: Value, b: Value) -> Value:
    """Return the larger."""
    return np.maximum(a, b)


def some(condition: Value) -> bool:
    """Return whether the condition holds for any replication."""
    return bool(np.any(condition))


def whole(value: Value) -> Value:
    """Return the number cut to an integer, for use as an index."""
    return np.asarray(value).astype(np.int64)


def dropped(pipe: Any, place: Value, amount: Value) -> None:
    """Add an amount at a place of its own for each replication."""
    pipe[place, np.arange(pipe.shape[1])] += amount


def mixed(key: Value) -> Value:
    """Return the output of SplitMix64 for a counter (Steele, Lea, Flood 2014)."""
    z = (key ^ (key >> S_30)) * MIX_1
    z = (z ^ (z >> S_27)) * MIX_2
    return z ^ (z >> S_31)


def unit(key: Value) -> Value:
    """Return a number above 0 and below 1 from a counter."""
    return ((mixed(key) >> S_11) + 0.5) * TO_UNIT


def drawn(kind: int, a: float, b: float, table: Value, key: Value, count: Value) -> Value:
    """Return one draw of a law by inversion; `count` is the place in a listed law."""
    if kind == FIXED:
        return a + count * 0.0
    if kind == LISTED:
        return table[whole(a + count % b)]
    if kind == DISCRETE:
        first, size = int(a), int(b)
        place = np.searchsorted(table[first : first + size - 1], unit(key), side="right")
        return table[first + size + place]
    step = -np.log(unit(key))
    if kind == EXPONENTIAL:
        return a * step
    if kind == WEIBULL:
        return a * step**b
    if kind == GEOMETRIC:
        return most(1.0, np.ceil(step * a))
    if kind == CURVE:
        at = least(step / CURVE_STEP, b - 2.0)
        low = whole(at)
        base = table[whole(a + low)]
        return base + (at - low) * (table[whole(a + low + 1)] - base)
    return BIG + step * 0.0


def flip(net: Any, st: Any, p: int, due: Value) -> None:
    """Let process `p` fail or come back, where it is due, and draw how long that lasts."""
    key = st.keys[PROCESS_KEY, p] + GOLDEN
    fails = st.whole[DOWN, p] == 0
    st.whole[COUNT, p] = st.whole[COUNT, p] + pick(due & fails, 1, 0)
    turn = st.whole[COUNT, p]
    longer = drawn(
        net.whole[DOWN_KIND, p], net.real[DOWN_A, p], net.real[DOWN_B, p], net.table, key, turn - 1
    )
    if net.real[LEARNING, p] > 0.0:
        longer = longer * most(net.real[FLOOR, p], most(turn, 1.0) ** (-net.real[LEARNING, p]))
    upper = drawn(
        net.whole[UP_KIND, p], net.real[UP_A, p], net.real[UP_B, p], net.table, key, turn
    )
    st.real[FLIPS, p] = pick(
        due, st.real[FLIPS, p] + pick(fails, longer, upper), st.real[FLIPS, p]
    )
    for h in range(net.whole[HIT_FIRST, p], net.whole[HIT_FIRST, p + 1]):
        hits = due & fails
        if net.real[HIT_CHANCE, h] < 1.0:
            key = pick(hits, key + GOLDEN, key)
            hits = hits & (unit(key) < net.real[HIT_CHANCE, h])
        change = pick(hits, 1, pick(due & (st.whole[DOWN, p] == 1), -st.whole[HIT, h], 0))
        st.whole[HIT, h] = st.whole[HIT, h] + change
        switch = net.whole[HIT_SWITCH, h]
        st.whole[OFF, switch] = st.whole[OFF, switch] + change
    st.whole[DOWN, p] = pick(due, 1 - st.whole[DOWN, p], st.whole[DOWN, p])
    st.keys[PROCESS_KEY, p] = pick(due, key, st.keys[PROCESS_KEY, p])


def begin(net: Any, st: Any) -> None:
    """Set the state of a start: stocks as given, sources up unless still being built."""
    for i in range(net.items):
        st.real[X, i] = net.real[INITIAL, i]
        st.real[POSITION, i] = net.real[INITIAL, i]
        st.real[DUE, i] = BIG
        st.real[COMING, i] = 0.0
        st.real[BACKLOG, i] = 0.0
        st.real[PENDING, i] = 0.0
    for p in range(net.processes):
        key = st.keys[PROCESS_KEY, p] + GOLDEN
        st.keys[PROCESS_KEY, p] = key
        st.whole[COUNT, p] = 0
        st.whole[DOWN, p] = 0
        wait = drawn(
            net.whole[UP_KIND, p], net.real[UP_A, p], net.real[UP_B, p], net.table, key, 0
        )
        st.real[FLIPS, p] = wait
        if net.real[OPENS, p] > 0.0:
            st.real[FLIPS, p] = wait * 0.0 + net.real[OPENS, p]
            st.whole[DOWN, p] = st.whole[DOWN, p] + 1
            for h in range(net.whole[HIT_FIRST, p], net.whole[HIT_FIRST, p + 1]):
                st.whole[HIT, h] = st.whole[HIT, h] + 1
                st.whole[OFF, net.whole[HIT_SWITCH, h]] = (
                    st.whole[OFF, net.whole[HIT_SWITCH, h]] + 1
                )


def cleared(st: Any) -> None:
    """Empty everything on the way and open every switch."""
    st.real[:] = 0.0
    st.whole[:] = 0
    st.pipe[:] = 0.0
    st.work[:] = 0.0


def kept(net: Any, acc: Any, b: int, out: Any, course: Any) -> None:
    """Keep the sums of a stretch; those of the first one, the start, only as a course."""
    for i in range(net.items):
        course[0, i] = acc[SUM_DEMAND, i]
        course[1, i] = acc[SUM_UNMET, i]
        if b > 0:
            for measure in range(MEASURES):
                out[measure, i] += acc[measure, i]
