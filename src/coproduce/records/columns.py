"""Columns of a table: type, unit, range, meaning and foreign key said once, in one line each.

The checks, the documents, the XLSX template and the web grid are all made from what is said here
(see `Column.metadata`), so nothing about a column is written a second time.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import dataframely as dy

STATUSES = ("observed", "reported", "estimated", "assumed", "synthetic")
"""How well a fact is known, best first. A result is as weak as the weakest row it rests on."""

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.+\-]*$"


def _metadata(meaning: str, **more: Any) -> dict[str, Any]:
    return {"meaning": meaning, **{name: value for name, value in more.items() if value}}


def identifier(meaning: str, *, key: bool = False, ref: str = "", optional: bool = False) -> Any:
    """A short machine name; ``ref="table.column"`` makes it a foreign key."""
    return dy.String(
        primary_key=key,
        nullable=optional and not key,
        regex=ID_PATTERN,
        description=meaning,
        metadata=_metadata(meaning, kind="identifier", ref=ref),
    )


def text(meaning: str, *, optional: bool = False, key: bool = False, pattern: str = "") -> Any:
    """Free text; ``pattern`` narrows it to a code such as an HS6 or an ATC code."""
    return dy.String(
        primary_key=key,
        nullable=optional and not key,
        min_length=1,
        regex=pattern or None,
        description=meaning,
        metadata=_metadata(meaning, kind="text", pattern=pattern),
    )


def choice(
    meaning: str, values: Collection[str], *, key: bool = False, optional: bool = False
) -> Any:
    """One of a closed list of words."""
    listed = "|".join(re.escape(value) for value in values)
    return dy.String(
        primary_key=key,
        nullable=optional and not key,
        regex=f"^({listed})$",
        description=meaning,
        metadata=_metadata(meaning, kind="choice", values=tuple(values)),
    )


def number(
    meaning: str,
    unit: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    optional: bool = False,
) -> Any:
    """A number with its unit; ``low``/``high`` are allowed themselves, ``above`` is not."""
    return dy.Float64(
        nullable=optional,
        min=low,
        max=high,
        min_exclusive=above,
        description=meaning,
        metadata={
            **_metadata(meaning, kind="number", unit=unit),
            "low": low,
            "high": high,
            "above": above,
        },
    )


def share(meaning: str, *, optional: bool = False) -> Any:
    """A share between 0 and 1; never a percentage."""
    return number(meaning, "share", low=0.0, high=1.0, optional=optional)


def calendar_year(meaning: str, *, key: bool = False, optional: bool = False) -> Any:
    """A calendar year between 1990 and 2100."""
    return dy.Int32(
        primary_key=key,
        nullable=optional and not key,
        min=1990,
        max=2100,
        description=meaning,
        metadata=_metadata(meaning, kind="year", unit="year"),
    )


def count(meaning: str, unit: str, *, low: int = 0, optional: bool = False) -> Any:
    """A whole number of things."""
    return dy.Int32(
        nullable=optional,
        min=low,
        description=meaning,
        metadata={**_metadata(meaning, kind="count", unit=unit), "low": low},
    )


def flag(meaning: str, *, optional: bool = False) -> Any:
    """Yes or no."""
    return dy.Bool(
        nullable=optional, description=meaning, metadata=_metadata(meaning, kind="flag")
    )


def day(meaning: str, *, optional: bool = False) -> Any:
    """A full date, ISO 8601."""
    return dy.Date(
        nullable=optional, description=meaning, metadata=_metadata(meaning, kind="date")
    )


def loose_date(meaning: str, *, optional: bool = False) -> Any:
    """A date as exact as its source gives it: ``2025``, ``2025-09`` or ``2025-09-10``."""
    return dy.String(
        nullable=optional,
        regex=r"^\d{4}(-\d{2}(-\d{2})?)?$",
        description=meaning,
        metadata=_metadata(meaning, kind="loose date"),
    )


class Fact(dy.Schema):
    """What each row that states a fact carries besides the fact itself."""

    status = choice("how well the fact is known", STATUSES)
    origin_id = identifier("who says so, or by which method it was set", ref="origins.origin_id")
    note = text("what a reader should know about this row", optional=True)
