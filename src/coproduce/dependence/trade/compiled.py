"""The pass over sorted flows, compiled; imported only where numba (extra ``fast``) is wanted."""

from __future__ import annotations

from typing import Any

import numba

TOP = 3
FIRST_LARGEST = 2


@numba.njit(cache=True, inline="always")
def _add_one(
    exporter: Any, cell: Any, sold: Any, value: Any, sums: Any, who: Any, exports_usd: Any
) -> None:
    sums[cell, 0] += value
    sums[cell, 1] += value * value
    who[cell, 0] += 1
    exports_usd[sold] += value
    place = TOP
    while place > 0 and value > sums[cell, FIRST_LARGEST + place - 1]:
        place -= 1
    for lower in range(TOP - 1, place, -1):
        sums[cell, FIRST_LARGEST + lower] = sums[cell, FIRST_LARGEST + lower - 1]
        who[cell, 1 + lower] = who[cell, lower]
    if place < TOP:
        sums[cell, FIRST_LARGEST + place] = value
        who[cell, 1 + place] = exporter


@numba.njit(cache=True)
def add_rows(
    exporter: Any,
    importer: Any,
    product: Any,
    year: Any,
    value: Any,
    n_products: Any,
    n_years: Any,
    sums: Any,
    who: Any,
    exports_usd: Any,
    last_exporter: Any,
    last_cell: Any,
    pending: Any,
) -> Any:
    """Add a batch; return exporter, cell and value of the last flow, exporter -2 if unsorted."""
    per_country = n_products * n_years
    sold = numba.int64(0)
    if last_exporter >= 0:
        sold = last_exporter * per_country + last_cell % per_country
    for row in range(len(value)):
        seller = numba.int64(exporter[row])
        buyer = numba.int64(importer[row])
        offset = numba.int64(product[row]) * n_years + numba.int64(year[row])
        cell = buyer * per_country + offset
        if cell == last_cell and seller == last_exporter:
            pending += value[row]
            continue
        if seller < last_exporter or (seller == last_exporter and cell < last_cell):
            return -2, last_cell, 0.0
        if pending > 0.0:
            _add_one(last_exporter, last_cell, sold, pending, sums, who, exports_usd)
        last_exporter, last_cell = seller, cell
        sold = seller * per_country + offset
        pending = value[row] if seller != buyer else -1.0
    return last_exporter, last_cell, pending


__all__ = ["add_rows"]
