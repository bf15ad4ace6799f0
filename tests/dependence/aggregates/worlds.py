"""Trade data folders made up for the aggregates: ties, doubled flags and gaps included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from coproduce.sources.trade import store

COUNTRIES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
PRODUCTS = ("010101", "290100", "300490", "850440")


def flows(seed: int, rows: int = 300) -> pl.DataFrame:
    """Return random flows of three years; every fourth value is round, so that ties occur."""
    random = np.random.default_rng(seed)
    exporter = random.integers(0, len(COUNTRIES), rows)
    importer = (exporter + random.integers(1, len(COUNTRIES), rows)) % len(COUNTRIES)
    value = np.where(random.random(rows) < 0.25, 1000.0, random.lognormal(8, 3, rows))
    frame = pl.DataFrame(
        {
            "year": random.integers(2019, 2022, rows),
            "exporter": exporter,
            "importer": importer,
            "product": random.integers(0, len(PRODUCTS), rows),
            "value_usd": value,
            "quantity_t": np.full(rows, 1.0),
            "flags": random.choice([0, 4], rows),
        }
    )
    return frame.unique(store.KEY, maintain_order=True)


def folder(path: Path, seed: int = 1) -> Path:
    """Write a trade data folder of random flows and return it."""
    countries = pl.DataFrame(
        {
            "country_id": COUNTRIES,
            "source_code": list(range(len(COUNTRIES))),
            "iso2": [name[:2] for name in COUNTRIES],
            "name": COUNTRIES,
        }
    )
    products = pl.DataFrame({"product_id": PRODUCTS, "description": PRODUCTS})
    store.write_store(
        path,
        flows=flows(seed),
        countries=countries,
        products=products,
        meta=store.Meta(source="baci", revision="HS17", version="test", years=(2019, 2020, 2021)),
    )
    return path
