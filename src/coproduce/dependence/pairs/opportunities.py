"""Products that a host buys from few, a partner makes well and the host could make itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.dependence.complexity import Conventions
from coproduce.dependence.complexity import measure as measure_complexity
from coproduce.dependence.complexity.types import Complexity
from coproduce.dependence.trade import panel as panels
from coproduce.dependence.trade.criteria import geodep
from coproduce.dependence.trade.study import part_of_world
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.words import Words, in_full, in_percent
from coproduce.sources.trade import store

Floats = NDArray[np.float64]
AT_LEAST_0 = (
    "min_imports_usd",
    "min_partner_rca",
    "min_partner_usd",
    "max_host_rca",
    "min_density",
)


@dataclass(frozen=True, slots=True)
class Options:
    """What counts as an opportunity.

    Attributes:
        year: the year judged; 0: the last year of the folder.
        min_hhi: concentration of the host's imports from which on they hang on few (0–1).
        min_imports_usd: host's imports below this are left out (current USD a year).
        min_partner_rca: revealed comparative advantage of the partner from which on it makes
            the product competitively.
        min_partner_usd: partner's exports below this are left out (current USD a year).
        max_host_rca: the host makes a product well already above this.
        min_density: density of the host from which on it could make the product (0–1). At 0
            products with nothing related are kept too, at the end, with a score of 0.
        prefixes: only products whose code begins with one of these; none: all.
        most: at most so many.
    """

    year: int = 0
    min_hhi: float = 0.25
    min_imports_usd: float = 1e6
    min_partner_rca: float = 1.0
    min_partner_usd: float = 1e6
    max_host_rca: float = 1.0
    min_density: float = 0.0
    prefixes: tuple[str, ...] = ()
    most: int = 50

    def __post_init__(self) -> None:
        if not 0 <= self.min_hhi <= 1:
            raise UsageError(f"min_hhi is {self.min_hhi}; it is a share, 0 to 1", code="TX041")
        if self.most < 1:
            raise UsageError(f"most is {self.most}; at least 1", code="TX041")
        for name in AT_LEAST_0:
            if not getattr(self, name) >= 0:
                raise UsageError(f"{name} is {getattr(self, name)}; at least 0", code="TX041")


@dataclass(frozen=True, slots=True)
class Opportunities:
    """Ranked opportunities.

    Attributes:
        table: rank, product_id, description, score (0–1), concentration, competitiveness,
            feasibility, size (its four parts, 0–1), imports_usd, hhi, top_supplier_id,
            top_share, years_dependent, partner_rca, partner_exports_usd, partner_share,
            host_rca, density, pci, reason_en, reason_ru.
        flows: rank, product_id, supplier_id, year, value_usd, share: who supplies the host with
            each product, all years.
        left_out: how many products failed each condition, in the order they were asked.
        warnings: what to know before the list is used.
    """

    table: pl.DataFrame
    flows: pl.DataFrame
    left_out: dict[str, int]
    warnings: tuple[str, ...]


def find(folder: Path, host: str, partner: str, options: Options | None = None) -> Opportunities:
    """Return what the two could make together in the host, best first.

    The score is the geometric mean of four parts, each 0 to 1: concentration (HHI of the host's
    imports), competitiveness (RCA / (1 + RCA) of the partner), feasibility (rank of the host's
    density among the products it does not make well), size (rank of the imports by value).

    Args:
        folder: written by ``coproduce trade ingest``.
        host, partner: country codes of the folder.
        options: what counts.

    Raises:
        SourceError: no such folder (S101, S102).
        ModelError: TX022 totals with the world only, TX010 no exports in the year.
        UsageError: TX030 unknown country or year, TX040 one country, TX041 options.

    Source:
        Balassa (1965) for RCA; Hidalgo et al. (2007) for density; the conditions are ours.
    """
    how = options or Options()
    if host == partner:
        raise UsageError(f"{host} and {partner} are one country; name two", code="TX040")
    dense = panels.build(folder)
    year = how.year or dense.years[-1]
    if year not in dense.years:
        panels.chosen_years(store.read_meta(folder), (year,))
    at = dense.years.index(year)
    h, p = dense.country(host), dense.country(partner)
    made = _complexity(dense, at, year)
    mine = _Columns(dense, made, h, p, at)
    keep, left_out = _conditions(mine, dense, how)
    table = _table(folder, dense, mine, keep, how)
    flows = _flows(folder, h, table)
    table = _with_reasons(table, host, partner)
    return Opportunities(table, flows, left_out, _warnings(folder, dense, made, at))


class _Columns:
    """Figures by product of the panel, those of complexity put at the same places (P)."""

    def __init__(self, dense: panels.Panel, made: Complexity, h: int, p: int, at: int) -> None:
        self.imports_usd = dense.imports_usd[h, :, at]
        self.hhi = np.nan_to_num(dense.hhi[h, :, at])
        top = dense.top[h, :, at, 0]
        self.top = top
        with np.errstate(divide="ignore", invalid="ignore"):
            self.top_share = dense.top_usd[h, :, at, 0] / self.imports_usd
        self.partner_usd = dense.exports_usd[p, :, at]
        self.years_dependent = geodep(dense).years_dependent[h, :, at]
        place = {name: i for i, name in enumerate(made.product_ids)}
        where = np.array([place.get(name, -1) for name in dense.product_ids])
        rows = {name: i for i, name in enumerate(made.country_ids)}
        host, partner = rows.get(dense.country_ids[h]), rows.get(dense.country_ids[p])
        self.host_rca = _at(made.rca, host, where)
        self.partner_rca = _at(made.rca, partner, where)
        self.density = _at(made.density, host, where)
        self.pci = np.where(where >= 0, made.pci[where], np.nan)


def _at(matrix: Floats, row: int | None, where: NDArray[np.int64]) -> Floats:
    """Return a row at the products of the panel; 0 for those, or a country, not measured."""
    if row is None:
        return np.zeros(len(where))
    return np.where(where >= 0, np.nan_to_num(matrix[row][where]), 0.0)


def _complexity(dense: panels.Panel, at: int, year: int) -> Complexity:
    exports = dense.exports_usd[:, :, at]
    if not exports.any():
        raise ModelError(f"there are no exports in {year}", code="TX010")
    return measure_complexity(
        exports, dense.country_ids, dense.product_ids, year=year, conventions=Conventions()
    )


def _conditions(
    mine: _Columns, dense: panels.Panel, how: Options
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    codes = dense.product_ids
    in_sector = np.array([code.startswith(how.prefixes or ("",)) for code in codes])
    asked = {
        "in the sector": in_sector,
        "imported enough": mine.imports_usd >= max(how.min_imports_usd, 1e-9),
        "imports concentrated": mine.hhi >= how.min_hhi,
        "partner competitive": mine.partner_rca >= how.min_partner_rca,
        "partner exports enough": mine.partner_usd >= how.min_partner_usd,
        "not made well by the host": mine.host_rca < how.max_host_rca,
        "related to what the host makes": mine.density >= how.min_density,
    }
    keep = np.ones(len(codes), bool)
    left_out = {}
    for name, holds in asked.items():
        left_out[name] = int((keep & ~holds).sum())
        keep &= holds
    return keep, left_out


def _rank(values: Floats, among: NDArray[np.bool_]) -> Floats:
    """Return the share of values among the chosen that are not above each (0–1, ties alike)."""
    ordered = np.sort(values[among])
    return np.searchsorted(ordered, values, side="right") / max(1, len(ordered))


def _table(
    folder: Path,
    dense: panels.Panel,
    mine: _Columns,
    keep: NDArray[np.bool_],
    how: Options,
) -> pl.DataFrame:
    parts = {
        "concentration": mine.hhi,
        "competitiveness": mine.partner_rca / (1.0 + mine.partner_rca),
        # without any related product the host is near to nothing, however many are as far
        "feasibility": np.where(
            mine.density > 0, _rank(mine.density, mine.host_rca < how.max_host_rca), 0.0
        ),
        "size": _rank(mine.imports_usd, mine.imports_usd > 0),
    }
    score = np.prod(list(parts.values()), axis=0) ** (1 / len(parts))
    chosen = np.flatnonzero(keep)
    country = np.asarray(dense.country_ids, dtype=object)
    top = mine.top[chosen].astype(np.int64)
    names = store.products(folder)
    return (
        pl.DataFrame(
            {
                "product": chosen.astype(np.uint32),
                "product_id": names["product_id"].gather(chosen),
                "description": names["description"].gather(chosen),
                "score": score[chosen],
                **{name: values[chosen] for name, values in parts.items()},
                "imports_usd": mine.imports_usd[chosen],
                "hhi": mine.hhi[chosen],
                "top_supplier_id": pl.Series(country[top].tolist(), dtype=pl.String),
                "top_share": mine.top_share[chosen],
                "years_dependent": mine.years_dependent[chosen],
                "partner_rca": mine.partner_rca[chosen],
                "partner_exports_usd": mine.partner_usd[chosen],
                "host_rca": mine.host_rca[chosen],
                "density": mine.density[chosen],
                "pci": pl.Series(mine.pci[chosen]).fill_nan(None),
            }
        )
        .sort(["score", "product_id"], descending=[True, False])
        .head(how.most)
        .with_row_index("rank", offset=1)
    )


def _flows(folder: Path, host: int, table: pl.DataFrame) -> pl.DataFrame:
    """Return who supplies the host with each product of the table, every year."""
    country_ids = store.countries(folder)["country_id"]
    rows = (
        store.scan_flows(folder)
        .filter(
            pl.col("importer") == host,
            pl.col("product").is_in(table["product"].to_list()),
            pl.col("exporter") != host,
        )
        .group_by("product", "exporter", "year")
        .agg(pl.col("value_usd").sum())
        .collect()
    )
    total = pl.col("value_usd").sum().over("product", "year")
    return (
        rows.with_columns(
            pl.col("product").cast(pl.UInt32),
            supplier_id=country_ids.gather(rows["exporter"]),
            share=pl.col("value_usd") / total,
        )
        .join(table.select("product", "rank", "product_id"), on="product")
        .select("rank", "product_id", "supplier_id", "year", "value_usd", "share")
        .sort(["rank", "year", "value_usd", "supplier_id"], descending=[False, True, True, False])
    )


def _with_reasons(table: pl.DataFrame, host: str, partner: str) -> pl.DataFrame:
    said = [_reason(row, host, partner) for row in table.iter_rows(named=True)]
    return table.drop("product").with_columns(
        reason_en=pl.Series([each.en for each in said], dtype=pl.String),
        reason_ru=pl.Series([each.ru for each in said], dtype=pl.String),
    )


def _reason(row: dict[str, float | str], host: str, partner: str) -> Words:
    share, near = (in_percent(float(row[name])) for name in ("top_share", "feasibility"))
    imports, exports = (
        in_full(float(row[name]) / 1e6, 1) for name in ("imports_usd", "partner_exports_usd")
    )
    advantage = in_full(float(row["partner_rca"]), 1)
    hhi, density = (in_full(float(row[name]), 2) for name in ("hhi", "density"))
    top = row["top_supplier_id"]
    is_partner = top == partner
    same = Words(", the partner itself", " — это сам партнёр") if is_partner else Words("", "")
    related = Words(
        f"makes related goods (density {density.en}, as near as or nearer than {near.en} of what "
        "it does not make well)",
        f"делает родственные товары (плотность {density.ru}, не дальше, чем {near.ru} того, что "
        "пока не делает хорошо)",
    )
    if not row["density"]:
        related = Words(
            "makes no related goods yet (density 0)",
            "пока не делает родственных товаров (плотность 0)",
        )
    return Words(
        f"{host} imports USD {imports.en} mn, {share.en} of it from {top}{same.en} "
        f"(HHI {hhi.en}); {partner} exports USD {exports.en} mn with an advantage of "
        f"{advantage.en}; {host} {related.en}.",
        f"{host} ввозит на {imports.ru} млн USD, из них {share.ru} из {top}{same.ru} "
        f"(HHI {hhi.ru}); {partner} вывозит на {exports.ru} млн USD с преимуществом "
        f"{advantage.ru}; {host} {related.ru}.",
    )


def _warnings(folder: Path, dense: panels.Panel, made: Complexity, at: int) -> tuple[str, ...]:
    sellers, buyers = (
        int((usd[:, :, at].sum(axis=1) > 0).sum())
        for usd in (dense.exports_usd, dense.imports_usd)
    )
    found = [*part_of_world(sellers, buyers, dense.years[at]), *made.warnings]
    meta = store.read_meta(folder)
    years = sorted(set(meta.years) & set(meta.is_provisional_years))
    if years:
        found.append(f"still to be revised by the source: {', '.join(map(str, years))}")
    return tuple(found)


__all__ = ["Opportunities", "Options", "find"]
