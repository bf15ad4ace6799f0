"""A world of four countries and five products in two years, small enough for paper.

H buys pills from P alone and machines from P and Q, which R makes too; P makes pills and machines,
H makes grain and flour, which nobody else but R does. The second year is the first one doubled.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from coproduce.sources.trade import store

COUNTRIES = ("HHH", "PPP", "QQQ", "RRR")
PRODUCTS = {"100100": "grain", "110100": "flour", "294100": "substance", "300490": "pills",
            "847900": "machines"}  # fmt: skip
FLOWS = """
HHH QQQ 100100 60
HHH PPP 110100 40
HHH QQQ 300490 2
PPP HHH 300490 90
PPP QQQ 300490 10
PPP HHH 847900 30
PPP RRR 294100 20
QQQ HHH 847900 30
QQQ PPP 100100 5
QQQ HHH 300490 10
RRR HHH 294100 25
RRR QQQ 110100 15
RRR QQQ 847900 30
RRR PPP 100100 10
"""
MILLION = 1e6


def folder(path: Path, years: tuple[int, ...] = (2020, 2021), factor: float = 2.0) -> Path:
    """Write the world as a trade data folder and return it; each year is the last one times."""
    codes = list(PRODUCTS)
    rows = []
    for line in FLOWS.split("\n"):
        if not line:
            continue
        exporter, importer, product, value = line.split()
        for step, year in enumerate(years):
            rows.append(
                {
                    "year": year,
                    "exporter": COUNTRIES.index(exporter),
                    "importer": COUNTRIES.index(importer),
                    "product": codes.index(product),
                    "value_usd": float(value) * MILLION * factor**step,
                    "quantity_t": 1.0,
                    "flags": 0,
                }
            )
    store.write_store(
        path,
        flows=pl.DataFrame(rows),
        countries=pl.DataFrame(
            {
                "country_id": COUNTRIES,
                "source_code": [1, 2, 3, 4],
                "iso2": [name[:2] for name in COUNTRIES],
                "name": COUNTRIES,
            }
        ),
        products=pl.DataFrame({"product_id": codes, "description": list(PRODUCTS.values())}),
        meta=store.Meta(source="baci", revision="HS17", version="t", years=years),
    )
    return path
