"""Numbers in words of a language: grouping, decimals, three significant figures, money, ranges."""

from __future__ import annotations

import math
import re

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
EN_DASH = "\u2013"
MINUS = "\u2212"

_SCALES = ((1e12, "trn"), (1e9, "bn"), (1e6, "mn"), (1e3, "k"), (1.0, ""))
_CURRENCY = re.compile(r"\b([A-Z]{3})\b")


def decimals_for(value: float, digits: int = 3) -> int:
    """Return the decimals that show a value with a number of significant digits.

    Example:
        >>> decimals_for(12.34), decimals_for(0.01234), decimals_for(12345.0)
        (1, 4, 0)
    """
    if value == 0 or not math.isfinite(value):
        return 0
    return max(0, min(6, digits - 1 - math.floor(math.log10(abs(value)))))


def significant(value: float, digits: int = 3) -> float:
    """Return a value rounded to significant digits.

    Example:
        >>> significant(12345.0), significant(0.012349)
        (12300.0, 0.0123)
    """
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def fixed(value: float, decimals: int, lang: str) -> str:
    """Return a value with fixed decimals, grouped as the language does.

    Example:
        >>> fixed(12345678.94, 1, "en")
        '12,345,678.9'
        >>> fixed(12345678.94, 1, "ru") == "12\u00a0345\u00a0678,9"
        True
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞" if value < 0 else "?"
    plain = f"{abs(value):,.{decimals}f}"
    if lang == "ru":
        plain = plain.replace(",", NO_BREAK_SPACE).replace(".", ",")
    is_negative = value < 0 and any(c in "123456789" for c in plain)
    return f"{MINUS}{plain}" if is_negative else plain


def number(value: float, lang: str, digits: int = 3) -> str:
    """Return a value to three significant figures, zeros at the end left out.

    Example:
        >>> number(12345.0, "en"), number(0.5, "en"), number(3.0, "en")
        ('12,300', '0.5', '3')
    """
    rounded = significant(value, digits)
    shown = fixed(rounded, decimals_for(rounded, digits), lang)
    mark = "," if lang == "ru" else "."
    if mark in shown and not (lang == "en" and "." not in shown):
        shown = shown.rstrip("0").rstrip(mark) if decimals_for(rounded, digits) else shown
    return shown


def percent(share: float, lang: str) -> str:
    """Return a share of one in per cent.

    Example:
        >>> percent(0.3741, "en")
        '37.4%'
    """
    shown = number(share * 100, lang)
    return f"{shown}{NO_BREAK_SPACE}%" if lang == "ru" else f"{shown}%"


def scaled(value: float) -> tuple[float, str]:
    """Return a value and the scale word's key (``k``, ``mn``, ``bn``, ``trn`` or empty).

    Example:
        >>> scaled(12_300_000_000.0)
        (12.3, 'bn')
    """
    size = abs(significant(value))
    for factor, name in _SCALES:
        if size >= factor:
            return value / factor, name
    return value, ""


def currency_in(unit: str) -> str:
    """Return the ISO 4217 code that a unit names, or an empty string.

    Example:
        >>> currency_in("mn RUB, real RUB of 2026"), currency_in("t/year")
        ('RUB', '')
    """
    found = _CURRENCY.search(unit)
    return found.group(1) if found else ""
