"""Which items matter: a matrix of two criteria, votes of members, and the purchasing view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from coproduce.records.errors import DataError
from coproduce.resilience.exact.given import probability
from coproduce.resilience.plain_csv import Row, read_rows

LEVELS = ("low", "medium", "high")
MATRIX_COLUMNS = ("criterion_1", "criterion_2", "class_id", "status", "source")
ITEM_COLUMNS = ("item_id", "criterion_1", "criterion_2", "voters", "critical_votes", "source")
ITEM_OPTIONAL = ("criterion_1", "criterion_2", "voters", "critical_votes")
DATA = resources.files("coproduce.resilience").joinpath("data")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list.

    Attributes:
        criterion_1, criterion_2: ``low``, ``medium`` or ``high`` risk; empty where not judged.
        class_id: class by the matrix; empty where a criterion is not judged.
        votes_share: part of the members that call it critical; None where not voted on.
        is_listed: as many members as needed call it critical, or it stands on the list as given.
        source: where the row is from.
    """

    item_id: str
    criterion_1: str
    criterion_2: str
    class_id: str
    votes_share: float | None
    is_listed: bool
    source: str


def read_matrix(path: Path | None = None) -> dict[tuple[str, str], str]:
    """Return (criterion 1, criterion 2) → class, from a file or the one that comes along.

    Raises:
        SourceError: S110, S111 if the file cannot be read.
        DataError: S112 for a cell, S131 if a pair of levels is missing or stands twice.
    """
    file = path or Path(str(DATA.joinpath("criticality_matrix.csv")))
    found: dict[tuple[str, str], str] = {}
    for row in read_rows(file, MATRIX_COLUMNS):
        pair = (row.one_of("criterion_1", LEVELS), row.one_of("criterion_2", LEVELS))
        if pair in found:
            raise DataError(f"{' and '.join(pair)} stand twice", code="S131", where=row.where)
        found[pair] = row.text("class_id")
    missing = [f"{a}/{b}" for a in LEVELS for b in LEVELS if (a, b) not in found]
    if missing:
        raise DataError(
            f"there is no class for {', '.join(missing)}; all nine pairs are needed",
            code="S131",
            where=file.name,
        )
    return found


def read_items(
    path: Path | None = None,
    matrix: Mapping[tuple[str, str], str] | None = None,
    least_share: float = 1 / 3,
) -> dict[str, Item]:
    """Return the items of a list by their id.

    Args:
        path: a CSV file with `ITEM_COLUMNS`; None: the small sourced list that comes along.
        matrix: classes by both criteria; None: the one that comes along.
        least_share: part of the members that must call an item critical to list it.

    Raises:
        SourceError: S110, S111 if the file cannot be read.
        DataError: S103, S112 for a cell, S131 for an item that stands twice.
    """
    probability(least_share, "the least share of votes")
    classes = read_matrix() if matrix is None else matrix
    file = path or Path(str(DATA.joinpath("critical_items.csv")))
    found: dict[str, Item] = {}
    for row in read_rows(file, ITEM_COLUMNS, ITEM_OPTIONAL):
        item = _item(row, classes, least_share)
        if item.item_id in found:
            raise DataError(f"{item.item_id} stands twice", code="S131", where=row.where)
        found[item.item_id] = item
    return found


def _item(row: Row, classes: Mapping[tuple[str, str], str], least_share: float) -> Item:
    one, two = (
        "" if row.is_empty(name) else row.one_of(name, LEVELS)
        for name in ("criterion_1", "criterion_2")
    )
    votes = None
    if not row.is_empty("voters"):
        voters, critical = row.number("voters"), row.number("critical_votes")
        if not 0 <= critical <= voters or voters <= 0:
            raise row.wrong(f"{critical:g} of {voters:g} votes; votes lie between 0 and voters")
        votes = critical / voters
    return Item(
        item_id=row.text("item_id"),
        criterion_1=one,
        criterion_2=two,
        class_id=classes[one, two] if one and two else "",
        votes_share=votes,
        is_listed=votes is None or votes >= least_share - 1e-12,
        source=row.text("source"),
    )


QUADRANTS = {
    (True, True): "strategic",
    (True, False): "bottleneck",
    (False, True): "leverage",
    (False, False): "routine",
}


def kraljic(supply_risk: float, impact: float, risk_line: float, impact_line: float) -> str:
    """Return the quadrant of an item: strategic, bottleneck, leverage or routine.

    Args:
        supply_risk, impact: of the item, any scale.
        risk_line, impact_line: from here on high.

    Source: Kraljic, Purchasing Must Become Supply Management, Harvard Business Review 61 (1983).

    Example:
        >>> kraljic(0.9, 0.1, 0.5, 0.5)
        'bottleneck'
    """
    return QUADRANTS[supply_risk >= risk_line, impact >= impact_line]


__all__ = ["LEVELS", "Item", "kraljic", "read_items", "read_matrix"]
