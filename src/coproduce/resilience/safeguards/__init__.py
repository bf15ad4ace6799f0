"""Safeguards compared: what each costs and how much shortage it avoids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coproduce.resilience.safeguards.book import Safeguard, read_safeguards
    from coproduce.resilience.safeguards.comparison import Comparison, Option, compare
    from coproduce.resilience.safeguards.networks import compare_network
    from coproduce.resilience.safeguards.scenarios import scenario_rows

__all__ = [
    "Comparison",
    "Option",
    "Safeguard",
    "compare",
    "compare_network",
    "read_safeguards",
    "scenario_rows",
]
_HOMES = {
    "Safeguard": "book",
    "read_safeguards": "book",
    "compare_network": "networks",
    "scenario_rows": "scenarios",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'comparison')}"), name)
