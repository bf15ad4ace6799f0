"""The four queries on DuckDB; what does not fit in memory is spilled to disk."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from coproduce.engines import sql
from coproduce.records.errors import UsageError
from coproduce.sources.trade import store

_PER_FLOW = """(
    SELECT year, exporter, importer, product, sum(value_usd) AS value_usd
    FROM {flows} GROUP BY ALL
)"""
_PER_OTHER = _PER_FLOW.replace("{flows}", "{others}")

SUPPLIERS = """
WITH flow AS {per_flow}, most AS (
    SELECT year, importer, product, sum(value_usd) AS imports_usd,
        sum(value_usd * value_usd) AS squares_usd2, max(value_usd) AS top_usd,
        count(*) AS n_suppliers
    FROM flow GROUP BY ALL
)
SELECT most.year, most.importer, most.product, imports_usd, squares_usd2, n_suppliers, top_usd,
    min(exporter) AS top_exporter
FROM most JOIN flow ON flow.year = most.year AND flow.importer = most.importer
    AND flow.product = most.product AND flow.value_usd = most.top_usd
GROUP BY ALL ORDER BY ALL
""".replace("{per_flow}", _PER_FLOW)
EXPORTS = """
SELECT year, exporter, product, sum(value_usd) AS exports_usd
FROM {flows} GROUP BY ALL ORDER BY ALL
"""
PAIR = """
SELECT exporter, importer, product, year, sum(value_usd) AS value_usd
FROM {flows}
WHERE (exporter = $first AND importer = $second) OR (exporter = $second AND importer = $first)
GROUP BY ALL ORDER BY ALL
"""
MIRROR = """
WITH sent AS {per_flow}, got AS {per_other}
SELECT coalesce(sent.year, got.year) AS year, coalesce(sent.exporter, got.exporter) AS exporter,
    coalesce(sent.importer, got.importer) AS importer,
    coalesce(sent.product, got.product) AS product,
    sent.value_usd AS exporter_usd, got.value_usd / $cif_over_fob AS importer_usd
FROM sent FULL JOIN got ON sent.year = got.year AND sent.exporter = got.exporter
    AND sent.importer = got.importer AND sent.product = got.product
ORDER BY ALL
""".replace("{per_flow}", _PER_FLOW).replace("{per_other}", _PER_OTHER)


def suppliers(folder: Path, *, memory_mb: int = sql.MEMORY_MB, threads: int = 1) -> pl.DataFrame:
    """Return who supplies each importer with each product in each year, summed up.

    Columns: year, importer, product, imports_usd, squares_usd2 (sum of squared flows),
    n_suppliers, top_usd, top_exporter (of equal ones the first by name). The concentration is
    squares_usd2 / imports_usd².

    Args:
        folder: written by ``coproduce trade ingest``.
        memory_mb, threads: what the engine may use.

    Raises:
        SourceError: S101, S102 if it is no such folder.
        ModelError: E203 if memory and disk are not enough.
    """
    return _run(SUPPLIERS, folder, memory_mb=memory_mb, threads=threads)


def exports(folder: Path, *, memory_mb: int = sql.MEMORY_MB, threads: int = 1) -> pl.DataFrame:
    """Return each country's exports by product and year: year, exporter, product, exports_usd.

    Args and errors as `suppliers`.
    """
    return _run(EXPORTS, folder, memory_mb=memory_mb, threads=threads)


def pair(
    folder: Path,
    first: str,
    second: str,
    *,
    memory_mb: int = sql.MEMORY_MB,
    threads: int = 1,
) -> pl.DataFrame:
    """Return the flows of two countries both ways: exporter, importer, product, year, value_usd.

    Args:
        first, second: country codes, for example ISO 3166 alpha-3.

    Args and errors else as `suppliers`.

    Raises:
        UsageError: TX030 for an unknown country.
    """
    known = set(store.countries(folder)["country_id"])
    for name in (first, second):
        if name not in known:
            raise UsageError(f"no country {name!r} in the trade data", code="TX030")
    values = {"first": first, "second": second}
    return _run(PAIR, folder, values, memory_mb=memory_mb, threads=threads)


def mirror(
    sent: Path,
    got: Path,
    *,
    cif_over_fob: float = 1.0,
    memory_mb: int = sql.MEMORY_MB,
    threads: int = 1,
) -> pl.DataFrame:
    """Return each flow as told by the exporter and by the importer, side by side.

    Columns: year, exporter, importer, product, exporter_usd, importer_usd (divided by
    `cif_over_fob`); empty where one side tells nothing.

    Args:
        sent: folder of flows as exporters tell them.
        got: folder of flows as importers tell them.
        cif_over_fob: how much freight and insurance add to the value at the border.

    Args and errors else as `suppliers`.
    """
    values = {"cif_over_fob": cif_over_fob}
    return _run(MIRROR, sent, values, others=got, memory_mb=memory_mb, threads=threads)


def named(folder: Path) -> str:
    """Return the relation of a folder's flows with the names of countries and products.

    Names are joined in after grouping would be cheaper, but one text serves all four queries,
    and DuckDB keeps the two small tables in memory.
    """
    flows = sql.literal(store.flows_path(folder))
    countries, products = (
        sql.literal(folder / name) for name in (store.COUNTRIES, store.PRODUCTS)
    )
    return f"""(
        SELECT year, sender.country_id AS exporter, buyer.country_id AS importer,
            good.product_id AS product, value_usd
        FROM read_parquet({flows}) AS flow
        JOIN read_parquet({countries}) AS sender ON sender.index = flow.exporter
        JOIN read_parquet({countries}) AS buyer ON buyer.index = flow.importer
        JOIN read_parquet({products}) AS good ON good.index = flow.product
    )"""  # noqa: S608 — paths are quoted, nothing else is put in


def _run(
    text: str,
    folder: Path,
    values: dict[str, str] | dict[str, float] | None = None,
    *,
    others: Path | None = None,
    memory_mb: int,
    threads: int,
) -> pl.DataFrame:
    relations = {"flows": named(folder), "others": named(others) if others else ""}
    with sql.duck(memory_mb=memory_mb, threads=threads) as engine:
        return engine.query(text.format(**relations), values)


__all__ = ["exports", "mirror", "named", "pair", "suppliers"]
