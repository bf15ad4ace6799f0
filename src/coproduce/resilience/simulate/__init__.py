"""Simulation of supply networks that break: one model, two clocks, exact checks beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coproduce.resilience.simulate.network import Network
    from coproduce.resilience.simulate.reader import network_of, read_network
    from coproduce.resilience.simulate.run import (
        Outcome,
        SimulateOptions,
        compared,
        simulate,
    )

__all__ = [
    "Network",
    "Outcome",
    "SimulateOptions",
    "compared",
    "network_of",
    "read_network",
    "simulate",
]
_HOMES = {"Network": "network", "network_of": "reader", "read_network": "reader"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'run')}"), name)
