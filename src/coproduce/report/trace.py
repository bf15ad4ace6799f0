"""From a printed figure back to its rows, rules and origins, from the output folder alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from coproduce.records.errors import UsageError
from coproduce.records.handover import PLAN_TABLES
from coproduce.records.tables import TABLES

if TYPE_CHECKING:
    from rich.tree import Tree

FIGURES_FILE = "figures.json"
PROGRAMME_PREFIX = "programme_"
PLAN_PREFIX = "plan_"


@dataclass(frozen=True, slots=True)
class TracedRow:
    """A fact row that a figure used; `values` is empty if the row was not found."""

    ref: str
    table: str
    values: Mapping[str, Any]

    @property
    def status(self) -> str:
        """How well the fact is known."""
        return str(self.values.get("status") or "")

    @property
    def origin_id(self) -> str:
        """Who says so."""
        return str(self.values.get("origin_id") or "")


@dataclass(frozen=True, slots=True)
class Trace:
    """A figure, what it is made of, and where each part of it comes from.

    Attributes:
        figure: the figure's own record.
        parts: traces of the figures it is made of.
        rows: its own fact rows.
        rules: records of the dated rules it used: label, value, dates, references.
        origins: records of the origins of its rows, in order of first use.
        missing: references that the folder does not hold; empty in a sound folder.
    """

    figure: Mapping[str, Any]
    parts: tuple[Trace, ...]
    rows: tuple[TracedRow, ...]
    rules: tuple[Mapping[str, Any], ...]
    origins: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the trace as plain values for JSON."""
        return {
            "figure": dict(self.figure),
            "rows": [{"ref": r.ref, "table": r.table, **_plain(r.values)} for r in self.rows],
            "rules": [dict(rule) for rule in self.rules],
            "origins": [_plain(origin) for origin in self.origins],
            "parts": [part.as_dict() for part in self.parts],
            "missing": list(self.missing),
        }

    def as_tree(self, max_rows: int = 8) -> Tree:
        """Return the trace as a tree for the terminal.

        Args:
            max_rows: most rows printed for each table; the rest is counted.
        """
        from coproduce.report.tree import tree_of

        return tree_of(self, max_rows)

    def all_origins(self) -> tuple[Mapping[str, Any], ...]:
        """Return the origins of the figure and of all its parts, each once."""
        found = {str(origin["origin_id"]): origin for origin in self.origins}
        for part in self.parts:
            for origin in part.all_origins():
                found.setdefault(str(origin["origin_id"]), origin)
        return tuple(found.values())


class Ledger:
    """Figures, rules and tables of a run, ready to be walked.

    Args:
        figures: records of all figures.
        rules: records of all rule versions used, each with ``rule_id``.
        tables: callable or mapping from table name to frame; names as in ``tables/``.
    """

    def __init__(
        self,
        figures: Sequence[Mapping[str, Any]],
        rules: Sequence[Mapping[str, Any]],
        tables: Mapping[str, pl.DataFrame],
    ) -> None:
        self.figures = {str(figure["figure_id"]): figure for figure in figures}
        self.rules = {str(rule["rule_id"]): rule for rule in rules}
        self._tables = tables
        self._indexes: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {}

    @cached_property
    def origins(self) -> dict[str, dict[str, Any]]:
        """Every origin by id."""
        frame = self._tables[f"{PROGRAMME_PREFIX}origins"]
        return {row["origin_id"]: row for row in frame.iter_rows(named=True)}

    def trace(self, figure_id: str, _above: tuple[str, ...] = ()) -> Trace:
        """Return the trace of a figure.

        Raises:
            UsageError: U210 if there is no such figure; the message names close ones.
        """
        figure = self.figures.get(figure_id)
        if figure is None:
            raise UsageError(_unknown(figure_id, self.figures), code="U210", where=FIGURES_FILE)
        parts = [
            self.trace(part, (*_above, figure_id))
            for part in figure["parts"]
            if part in self.figures and part not in _above and part != figure_id
        ]
        rows = [row for ref in figure["rows"] for row in self._rows(ref)]
        rules = [self.rules[ref] for ref in figure["rules"] if ref in self.rules]
        origins = dict.fromkeys(row.origin_id for row in rows if row.origin_id in self.origins)
        missing = [row.ref for row in rows if not row.values]
        missing += [ref for ref in figure["rules"] if ref not in self.rules]
        missing += [ref for ref in figure["parts"] if ref not in self.figures]
        return Trace(
            figure=figure,
            parts=tuple(parts),
            rows=tuple(rows),
            rules=tuple(rules),
            origins=tuple(self.origins[origin] for origin in origins),
            missing=tuple(missing),
        )

    def _rows(self, ref: str) -> list[TracedRow]:
        """Return the rows that a reference names: one, or all of a table for ``table:*``."""
        table, _, key = ref.partition(":")
        index = self._index(table)
        if key == "*":
            return [TracedRow(f"{table}:{'|'.join(k)}", table, row) for k, row in index.items()]
        wanted = tuple(key.split("|"))
        exact = index.get(wanted)
        if exact is not None:
            return [TracedRow(ref, table, exact)]
        starting = [(k, row) for k, row in index.items() if k[: len(wanted)] == wanted]
        if starting:
            return [TracedRow(f"{table}:{'|'.join(k)}", table, row) for k, row in starting]
        return [TracedRow(ref, table, {})]

    def _index(self, table: str) -> dict[tuple[str, ...], dict[str, Any]]:
        if table not in self._indexes:
            schemas = {**PLAN_TABLES, **TABLES}
            prefix = PROGRAMME_PREFIX if table in TABLES else PLAN_PREFIX
            name = f"{prefix}{table}"
            if table not in schemas or name not in self._tables:
                self._indexes[table] = {}
                return {}
            keys = schemas[table].primary_key()
            self._indexes[table] = {
                tuple(str(row[key]) for key in keys): row
                for row in self._tables[name].iter_rows(named=True)
            }
        return self._indexes[table]


class _Folder(Mapping[str, pl.DataFrame]):
    """The Parquet files of a folder, each read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.parquet"))}

    def __getitem__(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self._paths[name])

    def __iter__(self) -> Any:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _book(out: Path) -> dict[str, Any]:
    path = out / FIGURES_FILE
    if not path.is_file():
        raise UsageError(
            f"{out} holds no {FIGURES_FILE}; name a folder that `coproduce plan --out` wrote",
            code="U211",
            where=str(out),
        )
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def figures(out: Path) -> list[dict[str, Any]]:
    """Return the records of all figures of an output folder.

    Raises:
        UsageError: U211 if the folder holds no figures.
    """
    found: list[dict[str, Any]] = _book(out)["figures"]
    return found


def trace(out: Path, figure_id: str) -> Trace:
    """Return the trace of a figure, read from the output folder alone.

    Args:
        out: folder that a plan wrote.
        figure_id: id of the figure, for example ``summary.self_sufficiency.after``.

    Raises:
        UsageError: U211 if the folder holds no figures, U210 if there is no such figure.
    """
    book = _book(out)
    return Ledger(book["figures"], book["rules"], _Folder(out / "tables")).trace(figure_id)


def _unknown(figure_id: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(figure_id, known, n=5, cutoff=0.4)
    hint = f"; did you mean {', '.join(close)}?" if close else ""
    return (
        f"there is no figure {figure_id!r} among {len(known)}{hint} "
        "`coproduce trace OUT` lists all of them"
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }
