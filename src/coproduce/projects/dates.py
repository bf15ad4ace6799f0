"""Dates as exact as their source: a year, a month or a day."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

DAYS_PER_MONTH = 365.25 / 12.0


def first_day(loose: str) -> date:
    """Return the earliest day that a loose date can mean.

    Example:
        >>> first_day("2025-09").isoformat()
        '2025-09-01'
    """
    year, month, day = _parts(loose)
    return date(year, month or 1, day or 1)


def last_day(loose: str) -> date:
    """Return the latest day that a loose date can mean.

    Example:
        >>> last_day("2024-02").isoformat(), last_day("2025").isoformat()
        ('2024-02-29', '2025-12-31')
    """
    year, month, day = _parts(loose)
    month = month or 12
    return date(year, month, day or calendar.monthrange(year, month)[1])


def middle(loose: str) -> date:
    """Return the day in the middle of what a loose date can mean."""
    first = first_day(loose)
    return first + (last_day(loose) - first) // 2


def years_between(start: date, end: date) -> float:
    """Return the years from one day to another."""
    return (end - start).days / 365.25


def months_between(start: date, end: date) -> float:
    """Return the months from one day to another."""
    return (end - start).days / DAYS_PER_MONTH


def add_months(start: date, months: float) -> date:
    """Return the day that many months later, fractions in days of an average month.

    Example:
        >>> add_months(date(2026, 11, 20), 12).isoformat()
        '2027-11-20'
    """
    return start + timedelta(days=round(months * DAYS_PER_MONTH))


def _parts(loose: str) -> tuple[int, int, int]:
    numbers = [int(part) for part in loose.split("-")] + [0, 0]
    return numbers[0], numbers[1], numbers[2]


__all__ = ["add_months", "first_day", "last_day", "middle", "months_between", "years_between"]
