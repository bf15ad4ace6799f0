"""Availability without stock: k of n, series–parallel systems and what each part adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.records.errors import UsageError
from coproduce.resilience.exact.given import positive, probability, whole

Floats = npt.NDArray[np.float64]


def availability(up_mean: float, down_mean: float) -> float:
    """Return the long-run share of time up; any laws of the times, only their means matter.

    Args:
        up_mean, down_mean: mean time to failure and to return (any one unit of time).

    Source: renewal reward, for example Barlow, Proschan, Mathematical Theory of Reliability
    (1965).

    Example:
        >>> round(availability(2.0, 0.4), 6)
        0.833333
    """
    up = positive(up_mean, "the mean time to failure")
    return up / (up + positive(down_mean, "the mean time to return"))


def k_of_n(availabilities: Sequence[float], k: int) -> float:
    """Return the probability that at least `k` of independent parts are up.

    Args:
        availabilities: of each part (share).
        k: how many must be up.

    Raises:
        UsageError: S103 for a share outside 0–1, S104 for a `k` that is no number of parts.

    Example:
        Two of three, each up nine tenths of the time: 0.729 + 3 × 0.081.

        >>> round(k_of_n([0.9, 0.9, 0.9], 2), 6)
        0.972
    """
    parts = len(availabilities)
    if whole(k, "k", least=0) > parts:
        raise UsageError(f"k is {k} but there are {parts} parts", code="S104")
    law = np.zeros(parts + 1)
    law[0] = 1.0
    for number, share in enumerate(availabilities, start=1):
        up = probability(share, f"the availability of part {number}")
        law[1:] = law[1:] * (1.0 - up) + law[:-1] * up
        law[0] *= 1.0 - up
    return float(law[k:].sum())


@dataclass(frozen=True, slots=True)
class Tiers:
    """Availability of many chains at once, and what each source adds.

    Attributes:
        availability: chains; probability that every tier has a source up (share).
        birnbaum: chains × tiers × sources; rise of availability from this source surely down to
            surely up. 0 where there is no source.
        fussell_vesely: the same shape; part of unavailability that goes if this source never
            fails. 0 where there is no source, or where nothing ever fails.
    """

    availability: Floats
    birnbaum: Floats
    fussell_vesely: Floats


def tiers(unavailability: npt.ArrayLike) -> Tiers:
    """Return availability and importance of many chains of tiers, one of each tier needed.

    Args:
        unavailability: chains × tiers × sources, share of time down; nan where a tier has fewer
            sources than the widest.

    Raises:
        UsageError: S103 for a share outside 0–1; S107 for a tier without any source.

    Source: Birnbaum (1969); Vesely, Davis, Denning, Saltos, NUREG/CR-3385 (1983).

    Example:
        Three tiers of one source each, down a tenth of the time:

        >>> found = tiers([[[0.1], [0.1], [0.1]]])
        >>> round(float(found.availability[0]), 6), round(float(found.birnbaum[0, 0, 0]), 6)
        (0.729, 0.81)
    """
    down = np.asarray(unavailability, dtype=np.float64)
    if down.ndim != 3:
        raise UsageError("unavailability needs chains × tiers × sources", code="S104")
    there = ~np.isnan(down)
    if not there.any(axis=2).all():
        raise UsageError("a tier has no source, so no path leads to the customer", code="S107")
    if ((down < 0) | (down > 1)).any():
        raise UsageError("an unavailability is not between 0 and 1", code="S103")
    filled = np.where(there, down, 1.0)
    others_down = _without_each(filled)
    tier_up = 1.0 - filled.prod(axis=2)
    rest_up = _without_each(tier_up)
    whole_up = tier_up.prod(axis=1)
    birnbaum = np.where(there, others_down * rest_up[:, :, None], 0.0)
    # P(up | source up) - P(up) = birnbaum × its unavailability
    saved = birnbaum * np.where(there, down, 0.0)
    lost = (1.0 - whole_up)[:, None, None]
    vesely = np.divide(saved, lost, out=np.zeros_like(saved), where=lost > 0)
    return Tiers(whole_up, birnbaum, vesely)


def _without_each(values: Floats) -> Floats:
    """Return the product along the last axis without each entry; no division, nil may occur."""
    before = np.ones_like(values)
    after = np.ones_like(values)
    np.cumprod(values[..., :-1], axis=-1, out=before[..., 1:])
    after[..., :-1] = np.cumprod(values[..., :0:-1], axis=-1)[..., ::-1]
    return before * after


__all__ = ["Tiers", "availability", "k_of_n", "tiers"]
