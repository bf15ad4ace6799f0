"""An answer as a file: plain JSON, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from coproduce.forum.large.types import Answer, Held, Refusal
from coproduce.records.errors import SourceError

FORMAT = "coproduce forum timetable 1"
MOST_BYTES = 200_000_000


def write_answer(answer: Answer, path: Path) -> None:
    """Write an answer as JSON."""
    write_whole(
        path, json.dumps({"format": FORMAT, **asdict(answer)}, ensure_ascii=False, indent=1)
    )


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and move it there once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        Path(name).chmod(0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_answer(path: Path) -> Answer:
    """Return the answer in a file.

    Raises:
        SourceError: F240 if the file is not an answer as we write it.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SourceError("too large for a timetable", code="F240", where=str(path))
        values = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", code="F240", where=str(path)
        ) from None
    except ValueError:
        raise SourceError("not a JSON text", code="F240", where=str(path)) from None
    if not isinstance(values, dict) or values.pop("format", "") != FORMAT:
        message = f"not a timetable as `coproduce forum schedule` writes it ({FORMAT})"
        raise SourceError(message, code="F240", where=str(path))
    try:
        meetings = tuple(_row(Held, row) for row in values.pop("meetings"))
        refused = tuple(_row(Refusal, row) for row in values.pop("refused"))
        absent = tuple((str(n), tuple(map(str, s))) for n, s in values.pop("absent"))
        released = tuple(tuple(map(str, people)) for people in values.pop("released"))
        lists: dict[str, Any] = {"absent": absent, "released": released, "refused": refused}
        return Answer(meetings=meetings, **lists, **_kept(Answer, values))
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        message = f"a field is missing or of a wrong kind ({error})"
        raise SourceError(message, code="F240", where=str(path)) from None


def _row(kind: Any, row: dict[str, Any]) -> Any:
    values = _kept(kind, row)
    values["people"] = tuple(map(str, values["people"]))
    if "slots" in values:
        values["slots"] = tuple(map(str, values["slots"]))
    return kind(**values)


def _kept(kind: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values if they are of the kinds declared."""
    plain = {"str": str, "int": int, "bool": bool}
    for item in fields(kind):
        expected = plain.get(str(item.type))
        value = values.get(item.name)
        if expected and value is not None and type(value) is not expected:
            raise TypeError(f"{item.name} is {value!r}")
    return dict(values)


__all__ = ["read_answer", "write_answer", "write_whole"]
