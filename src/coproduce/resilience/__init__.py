"""Resilience: how much of a product is expected to be missing, and which link adds most."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coproduce.resilience.before_after import safety
    from coproduce.resilience.closed_forms import on_off_shortage, stage_shortage
    from coproduce.resilience.expected import run
    from coproduce.resilience.types import (
        Inputs,
        Options,
        Result,
        Safety,
        SafetyInputs,
        Totals,
    )

__all__ = [
    "Inputs",
    "Options",
    "Result",
    "Safety",
    "SafetyInputs",
    "Totals",
    "on_off_shortage",
    "run",
    "safety",
    "stage_shortage",
]

_HOMES = {
    "on_off_shortage": "closed_forms",
    "run": "expected",
    "safety": "before_after",
    "stage_shortage": "closed_forms",
}


def __getattr__(name: str) -> object:
    """Load a public name on first use: a formula must not wait for tables."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'types')}"), name)
