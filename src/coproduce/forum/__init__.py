"""Forum: who meets whom, when, at which table, with proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coproduce.forum.plan import run
    from coproduce.forum.types import Inputs, Options, Result
    from coproduce.forum.verifier import Violation, require_valid, verify

__all__ = ["Inputs", "Options", "Result", "Violation", "require_valid", "run", "verify"]

_HOMES = {
    "Inputs": "types",
    "Options": "types",
    "Result": "types",
    "Violation": "verifier",
    "require_valid": "verifier",
    "run": "plan",
    "verify": "verifier",
}


def __getattr__(name: str) -> object:
    """Load a public name on first use: a published file needs no tables."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
