"""Tiny trade data folders, written in lines that can be read."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from coproduce.sources.trade import store


def folder(place: Path, lines: str, **meta: object) -> Path:
    """Return a folder with flows "year exporter importer product value [flags]" apart by ";"."""
    rows = [line.split() for line in lines.split(";") if line.strip()]
    countries = sorted({name for row in rows for name in row[1:3]})
    products = sorted({row[3] for row in rows})
    flows = pl.DataFrame(
        [
            {
                "year": int(row[0]),
                "exporter": countries.index(row[1]),
                "importer": countries.index(row[2]),
                "product": products.index(row[3]),
                "value_usd": float(row[4]),
                "quantity_t": None,
                "flags": int(row[5]) if len(row) > 5 else 0,
            }
            for row in rows
        ]
    )
    write(place, flows, countries, products, **meta)
    return place


def write(
    place: Path, flows: pl.DataFrame, countries: list[str], products: list[str], **meta: object
) -> None:
    """Write flows that already have indices."""
    store.write_store(
        place,
        flows=flows,
        countries=pl.DataFrame(
            {
                "country_id": countries,
                "source_code": list(range(len(countries))),
                "iso2": None,
                "name": countries,
            }
        ),
        products=pl.DataFrame({"product_id": products, "description": products}),
        meta=store.Meta(
            source="baci",
            revision="HS12",
            version="",
            years=tuple(flows["year"].unique().sort().to_list()),
            **meta,  # type: ignore[arg-type]
        ),
    )
