"""`coproduce check`: is this programme valid, and what was noticed while it was read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from coproduce.records.errors import Issue
    from coproduce.records.programme import Programme
    from coproduce.rules import RuleBook


def check(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Programme folder, XLSX or built-in name; else the default."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Validate every table and read the dated law; print each problem with its place.

    Ends with 0 if the programme is valid and with 1 if not. Writes nothing.

    Example: coproduce check my-programme
    """
    from coproduce.programmes import located
    from coproduce.records.errors import LoadError
    from coproduce.rules import load
    from coproduce.rules.regimes import regime_ids
    from coproduce.sources import read_programme

    path = located(folder)
    book = load()
    try:
        programme = read_programme(path, known_regimes=regime_ids(book))
        _compile_law(path, programme, book)
    except LoadError as error:
        _say_invalid(path, error.issues, as_json=as_json)
        raise typer.Exit(error.exit_code) from None
    _say_valid(path, programme, as_json=as_json)


def _compile_law(path: Path, programme: Programme, book: RuleBook) -> None:
    """Raise the programme's notes and the problem of the law, if a plan could not read it."""
    from coproduce.records.errors import Issue, LoadError, RuleError
    from coproduce.records.validate import SETTINGS_FILE
    from coproduce.rules.programme_law import compile_law

    try:
        compile_law(programme, book)
    except RuleError as error:
        # whatever leaf lacks a value, role, rule instant and horizon stand in the settings
        file, sheet = (path.name, "programme") if path.is_file() else (SETTINGS_FILE, "")
        if error.where.endswith(".csv"):
            table = error.where.removesuffix(".csv")
            file, sheet = (path.name, table) if path.is_file() else (error.where, "")
        problem = Issue(error.code, error.message, file=file, sheet=sheet)
        raise LoadError([problem, *programme.warnings]) from None


def _plain(issues: Sequence[Issue]) -> list[dict[str, object]]:
    return [{**asdict(issue), "where": issue.where} for issue in issues]


def _say_invalid(path: Path, issues: Sequence[Issue], *, as_json: bool) -> None:
    errors = [issue for issue in issues if not issue.is_warning]
    warnings = [issue for issue in issues if issue.is_warning]
    if as_json:
        record = {"path": str(path), "ok": False, "tables": {}, "issues": _plain(issues)}
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    for issue in errors:
        typer.echo(f"error   {issue}", err=True)
    for issue in warnings:
        typer.echo(f"noticed {issue}", err=True)
    noun = "problem" if len(errors) == 1 else "problems"
    typer.echo(f"{path}: {len(errors)} {noun}; nothing was loaded", err=True)


def _say_valid(path: Path, programme: Programme, *, as_json: bool) -> None:
    sizes = {name: frame.height for name, frame in programme.tables.items()}
    if as_json:
        record = {
            "path": str(path),
            "ok": True,
            "programme_id": programme.settings.programme_id,
            "content_hash": programme.content_hash,
            "tables": sizes,
            "issues": _plain(programme.warnings),
        }
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    for name, rows in sizes.items():
        typer.echo(f"{name:<20}{rows:>8,} {'row' if rows == 1 else 'rows'}")
    for issue in programme.warnings:
        typer.echo(f"noticed {issue}")
    typer.echo(
        f"ok: {programme.settings.programme_id}, {sum(sizes.values()):,} rows in "
        f"{sum(rows > 0 for rows in sizes.values())} tables, {len(programme.warnings)} noticed, "
        f"content {programme.content_hash[:12]}"
    )
