"""Writes a solution as a JSON file, whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from coproduce.forum.b2b.types import Answer, Problem
from coproduce.records.errors import SourceError


def solution(problem: Problem, answer: Answer) -> dict[str, Any]:
    """Return what a solution file holds: the summary and every meeting with slot and table."""
    rows = zip(problem.meetings, answer.slots, answer.tables, strict=False)
    return {
        "problem": problem.name,
        **answer.summary(),
        "timetable": [
            {"meeting": n, "first": m.first, "second": m.second, "slot": slot, "table": table}
            for n, (m, slot, table) in enumerate(rows, start=1)
        ],
    }


def write_solution(path: Path, problem: Problem, answer: Answer) -> None:
    """Write the solution file.

    Raises:
        SourceError: F412 if the place cannot be written to.
    """
    text = json.dumps(solution(problem, answer), indent=1) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except OSError as error:
        raise SourceError(
            f"the solution cannot be written: {error.strerror or error}; give another place",
            code="F412",
            where=str(path),
        ) from None


__all__ = ["solution", "write_solution"]
