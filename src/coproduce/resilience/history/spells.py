"""Spells of shortage from files: when each began and ended, as far as the files say."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path

from coproduce.records.errors import DataError, UsageError
from coproduce.resilience.plain_csv import Row, read_rows

SPELL_COLUMNS = ("item_id", "start", "end", "last_seen")
LAYOUT_COLUMNS = (
    "layout_id",
    "item_column",
    "item_pattern",
    "state_column",
    "open_words",
    "closed_words",
    "date_column",
    "kind_column",
    "start_words",
    "date_formats",
    "source",
)


@dataclass(frozen=True, slots=True)
class Spell:
    """One spell: its length lies between two bounds.

    Attributes:
        low_days, high_days: bounds of its length; equal where it is known exactly, the upper one
            infinite where the spell had not ended when it was last seen.
    """

    item_id: str
    low_days: float
    high_days: float

    @property
    def kind(self) -> str:
        """``exact``, ``right`` (not ended), ``left`` (from nil) or ``interval``."""
        if self.high_days == math.inf:
            return "right"
        if self.high_days - self.low_days <= 0:
            return "exact"
        return "left" if self.low_days <= 0 else "interval"


@dataclass(frozen=True, slots=True)
class Spells:
    """Spells read, and what could not be used.

    Attributes:
        spells: every spell whose beginning is known within bounds.
        began_before: items already short in the first file: how long is not known, so they are
            left out; to count them would favour long spells.
        unnamed: rows without an item.
        rows: rows read.
    """

    spells: tuple[Spell, ...]
    began_before: int
    unnamed: int
    rows: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file says what it says; from a row of ``data/history_layouts.csv``."""

    item_column: str
    item_pattern: re.Pattern[str] | None
    state_column: str
    open_words: frozenset[str]
    closed_words: frozenset[str]
    date_column: str
    kind_column: str
    start_words: frozenset[str]
    date_formats: tuple[str, ...]


def layouts(path: Path | None = None) -> dict[str, Layout]:
    """Return the layouts of a file, or those that come along, by name."""
    along = resources.files("coproduce.resilience").joinpath("data", "history_layouts.csv")
    found = {}
    for row in read_rows(path or Path(str(along)), LAYOUT_COLUMNS):
        pattern = "" if row.is_empty("item_pattern") else row.text("item_pattern")
        found[row.text("layout_id")] = Layout(
            item_column=row.text("item_column"),
            item_pattern=re.compile(pattern) if pattern else None,
            state_column=row.text("state_column"),
            open_words=_words(row, "open_words"),
            closed_words=_words(row, "closed_words"),
            date_column=row.text("date_column"),
            kind_column=row.cells["kind_column"],
            start_words=_words(row, "start_words"),
            date_formats=tuple(row.text("date_formats").split(";")),
        )
    return found


def _words(row: Row, column: str) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in row.cells[column].split(";") if word)


def read_spells(path: Path) -> Spells:
    """Return the spells of a plain file: item_id, start, end (empty: not ended), last_seen.

    Dates are ISO, for example 2024-05-31; ``last_seen`` is the day up to which an open spell was
    watched.

    Raises:
        SourceError: S110, S111 if the file cannot be read.
        DataError: S112 for a cell, S140 if a spell ends before it starts.
    """
    found, rows = [], 0
    for row in read_rows(path, SPELL_COLUMNS, ("last_seen",)):
        rows += 1
        start = _iso(row, "start")
        is_open = row.is_empty("end")
        until = _iso(row, "last_seen" if is_open else "end")
        days = float((until - start).days)
        if days < 0:
            raise DataError(
                f"the spell of {row.text('item_id')} ends on {until}, before its start on {start}",
                code="S140",
                where=row.where,
            )
        found.append(Spell(row.text("item_id"), days, math.inf if is_open else days))
    return Spells(tuple(found), 0, 0, rows)


def _iso(row: Row, column: str) -> date:
    try:
        return date.fromisoformat(row.text(column))
    except ValueError:
        raise row.wrong(f"{column} is {row.text(column)!r}; write a day as 2024-05-31") from None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one copy says of an item: open or closed, since when, and whether it is new."""

    is_open: bool
    is_closed: bool
    day: date
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Copy:
    """One copy of the list: the last day in it and what it says of each item."""

    day: date
    items: dict[str, _Seen]
    unnamed: int
    rows: int


def read_snapshots(paths: Sequence[Path], layout: Layout) -> Spells:
    """Return the spells that a series of dated copies of a list shows.

    A spell begins between the last copy without it and the day of its row in the first copy with
    it, or on that day where the row is marked new. It ends on the day of the row that closes it,
    or, where it just leaves the list, between two copies; where it leaves by another road (the
    item is given up), it was seen up to the copy before. Bounds are kept as bounds.

    Args:
        paths: at least two copies, in any order; each is dated by its latest row.
        layout: how they say it.

    Raises:
        SourceError: S110, S111 if a file cannot be read.
        DataError: S112 for a day that is none, S141 for a copy without rows.
        UsageError: S142 for fewer than two copies.
    """
    if len(paths) < 2:
        raise UsageError("copies of at least two days are needed to see spells", code="S142")
    copies = sorted((_copy(path, layout) for path in paths), key=lambda one: one.day)
    items = sorted({item for copy in copies for item in copy.items})
    found: list[Spell] = []
    for item in items:
        found += _of_item(item, copies)
    first = copies[0].items.values()
    return Spells(
        tuple(found),
        began_before=sum(one.is_open for one in first),
        unnamed=sum(copy.unnamed for copy in copies),
        rows=sum(copy.rows for copy in copies),
    )


def _copy(path: Path, layout: Layout) -> _Copy:
    needed = (layout.item_column, layout.state_column, layout.date_column)
    seen: dict[str, list[_Seen]] = defaultdict(list)
    days: list[date] = []
    unnamed = rows = 0
    for row in read_rows(path, needed):
        rows += 1
        day = _day(row, layout)
        days.append(day)
        item = _item(row, layout)
        if not item:
            unnamed += 1
            continue
        state = row.cells.get(layout.state_column, "").lower()
        kind = row.cells.get(layout.kind_column, "").lower()
        seen[item].append(
            _Seen(
                state in layout.open_words,
                state in layout.closed_words,
                day,
                kind in layout.start_words,
            )
        )
    if not days:
        raise DataError("the copy has no rows", code="S141", where=path.name)
    return _Copy(max(days), {item: _one(rows) for item, rows in seen.items()}, unnamed, rows)


def _one(rows: Iterable[_Seen]) -> _Seen:
    """Return what several rows of an item say together: open if any is, else the latest."""
    ordered = sorted(rows, key=lambda one: (one.is_open, one.day))
    return ordered[-1]


def _item(row: Row, layout: Layout) -> str:
    text = row.cells.get(layout.item_column, "")
    if layout.item_pattern is None:
        return text
    found = layout.item_pattern.search(text)
    return found.group(1) if found else ""


def _day(row: Row, layout: Layout) -> date:
    text = row.text(layout.date_column)
    for form in layout.date_formats:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise row.wrong(
        f"{layout.date_column} is {text!r}; forms are {', '.join(layout.date_formats)}"
    )


def _of_item(item: str, copies: Sequence[_Copy]) -> list[Spell]:
    found: list[Spell] = []
    start: tuple[date, date] | None = None
    was_open = False
    for place, copy in enumerate(copies):
        seen = copy.items.get(item)
        is_open = seen is not None and seen.is_open
        before = copies[place - 1].day if place else None
        if is_open and not was_open and seen and before:
            start = _start(seen, before, copy.day)
        elif was_open and not is_open and start and before:
            found.append(_spell(item, start, _end(seen, before, copy.day)))
            start = None
        elif seen and seen.is_closed and not was_open and before and seen.day > before:
            # began and ended between two copies
            found.append(Spell(item, 0.0, float((seen.day - before).days)))
        was_open = is_open
    if was_open and start:
        found.append(_spell(item, start, (copies[-1].day, None)))
    return found


def _start(seen: _Seen, before: date, today: date) -> tuple[date, date]:
    day = min(max(seen.day, before), today)
    return (day, day) if seen.is_new and seen.day > before else (before, max(day, before))


def _end(seen: _Seen | None, before: date, today: date) -> tuple[date, date | None]:
    if seen is None:
        return before, today
    if seen.is_closed:
        return (seen.day, seen.day) if seen.day > before else (before, today)
    return before, None  # given up: not short any more, but not recovered either


def _spell(item: str, start: tuple[date, date], end: tuple[date, date | None]) -> Spell:
    low = max(0, (end[0] - start[1]).days)
    high = math.inf if end[1] is None else float(max(low, (end[1] - start[0]).days))
    return Spell(item, float(low), high)


__all__ = ["Layout", "Spell", "Spells", "layouts", "read_snapshots", "read_spells"]
