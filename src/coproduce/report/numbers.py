"""Numbers in words of a language, as `records.words` writes them, and what a unit names."""

from __future__ import annotations

import re

from coproduce.records.words import (
    MINUS,
    NO_BREAK_SPACE,
    decimals_for,
    fixed,
    money,
    number,
    percent,
    scaled,
    significant,
)

NARROW_SPACE = "\u202f"
EN_DASH = "\u2013"

_CURRENCY = re.compile(r"\b([A-Z]{3})\b")


def currency_in(unit: str) -> str:
    """Return the ISO 4217 code that a unit names, or an empty string.

    Example:
        >>> currency_in("mn RUB, real RUB of 2026"), currency_in("t/year")
        ('RUB', '')
    """
    found = _CURRENCY.search(unit)
    return found.group(1) if found else ""


__all__ = [
    "EN_DASH",
    "MINUS",
    "NARROW_SPACE",
    "NO_BREAK_SPACE",
    "currency_in",
    "decimals_for",
    "fixed",
    "money",
    "number",
    "percent",
    "scaled",
    "significant",
]
