"""`coproduce rules`: what the law says on a day, why, and how far it was checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from coproduce.rules.book import RuleBook, Trace
    from coproduce.rules.model import RuleValue

_Found = TypeVar("_Found")

app = typer.Typer(
    help="Dated law: what holds on a day, as published by a day, and where it was read.",
    no_args_is_help=True,
)

KnownOption = Annotated[
    str, typer.Option("--known", help="Only law published by this day (YYYY-MM-DD).")
]
StatusOption = Annotated[
    list[str] | None,
    typer.Option(
        "--status",
        help="Serve this status too: proposed, expected. May be repeated.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command(epilog="Example: coproduce rules at 2027-01-01 --known 2025-12-31 --area ru.tax")
def at(
    day: Annotated[str, typer.Argument(metavar="DATE", help="Day of effect, YYYY-MM-DD.")],
    known: KnownOption = "",
    area: Annotated[str, typer.Option(help="Only leaves below this id, e.g. ru.tax.")] = "",
    status: StatusOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every rule in force on a day."""
    book = _book()
    view = _guard(lambda: book.at(_day(day), _day_or_none(known), _statuses(status)))
    values = view.values(area)
    if as_json:
        _print_json([_value_record(book, value) for value in values])
    else:
        _print_values(book, values, f"Rules in force on {day}")
    raise typer.Exit(0 if values else 1)


@app.command(epilog="Example: coproduce rules trace ru.access.strategic --at 2026-03-01")
def trace(
    leaf: Annotated[str, typer.Argument(help="Id of the leaf, e.g. ru.tax.profit.total.")],
    on: Annotated[str, typer.Option("--at", help="Day of effect; default: today.")] = "",
    known: KnownOption = "",
    status: StatusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every version of a rule and why each is served or passed over."""
    book = _book()
    day = _day(on) if on else date.today()
    found = _guard(lambda: book.trace(leaf, day, _day_or_none(known), _statuses(status)))
    if as_json:
        _print_json(_trace_record(book, found))
    else:
        _print_trace(found)
    raise typer.Exit(0 if found.served is not None else 1)


@app.command(epilog="Example: coproduce rules coverage --json")
def coverage(as_json: JsonOption = False) -> None:
    """Show how far each instrument of law was checked and what is missing."""
    book = _book()
    if as_json:
        _print_json(
            [
                {
                    "instrument": row.instrument,
                    "area": row.area,
                    "status": row.status,
                    "verified_from": _text(row.verified_from),
                    "verified_to": _text(row.verified_to),
                    "n_leaves": _n_leaves(book, row.area),
                    "missing": row.missing,
                }
                for row in book.coverage
            ]
        )
        return
    rows = [
        (
            row.instrument,
            row.area,
            row.status,
            f"{_text(row.verified_from)} to {_text(row.verified_to)}",
            str(_n_leaves(book, row.area)),
            row.missing,
        )
        for row in book.coverage
    ]
    _print_table(
        "Coverage of the law",
        ("instrument", "area", "status", "checked", "leaves", "missing"),
        rows,
    )


def _book() -> RuleBook:
    from coproduce import rules

    return _guard(rules.load)


def _guard(call: Callable[[], _Found]) -> _Found:
    """Run a call; print one of our own errors to stderr and leave with its exit code."""
    from coproduce.records.errors import CoproduceError

    try:
        return call()
    except CoproduceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is not a day; write YYYY-MM-DD, for example 2027-01-01"
        ) from error


def _day_or_none(text: str) -> date | None:
    return _day(text) if text else None


def _statuses(more: list[str] | None) -> Any:
    from coproduce.rules.model import DEFAULT_STATUSES, STATUSES

    for status in more or ():
        if status not in STATUSES:
            raise typer.BadParameter(f"{status!r} is not one of {', '.join(STATUSES)}")
    return (*DEFAULT_STATUSES, *(more or ()))


def _text(value: object) -> str:
    """Return a value of any kind on one line."""
    if value is None:
        return "-"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(part)}" for key, part in value.items())
    if isinstance(value, tuple):
        return "; ".join(_text(part) for part in value)
    return str(value)


def _n_leaves(book: RuleBook, area: str) -> int:
    return sum(leaf.area == area for leaf in book.leaves.values())


def _value_record(book: RuleBook, value: RuleValue) -> dict[str, Any]:
    leaf = book.leaf(value.leaf_id)
    return {
        "leaf_id": value.leaf_id,
        "label": {"en": leaf.label_en, "ru": leaf.label_ru},
        "value": value.value,
        "unit": value.unit,
        "low": value.low,
        "high": value.high,
        "operator": value.operator or None,
        "status": value.status,
        "evidence": value.evidence,
        "effect_from": value.effect_from,
        "known": value.known,
        "until": value.until,
        "checked": value.checked,
        "note": value.note,
        "references": [
            {"title": r.title, "number": r.number, "href": r.href, "method": r.method}
            for r in value.references
        ],
    }


def _trace_record(book: RuleBook, found: Trace) -> dict[str, Any]:
    return {
        "leaf_id": found.leaf.leaf_id,
        "effect": found.effect,
        "known": found.known,
        "served": _value_record(book, found.served) if found.served else None,
        "versions": [
            {
                "effect_from": None if t.version.effect == date.min else t.version.effect,
                "known": t.version.known,
                "value": t.version.value,
                "status": t.version.status,
                "is_served": t.is_served,
                "verdict": t.verdict,
                "line": f"{found.leaf.file}:{t.version.line}",
            }
            for t in found.versions
        ],
    }


def _print_json(record: object) -> None:
    import json

    typer.echo(json.dumps(record, ensure_ascii=False, indent=2, default=str))


def _print_values(book: RuleBook, values: tuple[RuleValue, ...], title: str) -> None:
    rows = [
        (
            value.leaf_id,
            book.leaf(value.leaf_id).label_en,
            _text(value.value),
            value.unit,
            value.status,
            _text(value.effect_from),
            _text(value.known),
        )
        for value in values
    ]
    _print_table(title, ("leaf", "rule", "value", "unit", "status", "from", "published"), rows)


def _print_trace(found: Trace) -> None:
    leaf = found.leaf
    by = f", as published by {found.known}" if found.known else ""
    typer.echo(f"{leaf.leaf_id}: {leaf.label_en} / {leaf.label_ru}")
    typer.echo(f"unit: {leaf.unit or '-'}; asked for {found.effect}{by}")
    rows = [
        (
            "open" if t.version.effect == date.min else str(t.version.effect),
            _text(t.version.known),
            _text(t.version.value),
            t.version.status,
            t.verdict,
        )
        for t in found.versions
    ]
    _print_table("Versions", ("from", "published", "value", "status", "verdict"), rows)
    if found.served is None:
        typer.echo("No such rule holds on that day.")
        return
    for reference in found.served.references:
        typer.echo(f"read in: {reference.title} {reference.href or reference.method}")
    typer.echo(f"evidence: {found.served.evidence}; last checked {found.served.checked}")
    if found.served.note:
        typer.echo(found.served.note)


def _print_table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
