"""Dependence: which products the host needs from whom, and how exposed it is along the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coproduce.dependence.assess import run
    from coproduce.dependence.types import Inputs, Options, Result, Totals

__all__ = ["Inputs", "Options", "Result", "Totals", "run"]


def __getattr__(name: str) -> object:
    """Load a public name on first use: trade files need none of a programme's tables."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{'assess' if name == 'run' else 'types'}"), name)
