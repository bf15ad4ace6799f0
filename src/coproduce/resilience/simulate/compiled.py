"""The kernel compiled with numba (extra `fast`); imported only when it is to run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from numba import njit
from numba.extending import overload, register_jitable

from coproduce.resilience.simulate import days, draws, events, star


@overload(draws.pick)
def _pick(condition: Any, yes: Any, no: Any) -> Any:
    def chosen(condition: Any, yes: Any, no: Any) -> Any:
        return yes if condition else no

    return chosen


@overload(draws.least)
def _least(a: Any, b: Any) -> Any:
    def chosen(a: Any, b: Any) -> Any:
        return a if a < b else b

    return chosen


@overload(draws.most)
def _most(a: Any, b: Any) -> Any:
    def chosen(a: Any, b: Any) -> Any:
        return a if a > b else b

    return chosen


@overload(draws.some)
def _some(condition: Any) -> Any:
    def chosen(condition: Any) -> Any:
        return condition

    return chosen


@overload(draws.whole)
def _whole(value: Any) -> Any:
    def chosen(value: Any) -> Any:
        return int(value)

    return chosen


@overload(draws.dropped)
def _dropped(pipe: Any, place: Any, amount: Any) -> Any:
    def chosen(pipe: Any, place: Any, amount: Any) -> None:
        pipe[place] += amount

    return chosen


OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
CALLED: tuple[Callable[..., Any], ...] = (
    draws.mixed,
    draws.unit,
    draws.drawn,
    draws.flip,
    draws.begin,
    draws.cleared,
    draws.kept,
    events.lots,
    events.run_events,
    star.turn,
    star.stretch,
    days.run_days,
)
"""Compiled as functions of their own."""
INLINED: tuple[Callable[..., Any], ...] = (
    events.potentials,
    events.pulls,
    events.flows,
    events.settle,
    events.until,
    events.advance,
    days.demands,
    days.chances,
    days.wished,
    days.orders,
    days.later,
    days.makes,
    days.serves,
    days.ships,
)
"""Written into their one caller: handing over the state would cost more than their work."""
for _function in CALLED:
    register_jitable(**OPTIONS)(_function)
for _function in INLINED:
    register_jitable(inline="always", **OPTIONS)(_function)


@cache
def engine(name: str) -> Callable[..., None]:
    """Return a compiled engine: ``events``, ``star`` or ``days``.

    Counting references is left out: the engines allocate nothing, and it would cost half of the
    time.
    """
    function = {"events": events.all_events, "star": star.all_events, "days": days.all_days}[name]
    made: Callable[..., None] = njit(cache=True, **OPTIONS)(function)
    return made


__all__ = ["engine"]
