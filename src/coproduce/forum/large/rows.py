"""One table of a forum folder: rows of text with their numbers, cells understood one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from coproduce.records.errors import Issue, SourceError
from coproduce.records.validate_words import shown, suggestion
from coproduce.sources import csvtext
from coproduce.sources.decode import MOST_BYTES, decode
from coproduce.sources.problems import Problems

FACT_COLUMNS = ("status", "origin_id", "note")
YES, NO = ("true", "yes", "1"), ("false", "no", "0", "")


@dataclass(frozen=True, slots=True)
class Shape:
    """Which columns a table must and may have; the first `keys` columns name its row."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    keys: int = 1
    may_be_missing: bool = True


SHAPES = {
    "participants": Shape(
        ("participant_id", "name_en", "side", "representatives", "max_meetings", "languages"),
        ("name_ru", "company_id", "region_id", "type_id", "min_meetings", "language", "time_zone"),
        may_be_missing=False,
    ),
    "requests": Shape(
        ("participant_id", "wanted_id", "kind"),
        ("rank", "weight", "session_id", "source", "reason_en", "reason_ru"),
        keys=2,
    ),
    "suggested": Shape(
        ("participant_id", "wanted_id", "kind"),
        ("rank", "weight", "session_id", "source", "reason_en", "reason_ru"),
        keys=2,
    ),
    "tables": Shape(
        ("table_id", "name_en"),
        ("name_ru", "seats", "capacity", "x_m", "y_m", "owner_id"),
        may_be_missing=False,
    ),
    "slots": Shape(
        ("slot_id", "slot_no", "starts_at", "ends_at", "is_blocked"),
        ("session_id",),
        may_be_missing=False,
    ),
    "settings": Shape(("key", "value")),
    "types": Shape(("type_id", "name_en"), ("name_ru", "max_meetings", "min_meetings")),
    "sessions": Shape(("session_id", "name_en"), ("name_ru",)),
    "absences": Shape(("person_id", "slot_id"), ("reason",), keys=2),
    "events": Shape(("event_id", "kind", "name_en", "slots"), ("name_ru", "place", "people")),
    "interpreters": Shape(("interpreter_id", "name_en", "languages"), ("name_ru",)),
    "groups": Shape(("people", "kind", "weight"), ("session_id",)),
    "fixed": Shape(("people", "slot_id"), ("table_id",)),
    "precedences": Shape(("first_people", "then_people"), keys=2),
    "policy": Shape(("event_id", "topic_en", "speakers"), ("topic_ru",), keys=2),
    "conclusions": Shape(
        ("conclusion_id", "event_id", "text_en", "action"),
        ("text_ru", "owner_id", "due", "target", "value", "unit", "effect_date", "href"),
    ),
}
"""Table → shape; its file is ``<name>.csv``."""


class Row:
    """One row; a cell that cannot be understood becomes a problem and a harmless value."""

    __slots__ = ("_cells", "_problems", "file", "number")

    def __init__(
        self, file: str, number: int, cells: dict[str, str | None], problems: Problems
    ) -> None:
        self.file, self.number, self._cells, self._problems = file, number, cells, problems

    def wrong(self, code: str, message: str, column: str = "") -> None:
        """Keep a problem of this row."""
        value = self._cells.get(column) or ""
        self._problems.add(Issue(code, message, self.file, "", self.number, column, value))

    def text(self, column: str, default: str = "") -> str:
        """Return the cell, or the default if it is empty or not there."""
        return self._cells.get(column) or default

    def whole(self, column: str, default: int, least: int = 0) -> int:
        """Return a whole number."""
        cell = self._cells.get(column)
        if not cell:
            return default
        plain = cell.removesuffix(".0")
        if plain.isdecimal() and plain.isascii() and least <= int(plain) <= 1_000_000:
            return int(plain)
        self.wrong(
            "F203",
            f"{shown(cell)} is not a whole number from {least} to 1,000,000; "
            "scale weights up if they have decimals",
            column,
        )
        return default

    def number_of(self, column: str, default: float) -> float:
        """Return a number."""
        cell = self._cells.get(column)
        if not cell:
            return default
        try:
            value = float(cell)
        except ValueError:
            value = float("nan")
        if abs(value) < 1e9:
            return value
        self.wrong("F203", f"{shown(cell)} is not a number below a billion", column)
        return default

    def one_of(self, column: str, allowed: Collection[str], default: str) -> str:
        """Return one of the allowed words."""
        cell = self._cells.get(column) or default
        if cell in allowed:
            return cell
        self.wrong("F203", f"{shown(cell)} is not one of {', '.join(allowed)}", column)
        return default

    def flag(self, column: str) -> bool:
        """Return a yes or a no."""
        cell = (self._cells.get(column) or "").lower()
        if cell not in (*YES, *NO):
            self.wrong("F203", f"{shown(cell)} is neither true nor false", column)
        return cell in YES

    def listed(self, column: str) -> tuple[str, ...]:
        """Return the parts of a list joined by ``+``."""
        cell = self._cells.get(column) or ""
        return tuple(part.strip() for part in cell.split("+") if part.strip())

    def known(
        self, column: str, name: str, known: Collection[str], what: str, code: str = "F212"
    ) -> bool:
        """Return whether a name is known; if not, keep a problem that names it."""
        if name in known:
            return True
        hint = suggestion(name, known)
        self.wrong(code, f"{shown(name)} is not {what}.{hint} Add it or correct the name", column)
        return False


def read_rows(folder: Path, table: str, problems: Problems) -> Iterator[Row]:
    """Yield the rows of a table; a missing optional table has none."""
    shape = SHAPES[table]
    file = folder / f"{table}.csv"
    if not file.is_file():
        if not shape.may_be_missing:
            message = f"this table is missing; it needs the columns {', '.join(shape.needed)}"
            problems.add(Issue("F201", message, file.name))
        return
    columns = (*shape.needed, *shape.optional, *FACT_COLUMNS)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise SourceError(f"larger than {MOST_BYTES:,} bytes", code="P004")
        text, warnings = decode(file.read_bytes(), file.name)
    except SourceError as error:
        problems.add(csvtext.refuse_text(error, file.name))
        return
    problems.extend(warnings)
    raw = csvtext.parse(text, table, file.name, columns, problems)
    if raw is None or not _has_columns(raw.header, shape, file.name, problems):
        return
    seen: dict[tuple[str | None, ...], int] = {}
    for number, values in zip(raw.row_numbers, raw.cells.iter_rows(), strict=True):
        cells = dict(zip(raw.header, values, strict=True))
        row = Row(file.name, number, cells, problems)
        key = tuple(cells[column] for column in shape.needed[: shape.keys])
        if None in key:
            row.wrong("F203", f"{' and '.join(shape.needed[: shape.keys])} must not be empty")
        elif key in seen:
            row.wrong("F204", f"{' + '.join(map(str, key))} stands in row {seen[key]} already")
        else:
            seen[key] = number
            yield row


def _has_columns(header: tuple[str, ...], shape: Shape, file: str, problems: Problems) -> bool:
    allowed = (*shape.needed, *shape.optional, *FACT_COLUMNS)
    missing = [column for column in shape.needed if column not in header]
    for column in missing:
        problems.add(Issue("F202", "this column is missing", file, row=1, column=column))
    for column in header:
        if column not in allowed:
            message = f"no column has this name.{suggestion(column, allowed)}"
            problems.add(Issue("F202", message, file, row=1, column=column))
        if header.count(column) > 1:
            problems.add(Issue("F202", "the column stands twice", file, row=1, column=column))
    return not missing and len(set(header)) == len(header)


__all__ = ["SHAPES", "Row", "read_rows"]
