"""The dependence panel: what every country imports, from how many, from whom, year by year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.dependence.trade.kernel import NOBODY, TOP, Batch, Cells, fill
from coproduce.records.errors import ModelError, UsageError
from coproduce.sources.trade import store

# Four row groups of the folder at a time: 8 MB of columns.
ROWS_AT_ONCE = 1 << 19
# Loading numba takes as long as numpy takes for some six million rows.
ROWS_WORTH_COMPILING = 8_000_000
ARMS = ("exporter", "importer", "product", "year", "value_usd")


@dataclass(frozen=True, slots=True)
class Panel:
    """Every importer, product and year; C countries, P products, T years.

    Attributes:
        years: ascending.
        country_ids, product_ids: in the order of the folder's tables.
        imports_usd: from all suppliers (C x P x T, current USD).
        hhi: sum of squared supplier shares (C x P x T, 0–1); NaN without imports.
        n_suppliers: (C x P x T).
        top: the three largest suppliers, as rows of `country_ids`, `NOBODY` where there are
            fewer (C x P x T x 3).
        top_usd: their flows (C x P x T x 3).
        exports_usd: to all buyers (C x P x T).
        world_hhi: sum of squared exporter shares in the world's exports (P x T); NaN without.
    """

    years: tuple[int, ...]
    country_ids: tuple[str, ...]
    product_ids: tuple[str, ...]
    imports_usd: NDArray[np.float64]
    hhi: NDArray[np.float64]
    n_suppliers: NDArray[np.uint16]
    top: NDArray[np.uint16]
    top_usd: NDArray[np.float64]
    exports_usd: NDArray[np.float64]
    world_hhi: NDArray[np.float64]

    @property
    def world_usd(self) -> NDArray[np.float64]:
        """Return the world's exports (P x T, current USD)."""
        return np.asarray(self.exports_usd.sum(axis=0))

    def country(self, country_id: str) -> int:
        """Return the row of a country.

        Raises:
            UsageError: the folder has no such country (TX030).
        """
        return position(self.country_ids, country_id, "country")

    def product(self, product_id: str) -> int:
        """Return the row of a product.

        Raises:
            UsageError: the folder has no such product (TX030).
        """
        return position(self.product_ids, product_id, "product")

    def year(self, year: int) -> int:
        """Return the position of a year.

        Raises:
            UsageError: the folder has no such year (TX030).
        """
        if year not in self.years:
            raise UsageError(
                f"no flows of year {year}; there are {', '.join(map(str, self.years))}",
                code="TX030",
            )
        return self.years.index(year)


def position(names: Sequence[str], wanted: str, kind: str) -> int:
    """Return where a name stands among names.

    Raises:
        UsageError: it is not among them (TX030).
    """
    try:
        return names.index(wanted)
    except ValueError:
        close = [name for name in names if name[:2] == wanted[:2]][:8]
        hint = f"; similar: {', '.join(close)}" if close else ""
        raise UsageError(f"no {kind} {wanted!r} in the trade data{hint}", code="TX030") from None


def build(
    folder: Path,
    *,
    years: Sequence[int] | None = None,
    without_flags: int = 0,
    compiled: bool | None = None,
) -> Panel:
    """Return the panel of a trade data folder, in one pass.

    HHI = sum of squared flows over the square of their sum, so no share is ever stored.

    Args:
        folder: written by ``coproduce trade ingest``.
        years: only these; None: all.
        without_flags: rows with any of these `store.Flag` bits are left out.
        compiled: True for numba, False for numpy; None: numba where it is installed and there
            are rows enough to repay loading it.

    Raises:
        SourceError: no such folder (S101, S102), or its flows are not sorted (TX021).
        ModelError: the folder holds totals with the world only (TX022).
        UsageError: a year is not in the folder (TX030).

    Source:
        Herfindahl (1950); Hirschman (1964).
    """
    meta = store.read_meta(folder)
    if meta.partners == "world":
        raise ModelError(
            "the folder holds totals with the world only: who supplies whom is not in it; take "
            "in files with partner countries",
            code="TX022",
            where=str(folder),
        )
    kept = chosen_years(meta, years)
    country_ids = tuple(store.countries(folder)["country_id"].to_list())
    product_ids = tuple(store.products(folder)["product_id"].to_list())
    cells = Cells((len(country_ids), len(product_ids), len(kept)))
    flows = store.scan_flows(folder)
    if without_flags:
        flows = flows.filter((pl.col("flags") & without_flags) == 0)
    if kept != meta.years:
        flows = flows.filter(pl.col("year").is_in(kept))
    if compiled is None:
        height = flows.select(pl.len()).collect().item()
        compiled = height >= ROWS_WORTH_COMPILING and find_spec("numba") is not None
    fill(_batches(flows, kept), cells, compiled=compiled)
    return _panel(cells, kept, country_ids, product_ids)


def chosen_years(meta: store.Meta, years: Sequence[int] | None) -> tuple[int, ...]:
    """Return the years asked for, ascending; all of the folder for None.

    Raises:
        UsageError: a year is not in the folder (TX030).
    """
    if years is None:
        return meta.years
    missing = sorted(set(years) - set(meta.years))
    if missing:
        raise UsageError(
            f"no flows of {', '.join(map(str, missing))}; the folder holds "
            f"{', '.join(map(str, meta.years))}",
            code="TX030",
        )
    return tuple(sorted(set(years)))


def _batches(flows: pl.LazyFrame, years: Sequence[int]) -> Iterator[Batch]:
    """Yield the columns of the flows, some at a time, years as positions."""
    chosen = flows.select(ARMS)
    place = np.zeros(max(years, default=0) + 1, np.uint16)
    place[list(years)] = np.arange(len(years), dtype=np.uint16)
    start = 0
    while True:
        part = chosen.slice(start, ROWS_AT_ONCE).collect()
        if part.is_empty():
            return
        exporter, importer, product, year, value = (part[name].to_numpy() for name in ARMS)
        yield exporter, importer, product, place[year], value
        start += ROWS_AT_ONCE


def _panel(
    cells: Cells, years: tuple[int, ...], countries: tuple[str, ...], products: tuple[str, ...]
) -> Panel:
    shape = cells.shape
    imports = cells.sums[:, 0]
    squares = cells.sums[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        # In place, twice divided: a square of the imports of a large world would need memory.
        np.divide(squares, imports, out=squares)
        np.divide(squares, imports, out=squares)
    exports = cells.exports_usd.reshape(shape)
    world = exports.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        world_hhi = np.einsum("cpt,cpt->pt", exports, exports) / world**2
    return Panel(
        years=years,
        country_ids=countries,
        product_ids=products,
        imports_usd=imports.reshape(shape),
        hhi=squares.reshape(shape),
        n_suppliers=cells.who[:, 0].reshape(shape),
        top=cells.who[:, 1:].reshape(*shape, TOP),
        top_usd=cells.sums[:, 2:].reshape(*shape, TOP),
        exports_usd=exports,
        world_hhi=world_hhi,
    )


__all__ = ["NOBODY", "Panel", "build", "chosen_years", "position"]
