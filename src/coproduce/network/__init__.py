"""What to make where, at which stage, how big, from which year: a plan proven within a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coproduce.network.plan import run
    from coproduce.network.types import Inputs, Options, Result
    from coproduce.network.verify import verify_plan

__all__ = ["Inputs", "Options", "Result", "run", "verify_plan"]

_HOMES = {
    "Inputs": "types",
    "Options": "types",
    "Result": "types",
    "run": "plan",
    "verify_plan": "verify",
}


def __getattr__(name: str) -> object:
    """Load a public name on first use: the command's help must not wait for tables."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
