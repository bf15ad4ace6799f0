"""Checks across tables: what no single row can show to be wrong. Pure; no files, no clock.

Each check is a named function in a `checks_*` module, registered by `check`. A check that judges
row by row runs on the rows that are good in themselves; one that adds rows up or looks for missing
ones is left out while a table it needs has bad rows, since its verdict would only echo them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from coproduce.records.errors import Issue
from coproduce.records.programme import Programme, Settings

ROW = "row_in_file"
"""Column with the row number as a spreadsheet shows it; the header is row 1."""

SETTINGS_FILE = "programme.yaml"


@dataclass(frozen=True, slots=True)
class World:
    """What the checks look at.

    Attributes:
        settings: None where `programme.yaml` could not be read.
        tables: name → frame of good rows with `ROW`; a table that could not be read is absent.
        places: table → its file and sheet, for messages.
        read: name → frame of all rows, bad ones too, with null for cells that were not understood;
            a table that is not here has no bad rows.
        unclean: tables with rows that were left out because they are bad.
        known_regimes: tax regimes that the rules know; None: not checked.
    """

    settings: Settings | None
    tables: Mapping[str, pl.DataFrame]
    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    read: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    unclean: frozenset[str] = frozenset()
    known_regimes: Collection[str] | None = None

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    def place(self, table: str) -> tuple[str, str]:
        """Return the file and sheet of a table or of the settings file."""
        return self.places.get(table, (table if "." in table else f"{table}.csv", ""))

    def all_rows(self, table: str) -> pl.DataFrame:
        """Return a table with its bad rows: what they name, and are named by, still counts."""
        return self.read.get(table, self.tables[table])

    def keys(self, table: str, column: str) -> list[str]:
        """Return the values of a column that other tables may name."""
        values: list[str] = self.all_rows(table)[column].drop_nulls().unique().sort().to_list()
        return values

    def issue(
        self,
        code: str,
        table: str,
        message: str,
        *,
        row: int | None = None,
        column: str = "",
        value: object = "",
        is_warning: bool = False,
    ) -> Issue:
        """Return a problem placed in a table's file; ``table`` may be the settings file."""
        file, sheet = self.place(table)
        return Issue(code, message, file, sheet, row, column, str(value), is_warning)


Check = Callable[[World], Iterator[Issue]]


@dataclass(frozen=True, slots=True)
class _Registered:
    check: Check
    needs: tuple[str, ...]
    is_whole: bool
    needs_settings: bool


_CHECKS: list[_Registered] = []


def check(*needs: str, whole: bool = False, settings: bool = False) -> Callable[[Check], Check]:
    """Register a check.

    Args:
        needs: tables without which it cannot run.
        whole: it adds up or misses rows, so it needs these tables without bad rows.
        settings: it needs the settings.
    """

    def register(function: Check) -> Check:
        _CHECKS.append(_Registered(function, needs, whole, settings))
        return function

    return register


def validate(world: World) -> list[Issue]:
    """Return every problem and warning that the checks across tables find, in their order."""
    # the modules register their checks when they are first imported
    from coproduce.records import (  # noqa: F401
        checks_chain,
        checks_links,
        checks_needs,
        checks_places,
        checks_sums,
    )

    found = list(checks_links.foreign_keys_exist(world))
    places = {(issue.file, issue.sheet) for issue in found}
    dangling = {table for table in world.tables if world.place(table) in places}
    world = replace(world, unclean=world.unclean | dangling)
    for entry in _CHECKS:
        is_readable = all(table in world.tables for table in entry.needs)
        is_clean = not entry.is_whole or world.unclean.isdisjoint(entry.needs)
        has_settings = world.settings is not None or not entry.needs_settings
        if is_readable and is_clean and has_settings:
            found.extend(entry.check(world))
    return found


def validate_programme(
    programme: Programme, known_regimes: Collection[str] | None = None
) -> list[Issue]:
    """Return the problems of a programme held in memory; row 2 is the first row of a frame.

    Args:
        programme: its frames are valid against their schemas.
        known_regimes: tax regimes that the rules know; None: not checked.
    """
    tables = {
        name: frame.with_row_index(ROW, offset=2) for name, frame in programme.tables.items()
    }
    return validate(World(programme.settings, tables, known_regimes=known_regimes))
