"""The canonical form of a programme: the same content has the same hash, however it was stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import polars as pl

from coproduce.records.programme import Settings
from coproduce.records.tables import TABLES


def plain_settings(settings: Settings) -> dict[str, Any]:
    """Return settings as plain values in the order of their declaration."""
    values = asdict(settings)
    values["rule_instant"] = settings.rule_instant.isoformat()
    values["stage_ids"] = list(settings.stage_ids)
    values["title"], values["summary"] = dict(settings.title), dict(settings.summary)
    values["rules"] = dict(settings.rules)
    values["stage_names"] = dict(settings.stage_names)
    values["finished_goods"] = dict(settings.finished_goods)
    for name in ("stage_names", "finished_goods"):
        if not values[name]:
            del values[name]  # what may be left out changes nothing where it is
    return values


def canonical_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame as text cells: shortest exact numbers, ISO dates, true and false."""
    return frame.select(_as_text(name, dtype) for name, dtype in frame.schema.items())


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Float64:
        # adding zero turns -0.0 into 0.0; a whole number loses its ".0"
        return (column + 0.0).cast(pl.String).str.replace(r"\.0$", "").alias(name)
    return column.cast(pl.String).alias(name)


def content_hash(settings: Settings, tables: Mapping[str, pl.DataFrame]) -> str:
    """Return SHA-256 over settings and all tables; the order of rows and of keys has no part.

    Args:
        settings: the programme's settings.
        tables: every declared table.
    """
    digest = hashlib.sha256()
    facts = json.dumps(plain_settings(settings), sort_keys=True, ensure_ascii=False)
    digest.update(facts.encode())
    for name, schema in TABLES.items():
        ordered = tables[name].select(schema.column_names()).sort(schema.primary_key())
        # Python's own shortest numbers, so that the hash outlives versions of other parts
        cells = ordered.with_columns(pl.col(pl.Float64) + 0.0, pl.col(pl.Date).cast(pl.String))
        rows = json.dumps(cells.rows(), ensure_ascii=False, separators=(",", ":"))
        digest.update(f"\n{name}\n{rows}".encode())
    return digest.hexdigest()
