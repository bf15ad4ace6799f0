"""Raw tables + settings → a programme, or all their problems at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from coproduce.records.errors import Issue, LoadError
from coproduce.records.programme import Programme, Settings
from coproduce.records.tables import OPTIONAL_TABLES, TABLES
from coproduce.records.validate import ROW, SETTINGS_FILE, World, validate
from coproduce.sources.canonical import content_hash
from coproduce.sources.problems import Problems
from coproduce.sources.raw import RawTable
from coproduce.sources.rowrules import good_rows
from coproduce.sources.typed import typed


@dataclass(slots=True)
class _Frames:
    good: dict[str, pl.DataFrame] = field(default_factory=dict)
    read: dict[str, pl.DataFrame] = field(default_factory=dict)
    unclean: set[str] = field(default_factory=set)


def assemble(
    raws: Mapping[str, RawTable],
    settings: Settings | None,
    problems: Problems,
    *,
    unreadable: Collection[str] = (),
    settings_place: tuple[str, str] = (SETTINGS_FILE, ""),
    missing_in: str | None = None,
    known_regimes: Collection[str] | None = None,
    readme: str = "",
) -> Programme:
    """Return the programme made of raw tables.

    Args:
        raws: table → its raw cells.
        settings: None if they could not be read (then `problems` says why).
        problems: what was found so far; more is added.
        unreadable: tables whose file is there but could not be read.
        settings_place: file and sheet of the settings.
        missing_in: workbook in which a missing table should be; None: it has its own CSV file.
        known_regimes: tax regimes that the rules know; None: not checked.
        readme: text about the programme.

    Raises:
        LoadError: all problems together, if at least one is not a warning.
    """
    frames = _Frames()
    for table in TABLES:
        if table in raws:
            _read(table, raws[table], frames, problems)
        elif table not in unreadable:
            _leave_out(table, frames, missing_in, problems)
    places = {raw.table: (raw.file, raw.sheet) for raw in raws.values()}
    world = World(
        settings,
        frames.good,
        places={**places, SETTINGS_FILE: settings_place},
        read=frames.read,
        unclean=frozenset(frames.unclean),
        known_regimes=known_regimes,
    )
    problems.extend(validate(world))
    found = _in_order(problems.listed(), raws)
    if settings is None or problems.has_errors:
        raise LoadError(found)
    tables = {table: frame.drop(ROW) for table, frame in frames.good.items()}
    return Programme(settings, tables, found, content_hash(settings, tables), readme)


def _read(table: str, raw: RawTable, frames: _Frames, problems: Problems) -> None:
    schema = TABLES[table]
    before = len(problems.issues)
    frame = typed(raw, schema, problems)
    if frame is None:
        return
    if frame.is_empty() and table not in OPTIONAL_TABLES:
        message = f"table {table} has a header but no rows; it must have at least one"
        problems.add(raw.issue("P024", message))
    good = good_rows(raw, frame, schema, problems)
    frames.good[table] = good
    frames.read[table] = frame
    if any(not issue.is_warning for issue in problems.issues[before:]):
        frames.unclean.add(table)


def _leave_out(table: str, frames: _Frames, missing_in: str | None, problems: Problems) -> None:
    if table in OPTIONAL_TABLES:
        empty = TABLES[table].create_empty().with_columns(pl.lit(None, pl.UInt32).alias(ROW))
        frames.good[table] = empty
        return
    file, sheet = (missing_in, table) if missing_in else (f"{table}.csv", "")
    what = "this sheet" if missing_in else "this file"
    message = f"{what} is missing; a programme needs table {table} (see `coproduce new --empty`)"
    problems.add(Issue("P002", message, file=file, sheet=sheet))


def _in_order(issues: Collection[Issue], raws: Mapping[str, RawTable]) -> tuple[Issue, ...]:
    """Return errors before warnings, each in the order of tables and rows."""
    order = {(raw.file, raw.sheet): number for number, raw in enumerate(raws.values(), start=1)}

    def key(issue: Issue) -> tuple[bool, int, int]:
        row = issue.row if issue.row is not None else 0
        return issue.is_warning, order.get((issue.file, issue.sheet), 0), row

    return tuple(sorted(issues, key=key))
