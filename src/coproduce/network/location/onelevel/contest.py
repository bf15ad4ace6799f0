"""Which facility to split a part by: short climbs on both sides, then what they gave before."""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.network.location.onelevel.dual import CLOSED, FREE, OPEN, States
from coproduce.network.location.onelevel.rest import Rest
from coproduce.network.location.onelevel.tree import Kept, rounded
from coproduce.network.location.types import Floats

CANDIDATES, TRIAL = 8, 10  # facilities tried before a split, evaluations of each try
RELIABLE = 4  # tries of a facility after which their average stands for another


class Contest:
    """Remembers how much the closing and the opening of each facility raised the bound.

    Args:
        sites: number of facilities.

    Source: Achterberg, Koch, Martin (2005), reliability branching.
    """

    def __init__(self, sites: int) -> None:
        self._gains = np.zeros((sites, 2))
        self._times = np.zeros(sites, dtype=np.int64)

    def __call__(
        self,
        rest: Rest,
        state: States,
        kept: Kept,
        often: Floats,
        target: float,
        cutoff: float,
    ) -> tuple[int, dict[int, Kept]]:
        """Return the facility whose two sides both raise the bound most, and their prices.

        Args:
            rest, state: what the part is; at least one facility is free.
            kept: its prices.
            often: how often each facility was chosen of late; doubtful ones are tried.
            target, cutoff: of the climbs.
        """
        free = np.flatnonzero(state == FREE)
        share = np.clip(often[free] / max(1e-9, float(often.max())), 0.05, 0.95)
        order = np.argsort(np.abs(share - 0.5), kind="stable")[:CANDIDATES]
        base, found = kept.point.bound, dict[int, Any]()
        best, site = -np.inf, int(free[order[0]])
        for place in order if len(free) > 1 else []:
            here, tried = int(free[place]), dict[int, Any]()
            usual = (share[place], 1.0 - share[place])  # how much a closing, an opening changes
            if self._times[here] < RELIABLE:
                self._times[here] += 1
                for value in (CLOSED, OPEN):
                    state[here] = value
                    tried[value] = rest.ascend(
                        state, kept.point.prices, target, cutoff, TRIAL, 0.2, 4
                    )
                    gain = max(min(tried[value][0], cutoff) - base, 0.0)
                    self._gains[here, value] += gain / usual[value]
                    state[here] = FREE
            score = 1.0
            for value in (CLOSED, OPEN):
                gain = self._gains[here, value] / self._times[here] * usual[value]
                if tried:
                    gain = min(tried[value][0], cutoff) - base
                score *= max(gain, 1e-6 * abs(base))
            if score > best:
                best, site, found = score, here, tried
        for value, raw in found.items():
            state[site] = value
            found[value] = rest.at(state, rounded(raw[1]))
            state[site] = FREE
        return site, found
