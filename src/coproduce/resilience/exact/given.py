"""What a caller gives is looked at before anything is reckoned; every refusal has a code."""

from __future__ import annotations

import math

from coproduce.records.errors import CoproduceError, DataError, UsageError


def positive(value: float, name: str, *, where: str = "") -> float:
    """Return the value.

    Raises:
        UsageError: S101 if it is not a number above nil; a DataError where it comes from a file.
    """
    if not (math.isfinite(value) and value > 0):
        raise _refusal(f"{name} is {value}; it must be a number above 0", "S101", where)
    return float(value)


def not_negative(value: float, name: str, *, where: str = "") -> float:
    """Return the value.

    Raises:
        UsageError: S102 if it is negative or not finite; a DataError where it comes from a file.
    """
    if not (math.isfinite(value) and value >= 0):
        raise _refusal(f"{name} is {value}; it must be a number, 0 or more", "S102", where)
    return float(value)


def probability(value: float, name: str, *, where: str = "") -> float:
    """Return the value.

    Raises:
        UsageError: S103 if it is not between 0 and 1; a DataError where it comes from a file.
    """
    if not 0.0 <= value <= 1.0:
        raise _refusal(f"{name} is {value}; a probability lies between 0 and 1", "S103", where)
    return float(value)


def whole(value: float, name: str, *, least: int = 1, where: str = "") -> int:
    """Return the value as a whole number.

    Raises:
        UsageError: S104 if it is not whole or below `least`; a DataError where from a file.
    """
    if not (math.isfinite(value) and value == int(value) and value >= least):
        raise _refusal(
            f"{name} is {value}; it must be a whole number, {least} or more", "S104", where
        )
    return int(value)


def _refusal(message: str, code: str, where: str) -> CoproduceError:
    if where:
        return DataError(message, code=code, where=where)
    return UsageError(message, code=code)


__all__ = ["not_negative", "positive", "probability", "whole"]
