"""The solution file: written whole or not at all, read with its errors named."""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from coproduce.network.location.types import Answer, Reading
from coproduce.records.errors import SourceError, UsageError

SCHEMA = "coproduce-location/1"
_KEYS = ("schema", "instance", "answer", "opened", "plan", "certificate")


def summary(answer: Answer, kind: str, solution: Path | None = None) -> dict[str, Any]:
    """Return what the command prints: the problem solved and the answer, certificate in short.

    Args:
        answer: what was found.
        kind: of problem, for example ``sscfl``.
        solution: where the whole answer was written.
    """
    made = {"problem": kind} | asdict(answer)
    del made["plan"]
    made["opened"] = list(answer.opened)
    made["certificate"] = {
        key: value
        for key, value in answer.certificate.items()
        if isinstance(value, str | int | float | bool) or value is None
    }
    made["certificate"]["file"] = None if solution is None else str(solution)
    return _without_infinities(made)


def solution_record(
    path: Path, form: str, reading: Reading, answer: Answer, kind: str
) -> dict[str, Any]:
    """Return the content of the solution file; facilities and customers count from 0."""
    short = summary(answer, kind)
    del short["opened"], short["certificate"]
    return {
        "schema": SCHEMA,
        "instance": {
            "file": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "format": form,
            "kind": kind,
            "uncapacitated": reading.is_uncapacitated,
            "single_source": kind == "sscfl",
            "numbering": "facilities and customers count from 0 in the order of the file",
        },
        "answer": short,
        "opened": list(answer.opened),
        "plan": answer.plan,
        "certificate": _without_infinities(answer.certificate),
    }


def _without_infinities(made: dict[str, Any]) -> dict[str, Any]:
    """Return the record with None for infinite numbers, which JSON does not have."""
    return {
        key: _without_infinities(value)
        if isinstance(value, dict)
        else None
        if isinstance(value, float) and not math.isfinite(value)
        else value
        for key, value in made.items()
    }


def check_target(target: Path) -> None:
    """Refuse a place that cannot be written, before the search starts.

    Raises:
        UsageError: the folder does not exist, or the place is a folder (``U042``).
    """
    if not target.parent.is_dir():
        raise UsageError(f"the folder {target.parent} does not exist; make it", code="U042")
    if target.is_dir():
        raise UsageError(f"{target} is a folder; name a file", code="U042")


def write_solution(target: Path, record: dict[str, Any]) -> None:
    """Write a solution file whole or not at all."""
    check_target(target)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            json.dump(record, stream, separators=(",", ":"), allow_nan=False)
            stream.write("\n")
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def read_solution(path: Path) -> dict[str, Any]:
    """Return the content of a solution file.

    Raises:
        SourceError: not readable (``S040``), not JSON (``S041``) or not of our schema (``S042``).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot be read: {error}", code="S040", where=path.name) from error
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(
            f"is not JSON: {error.msg}", code="S041", where=f"{path.name}, line {error.lineno}"
        ) from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise SourceError(
            f"is no solution file of schema {SCHEMA}; write one with --solution",
            code="S042",
            where=path.name,
        )
    for key in _KEYS:
        if key not in record:
            raise SourceError(f"lacks the key {key!r}", code="S042", where=path.name)
    return record


def format_of(record: dict[str, Any], path: Path) -> str:
    """Return the format that a solution file says its problem has.

    Raises:
        SourceError: it says none (``S042``).
    """
    instance = record["instance"]
    if not isinstance(instance, dict) or not isinstance(instance.get("format"), str):
        raise SourceError("does not say the format", code="S042", where=path.name)
    return str(instance["format"])
