"""Seeded made-up trade of BACI's shape: a trade data folder, a BACI CSV, or a table of exports.

    .venv-bench/bin/python benchmarks/synthetic_trade.py store OUT --rows 5000000 --years 1
    .venv-bench/bin/python benchmarks/synthetic_trade.py csv OUT --rows 5000000

226 countries x 5,022 products unless told otherwise. Countries have a size and a latent skill,
products a latent difficulty; which country makes what follows from both, who buys from whom from
the sizes, values are lognormal. The same seed gives the same rows. No row is real.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

COUNTRIES, PRODUCTS, SEED, FIRST_YEAR = 226, 5022, 20261122, 2015


@dataclass(frozen=True)
class World:
    """The made-up countries and products, and the years of their trade."""

    n_countries: int = COUNTRIES
    n_products: int = PRODUCTS
    seed: int = SEED

    def country_ids(self) -> list[str]:
        """Return codes of three letters, none of them meant."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        return [f"{letters[i // 26]}{letters[i % 26]}Q" for i in range(self.n_countries)]

    def product_ids(self) -> list[str]:
        """Return codes of six digits, ascending."""
        return [f"{10000 + 197 * i:06d}" for i in range(self.n_products)]


def flows(world: World, rows_per_year: int, n_years: int) -> pl.DataFrame:
    """Return flows of all years in the order of the trade data folder."""
    rng = np.random.default_rng(world.seed)
    C, P = world.n_countries, world.n_products
    size = rng.lognormal(0, 1.8, C)
    skill = 0.35 * np.log(size) + rng.normal(0, 0.8, C)
    difficulty = rng.normal(0, 1, P)
    market = rng.lognormal(0, 1.2, P)
    reach = size**0.55 / (size**0.55).sum()
    counts = _share_out(reach, int(rows_per_year * 1.05), (C - 1) * P)
    buyers = size**0.45
    parts = []
    for exporter in range(C):
        # A third of a country's basket is its own; the rest follows skill and difficulty.
        taste = rng.lognormal(0, 1.3, P)
        weight = taste * market**0.5 / (1 + np.exp(2.2 * (difficulty - skill[exporter])))
        buyer_weight = buyers * rng.lognormal(0, 0.6, C)
        buyer_weight[exporter] = 0
        cells = _cells(rng, weight, buyer_weight, counts[exporter], C * P, P)
        parts.append(_rows_of(rng, exporter, cells, P, size, market, taste, n_years))
    frame = pl.concat(parts)
    surplus = frame.height - rows_per_year * n_years
    if surplus > 0:
        keep = np.ones(frame.height, bool)
        keep[rng.choice(frame.height, surplus, replace=False)] = False
        frame = frame.filter(pl.Series(keep))
    return frame


def _share_out(reach: np.ndarray, rows: int, most: int) -> np.ndarray:
    """Return how many (buyer, product) cells each exporter has, none more than can be."""
    counts = np.minimum(reach * rows, 0.6 * most)
    for _ in range(20):
        counts = np.minimum(counts * rows / counts.sum(), 0.6 * most)
    return np.maximum(counts.astype(int), 3)


def _cells(
    rng: np.random.Generator,
    weight: np.ndarray,
    buyer_weight: np.ndarray,
    count: int,
    most: int,
    n_products: int,
) -> np.ndarray:
    """Return distinct cells buyer * P + product, ascending."""
    product_edges = np.cumsum(weight / weight.sum())
    buyer_edges = np.cumsum(buyer_weight / buyer_weight.sum())
    found = np.zeros(most, bool)
    missing = count
    for _ in range(40):
        draws = int(missing * 1.15) + 8
        product = np.searchsorted(product_edges, rng.random(draws) * product_edges[-1])
        buyer = np.searchsorted(buyer_edges, rng.random(draws) * buyer_edges[-1])
        found[buyer * n_products + product] = True
        missing = count - int(found.sum())
        if missing <= 0:
            break
    return np.flatnonzero(found)


def _rows_of(
    rng: np.random.Generator,
    exporter: int,
    cells: np.ndarray,
    n_products: int,
    size: np.ndarray,
    market: np.ndarray,
    taste: np.ndarray,
    n_years: int,
) -> pl.DataFrame:
    """Return one exporter's rows; a tenth of its cells is silent in each year of several."""
    buyer, product = np.divmod(cells, n_products)
    base = 20_000 * (size[exporter] * size[buyer]) ** 0.5 * market[product] * taste[product]
    base *= rng.lognormal(0, 1.5, len(cells))
    value = base[:, None] * rng.lognormal(0, 0.3, (len(cells), n_years)).cumprod(axis=1)
    value = np.maximum(np.round(value / 1000, 3), 0.001) * 1000
    is_there = rng.random(value.shape) < (0.955 if n_years > 1 else 2.0)
    row, year = np.nonzero(is_there)
    worth = value[row, year]
    tonnes = (worth / rng.lognormal(8, 1, len(worth))).astype(np.float32)
    return pl.DataFrame(
        {
            "year": (FIRST_YEAR + year).astype(np.int16),
            "exporter": np.full(len(row), exporter, np.uint16),
            "importer": buyer[row].astype(np.uint16),
            "product": product[row].astype(np.uint16),
            "value_usd": worth,
            "quantity_t": pl.Series(tonnes).set(pl.Series(rng.random(len(worth)) < 0.02), None),
            "flags": np.zeros(len(row), np.uint8),
        }
    )


def write_folder(out: Path, world: World, rows_per_year: int, n_years: int) -> None:
    """Write a trade data folder."""
    from coproduce.sources.trade import store

    frame = flows(world, rows_per_year, n_years)
    with store.writing(out) as fresh:
        frame.write_parquet(
            fresh / store.FLOWS,
            compression="zstd",
            statistics=True,
            row_group_size=store.ROWS_PER_GROUP,
        )
        codes = pl.DataFrame(
            {
                "country_id": world.country_ids(),
                "source_code": list(range(1, world.n_countries + 1)),
                "iso2": None,
                "name": [f"Country {code}" for code in world.country_ids()],
            }
        )
        goods = pl.DataFrame({"product_id": world.product_ids(), "description": None})
        store.write_tables(fresh, codes, goods)
        pl.DataFrame(schema=store.REJECTED_TYPES).write_parquet(fresh / store.REJECTED)
        meta = store.Meta(
            source="baci",
            revision="HS12",
            version="made-up",
            years=tuple(range(FIRST_YEAR, FIRST_YEAR + n_years)),
            notes=(f"made-up trade, seed {world.seed}; no row is real",),
        )
        store.write_texts(fresh, meta, {"rows_kept": frame.height}, "Made-up trade.\n")


def write_csv(out: Path, world: World, rows_per_year: int) -> Path:
    """Write one year as BACI publishes it, with its country and product tables; return the CSV."""
    out.mkdir(parents=True, exist_ok=True)
    frame = flows(world, rows_per_year, 1)
    codes, goods = np.arange(1, world.n_countries + 1), pl.Series(world.product_ids())
    path = out / f"BACI_HS12_Y{FIRST_YEAR}_V202601.csv"
    frame.select(
        t=pl.col("year"),
        i=pl.col("exporter").cast(pl.Int32) + 1,
        j=pl.col("importer").cast(pl.Int32) + 1,
        k=goods.gather(frame["product"].cast(pl.UInt32)).cast(pl.Int32).cast(pl.String),
        v=pl.col("value_usd") / 1000,
        q=pl.col("quantity_t").cast(pl.Float64).round(3).cast(pl.String).fill_null("NA"),
    ).write_csv(path)
    pl.DataFrame(
        {
            "country_code": codes,
            "country_name": [f"Country {code}" for code in world.country_ids()],
            "country_iso2": None,
            "country_iso3": world.country_ids(),
        }
    ).write_csv(out / "country_codes_V202601.csv")
    pl.DataFrame({"code": goods, "description": goods}).write_csv(
        out / "product_codes_HS12_V202601.csv"
    )
    return path


def exports(world: World, rows_per_year: int) -> pl.DataFrame:
    """Return one year's exports: year, country_id, product_id, value_usd."""
    frame = flows(world, rows_per_year, 1)
    summed = frame.group_by("year", "exporter", "product").agg(pl.col("value_usd").sum())
    summed = summed.sort("year", "exporter", "product")
    countries, goods = pl.Series(world.country_ids()), pl.Series(world.product_ids())
    return summed.select(
        pl.col("year").cast(pl.Int32),
        countries.gather(summed["exporter"].cast(pl.UInt32)).alias("country_id"),
        goods.gather(summed["product"].cast(pl.UInt32)).alias("product_id"),
        "value_usd",
    )


def main() -> None:
    """Write what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=("store", "csv", "exports"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows a year")
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--countries", type=int, default=COUNTRIES)
    parser.add_argument("--products", type=int, default=PRODUCTS)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    world = World(asked.countries, asked.products, asked.seed)
    if asked.kind == "store":
        write_folder(asked.out, world, asked.rows, asked.years)
    elif asked.kind == "csv":
        write_csv(asked.out, world, asked.rows)
    else:
        exports(world, asked.rows).write_parquet(asked.out)


if __name__ == "__main__":
    main()
