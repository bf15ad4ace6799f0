"""Whole-number arrays for the checkers: 64 bits where all sums fit, Python's numbers elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt

Wholes = npt.NDArray[Any]

_FITS = 2**62


def measure(values: Iterable[Fraction]) -> int:
    """Return the least common denominator."""
    return lcm(1, *{value.denominator for value in values})


def wholes(values: Any) -> Wholes:
    """Return nested lists of whole numbers as an array of 64 bits, or of Python's numbers."""
    made = np.array(values, dtype=object)
    return fitted(made)


def fitted(values: Wholes) -> Wholes:
    """Return an array of Python's numbers with 64 bits where they are far from the limit."""
    if values.size and (int(values.max()) >= _FITS or int(values.min()) <= -_FITS):
        return values
    small: Wholes = values.astype(np.int64)
    return small


def product(left: Wholes, right: Wholes) -> Wholes:
    """Return the matrix product, exact."""
    size = most(left) * most(right) * max(1, left.shape[-1])
    if size >= _FITS:
        large: Wholes = left.astype(object) @ right.astype(object)
        return large
    made: Wholes = left.astype(np.int64) @ right.astype(np.int64)
    return made


def most(values: Wholes) -> int:
    """Return the largest absolute value."""
    return max(abs(int(values.max())), abs(int(values.min()))) if values.size else 0


def roomy(values: Wholes, factor: int) -> Wholes:
    """Return the array in a type that holds `factor` times its values."""
    return values if most(values) * factor < _FITS else values.astype(object)
