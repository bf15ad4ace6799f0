"""The reference of all tables as Markdown, made from their declarations and nothing else.

``python -m coproduce.records.docs FILE`` writes it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dataframely as dy

from coproduce.records.handover import LAW_TABLES, OTHER_TABLES, PLAN_TABLES
from coproduce.records.tables import OPTIONAL_TABLES, TABLES

TYPES = {
    "identifier": "short name",
    "text": "text",
    "choice": "word",
    "number": "number",
    "year": "year",
    "count": "whole number",
    "flag": "true or false",
    "date": "date",
    "loose date": "date, as exact as known",
}
FACT_COLUMNS = ("status", "origin_id", "note")

INTRODUCTION = """\
# Tables

Made from the declarations in `src/coproduce/records` by `python -m coproduce.records.docs`; do not
edit. How files may look, and what each code of a problem means: [data.md](../data.md).

**Key** marks columns that together must differ in every row. **→** names the column of another
table in which the value must stand. An optional cell may be empty.
"""


def reference() -> str:
    """Return the whole reference as Markdown."""
    parts = [INTRODUCTION, "## Tables of a programme\n"]
    parts.append(
        "Tables with facts also have `status` (observed, reported, estimated, assumed or "
        "synthetic), `origin_id` (→ `origins.origin_id`) and an optional `note`; they are not "
        "repeated below.\n"
    )
    for name, schema in TABLES.items():
        parts.append(_section(name, schema, is_optional=name in OPTIONAL_TABLES))
    for title, tables in (
        ("Law tables, compiled from dated rules", LAW_TABLES),
        ("Plan tables", PLAN_TABLES),
        ("Tables that other rooms hand on", OTHER_TABLES),
    ):
        parts.append(f"## {title}\n")
        parts += [_section(name, schema) for name, schema in tables.items()]
    return "\n".join(parts)


def _section(name: str, schema: type[dy.Schema], *, is_optional: bool = False) -> str:
    meaning = " ".join((schema.__doc__ or "").split("\n\n")[0].split())
    columns = schema.columns()
    is_fact = all(column in columns for column in FACT_COLUMNS)
    notes = [word for word, holds in (("facts", is_fact), ("optional", is_optional)) if holds]
    title = f"### `{name}`" + (f" ({', '.join(notes)})" if notes else "")
    lines = [title, "", meaning, "", "| column | type | unit | allowed | meaning |"]
    lines.append("|---|---|---|---|---|")
    for column, declared in columns.items():
        if not (is_fact and column in FACT_COLUMNS):
            lines.append(_line(column, declared))
    return "\n".join([*lines, ""])


def _line(name: str, column: dy.Column) -> str:
    facts = column.metadata or {}
    kind = TYPES[facts.get("kind", "text")]
    marks = "".join(
        mark
        for mark, holds in ((" **key**", column.primary_key), (" optional", column.nullable))
        if holds
    )
    cells = (f"`{name}`", kind + marks, facts.get("unit", ""), _allowed(column), facts["meaning"])
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _allowed(column: dy.Column) -> str:
    facts = column.metadata or {}
    if facts.get("ref"):
        return f"→ `{facts['ref']}`"
    if facts.get("values"):
        return ", ".join(f"`{value}`" for value in facts["values"])
    if facts.get("pattern"):
        return f"`{facts['pattern']}`"
    low, high, above = facts.get("low"), facts.get("high"), facts.get("above")
    if facts.get("kind") == "year":
        low, high = 1990, 2100
    bounds = [
        f"{sign} {value:g}"
        for sign, value in (("≥", low), (">", above), ("≤", high))
        if value is not None
    ]
    return ", ".join(bounds)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
