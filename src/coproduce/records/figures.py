"""Figures: printed numbers that know what they are and what made them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coproduce.records.columns import STATUSES


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number.

    Attributes:
        figure_id: stable name, for example ``summary.self_sufficiency.after``.
        value: the number, full precision; None when it is not defined (then `note` says why).
        unit: its unit; money names currency and price base.
        label_en, label_ru: what it is, in words.
        status: the weakest status among the facts that made it.
        rows: facts used, as ``table:key|key``, for example ``prices:amoxicillin|retail``.
        rules: values of dated law used, as ``leaf@effect-date``.
        parts: other figures it is made of.
        method: formula or method, in one line.
        low, high: range, where known.
        note: anything a reader must know.
    """

    figure_id: str
    value: float | None
    unit: str
    label_en: str
    label_ru: str
    status: str
    rows: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    method: str = ""
    low: float | None = None
    high: float | None = None
    note: str = ""


def weakest(statuses: Iterable[str]) -> str:
    """Return the weakest of the given statuses; ``observed`` if there are none.

    Example:
        >>> weakest(["reported", "assumed", "observed"])
        'assumed'
    """
    return max(statuses, key=STATUSES.index, default=STATUSES[0])


def row_ref(table: str, *keys: object) -> str:
    """Return the reference of a fact row.

    Example:
        >>> row_ref("fx", "INR", 2027)
        'fx:INR|2027'
    """
    return f"{table}:{'|'.join(str(key) for key in keys)}"
