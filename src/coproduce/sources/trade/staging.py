"""The workbench of ingest: every row of every file, judged, in a database that spills to disk.

A row is kept, or it has a reason; nothing is deleted, so that the report can add up. What does
not fit into the memory goes to the work folder: the files may be larger than the memory.
"""

# ruff: noqa: S608  (queries are put together from our own words, numbers and checked codes)

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coproduce.records.errors import SourceError
from coproduce.sources.trade.files import Table

if TYPE_CHECKING:
    import duckdb

MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL")


class Reason(IntEnum):
    """Why a row is not among the flows."""

    YEAR = 1
    OTHER_YEAR = 2
    COUNTRY = 3
    UNKNOWN_COUNTRY = 4
    HS = 5
    OTHER_REVISION = 6
    VALUE = 7
    QUANTITY = 8
    SELF = 9
    WORLD = 10
    AGGREGATE_AREA = 11
    LEVEL = 12
    DETAIL = 13
    RE_EXPORT = 14
    PART_FLOW = 15
    REPEAT = 16
    OTHER_SIDE = 17
    NO_SUCCESSOR = 18
    DIRECTION = 19
    NOT_WORLD = 20
    ALL_RE_EXPORT = 21


WORDS: Mapping[Reason, str] = {
    Reason.YEAR: "no year",
    Reason.OTHER_YEAR: "another year than the file name says",
    Reason.COUNTRY: "no country code",
    Reason.UNKNOWN_COUNTRY: "unknown country",
    Reason.HS: "no HS code",
    Reason.OTHER_REVISION: "HS code not in the product table (another revision?)",
    Reason.VALUE: "no positive value",
    Reason.QUANTITY: "quantity is not a number",
    Reason.SELF: "exporter is importer",
    Reason.WORLD: "total with the world, not a partner",
    Reason.AGGREGATE_AREA: "area that contains other partners",
    Reason.LEVEL: "total or part of another product level",
    Reason.DETAIL: "part of a total that is also in the file",
    Reason.RE_EXPORT: "re-export or re-import, contained in the exports or imports",
    Reason.PART_FLOW: "part of the exports or imports, contained in them",
    Reason.REPEAT: "repeats an earlier row",
    Reason.OTHER_SIDE: "the other side's report of this pair is used",
    Reason.NO_SUCCESSOR: "HS code without successor in the concordance",
    Reason.DIRECTION: "neither import nor export",
    Reason.NOT_WORLD: "partner, while totals with the world were asked for",
    Reason.ALL_RE_EXPORT: "all of the exports are re-exports",
}

STAGED = """
create table staged (
  file usmallint, y smallint, e integer, m integer, p varchar, v double, q double,
  flags utinyint, side utinyint, rev varchar, key varchar, detail boolean, month utinyint,
  padded boolean,
  reason utinyint, raw varchar)
"""
COLUMNS = (
    "y",
    "e",
    "m",
    "p",
    "v",
    "q",
    "flags",
    "side",
    "rev",
    "key",
    "detail",
    "month",
    "padded",
)


@dataclass(slots=True)
class Loaded:
    """A file on the bench.

    Attributes:
        name, sha256: as in `Table`.
        first: row number on the bench of its first row.
        rows: how many.
        value_usd: their value as read.
    """

    name: str
    sha256: str
    first: int
    rows: int
    value_usd: float


class Bench:
    """A database of rows under judgement.

    Args:
        work: folder for the database and its spills.
        threads: of the engine.
        memory_mb: most memory for its operators.
    """

    def __init__(self, work: Path, *, threads: int = 1, memory_mb: int = 1024) -> None:
        import duckdb

        self.work = work
        self.loaded: list[Loaded] = []
        self.con: duckdb.DuckDBPyConnection = duckdb.connect(
            ":memory:",  # what does not fit goes to temp_directory; a file would be compressed
            config={
                "threads": threads,
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": str(work / "spill"),
            },
        )
        self.con.execute(STAGED)

    def close(self) -> None:
        """Close the database; its files go with the work folder."""
        self.con.close()

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run a statement.

        Raises:
            KeyboardInterrupt: the user stopped it.
            SourceError: S117 no memory or room on the disk is left.
        """
        with _in_our_words():
            self.con.execute(sql, list(values))

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the answer to a query; raises as `run`."""
        with _in_our_words():
            return list(self.con.execute(sql, list(values)).fetchall())

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Return the single cell of an answer."""
        return self.rows(sql, values)[0][0]

    def load(
        self,
        table: Table,
        select: Mapping[str, str],
        reason: str,
        raw: str = "",
        *,
        is_again: bool = False,
    ) -> None:
        """Put all rows of a table on the bench.

        Args:
            table: CSV; its columns are c0, c1 … in the expressions.
            select: an SQL expression for each of `COLUMNS`; those left out are empty.
            reason: SQL expression over those names: number of a `Reason`, or null.
            raw: helping columns that ``reason`` and ``select`` may use: ``expression as name, …``
            is_again: another column of values of a table that is already on the bench.

        Raises:
            SourceError: S113 no rows, S115 the table is broken, S116 the file stands here twice.
        """
        if not is_again and any(each.sha256 == table.sha256 for each in self.loaded):
            message = "the same file was given twice; every flow would count double"
            raise SourceError(message, code="S116", where=table.name)
        first = self.one("select count(*) from staged")
        cells = ", ".join(f"c{index}" for index in range(len(table.header)))
        helping = f", {raw}" if raw else ""
        chosen = ", ".join(f"{select.get(name, 'null')} as {name}" for name in COLUMNS)
        names = ", ".join(COLUMNS)
        sql = (
            f"insert into staged select {len(self.loaded)} as file, {names}, reason, "
            f"case when reason is not null then concat_ws('{table.delimiter}', {cells}) end "
            f"from (select *, {reason} as reason from (select {chosen}, {cells} "
            f"from (select *{helping} from {_read_csv(table)})))"
        )
        with _broken(table):
            self.run(sql)
        rows = self.one("select count(*) from staged") - first
        if rows == 0:
            raise SourceError("the file has a header and no rows", code="S113", where=table.name)
        value = "select fsum(v) from staged where file = ? and isfinite(v)"
        total = float(self.one(value, [len(self.loaded)]) or 0.0)
        self.loaded.append(Loaded(table.name, table.sha256, first, rows, total))

    def cells(self, table: Table, cell: str) -> set[str]:
        """Return the different contents of one column of a table, missing ones left out."""
        with _broken(table):
            return {row[0] for row in self.rows(f"select distinct {cell} from {_read_csv(table)}")}

    def mark(self, reason: Reason, where: str, values: Sequence[Any] = ()) -> None:
        """Give a reason to rows still kept for which an SQL condition holds."""
        self.run(
            f"update staged set reason = {int(reason)} where reason is null and ({where})",
            values,
        )

    def place(self, row: int) -> str:
        """Return file and line of a row on the bench."""
        for each in reversed(self.loaded):
            if row >= each.first:
                return f"{each.name}, line {row - each.first + 2}"
        return ""


def quoted(path: Path) -> str:
    """Return a path as an SQL literal."""
    text = str(path).replace("'", "''")
    return f"'{text}'"


def _read_csv(table: Table) -> str:
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(table.header)))
    return (
        f"read_csv({quoted(table.path)}, header=true, auto_detect=false, columns={{{columns}}}, "
        f"delim='{table.delimiter}', quote='\"', escape='\"', null_padding=true, "
        "nullstr='\x01')"
    )


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Turn the engine's interruption and its want of memory into what they are to the user."""
    import duckdb

    try:
        yield
    except (RuntimeError, duckdb.InterruptException) as error:
        if "interrupt" in str(error).lower():
            raise KeyboardInterrupt from None
        raise
    except duckdb.OutOfMemoryException as error:
        message = (
            f"the engine ran out of memory or of room on the disk ({str(error).splitlines()[0]}); "
            "raise --memory-mb, or write to a disk with more room"
        )
        raise SourceError(message, code="S117") from None


@contextmanager
def _broken(table: Table) -> Iterator[None]:
    """Say where a table is broken in words of ours."""
    import duckdb

    try:
        yield
    except duckdb.InvalidInputException as error:
        text = str(error)
        line = re.search(r"(?:CSV Error on )?Line: (\d+)", text)
        where = f"{table.name}, line {line[1]}" if line else table.name
        why = next((row for row in text.splitlines()[1:] if row.strip()), text.splitlines()[0])
        message = (
            f"the table is broken here ({why.strip()[:160]}); each row must have the "
            f"{len(table.header)} cells of the header"
        )
        raise SourceError(message, code="S115", where=where) from None


def number(cell: str, kind: str = "double") -> str:
    """Return the SQL expression of a number in a cell (blanks around it allowed), or null."""
    return f"try_cast({cell} as {kind})"


def is_missing(cell: str) -> str:
    """Return the SQL condition that a cell of text is empty or a mark for a missing value."""
    marks = ", ".join(f"'{mark}'" for mark in MISSING)
    return f"({cell} is null or trim({cell}) in ({marks}))"


def first_reason(*cases: tuple[Reason, str], fine: str = "false") -> str:
    """Return the SQL expression of the first reason whose condition holds, or null.

    Args:
        cases: reasons and conditions.
        fine: a cheap condition that implies that none of them holds; most rows stop there.
    """
    whens = " ".join(f"when {condition} then {int(reason)}" for reason, condition in cases)
    return f"(case when {fine} then null {whens} end)::utinyint"
