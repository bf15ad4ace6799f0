"""The appraised case and its tables, as explanation and figures need them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coproduce.appraisal.case import Case, Worth
from coproduce.appraisal.types import Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """See `types.Result` for the tables."""

    case: Case
    worth: Worth
    verdict: Verdict
    parties: pl.DataFrame
    alternatives: pl.DataFrame
    statement: pl.DataFrame
    zone: pl.DataFrame
    levers: pl.DataFrame
    deals: pl.DataFrame
    states: pl.DataFrame


__all__ = ["Answer"]
