"""The reference of tables is what the declarations say, to the letter."""

from __future__ import annotations

import re
from pathlib import Path

from coproduce.records.docs import reference
from coproduce.records.tables import TABLES

ROOT = Path(__file__).parents[2]


def test_the_committed_reference_is_the_generated_one() -> None:
    committed = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    assert committed == reference(), "run python -m coproduce.records.docs"


def test_the_reference_has_every_table_and_column() -> None:
    text = reference()
    for table, schema in TABLES.items():
        start = re.search(rf"^### `{table}`", text, re.MULTILINE)
        assert start, table
        section = text[start.end() :].split("\n### ")[0]
        for column in schema.column_names():
            is_shared = column in ("status", "origin_id", "note") and "status" in (
                schema.column_names()
            )
            assert is_shared or f"| `{column}` |" in section, (table, column)


def test_every_code_of_a_problem_is_explained_in_the_documents() -> None:
    explained = set(
        re.findall(r"\b([PB]\d{3})\b", (ROOT / "docs" / "data.md").read_text(encoding="utf-8"))
    )
    used = {
        code
        for folder in ("sources", "records")
        for file in (ROOT / "src" / "coproduce" / folder).rglob("*.py")
        for code in re.findall(r'"([PB]\d{3})"', file.read_text(encoding="utf-8"))
    }
    assert used == explained
