"""Safeguards as data: what can be bought, how much of it, and what it costs a year."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from coproduce.records.errors import SourceError

OWN = Path(__file__).with_name("kinds.csv")
KINDS = ("stock", "mandated_stock", "second_source", "framework", "penalty", "local_stage")
COLUMNS = ("kind", "name_en", "name_ru", "level", "unit", "level_name_en", "cost_share", "status")


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One safeguard at one level.

    Attributes:
        level: how much of it (in `unit`).
        cost_share: cost a year (share of the yearly value of what is bought).
    """

    kind: str
    name_en: str
    name_ru: str
    level: float
    unit: str
    level_name_en: str
    cost_share: float
    status: str

    @property
    def safeguard_id(self) -> str:
        """Return a stable name."""
        return f"{self.kind}-{self.level:.4g}"


def read_safeguards(path: Path | None = None) -> tuple[Safeguard, ...]:
    """Return the safeguards of a CSV file; our own, assumed ones if none is given.

    Raises:
        SourceError: S230 for a missing column, an unknown kind or a number out of range.
    """
    path = path or OWN
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(
            f"the file cannot be read: {error}", code="S230", where=path.name
        ) from None
    missing = [name for name in COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise SourceError(f"columns missing: {', '.join(missing)}", code="S230", where=path.name)
    return tuple(_safeguard(row, f"{path.name}, row {k}") for k, row in enumerate(rows, start=2))


def _safeguard(row: dict[str, str], where: str) -> Safeguard:
    kind = row["kind"]
    if kind not in KINDS:
        raise SourceError(
            f"kind {kind!r} is not known; use one of {', '.join(KINDS)}", code="S230", where=where
        )
    numbers = {}
    for name in ("level", "cost_share"):
        try:
            numbers[name] = float(row[name])
        except ValueError:
            numbers[name] = math.nan
        if not 0.0 <= numbers[name] < math.inf:
            raise SourceError(
                f"{name} is {row[name]!r}; it must be a number, nil or more",
                code="S230",
                where=where,
            )
    texts = {name: row[name] for name in COLUMNS if name not in numbers and name != "kind"}
    level = numbers["level"]
    limits = {"second_source": (0.0, 1.0), "local_stage": (0.0, 1.0), "penalty": (0.0, 1.0)}
    low, high = limits.get(kind, (1.0, math.inf) if kind == "framework" else (0.0, math.inf))
    if not low <= level <= high or (kind == "penalty" and level == 0.0):
        raise SourceError(
            f"level {level:g} of {kind} lies outside {low:g} to {high:g}", code="S230", where=where
        )
    return Safeguard(kind=kind, **texts, **numbers)  # type: ignore[arg-type]


__all__ = ["KINDS", "Safeguard", "read_safeguards"]
