"""The simple layout of the UflLib: one line per facility."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from coproduce.network.location.formats.build import facilities
from coproduce.network.location.formats.tokens import Tokens, text_of
from coproduce.network.location.types import Facilities, Reading


def read(path: Path, reading: Reading) -> Facilities:
    """Return the problem: ``FILE: name``, ``m n 0``, m × (number, fixed cost, n costs).

    Raises:
        SourceError: the file is not of this layout, with the line.
    """
    has_heading = text_of(path).lstrip().upper().startswith("FILE")
    tokens = Tokens(path, skip_lines=1 if has_heading else 0)
    sites, customers = tokens.size("number of facilities"), tokens.size("number of customers")
    tokens.numbers(1, "the 0 after the counts")
    rows = np.empty((sites, customers + 1))
    for site in range(sites):
        number = tokens.numbers(1, "number of a facility")[0]
        if number != site + 1:
            raise tokens.wrong(f"facility {site + 1} is expected, found {number:g}", -1)
        rows[site] = tokens.numbers(customers + 1, f"cost of facility {site + 1}", least=0.0)
    tokens.end()
    return facilities(
        path,
        reading,
        fixed=rows[:, 0].copy(),
        demand=np.ones(customers),
        cost=rows[:, 1:].copy(),
        capacity=None,
    )
