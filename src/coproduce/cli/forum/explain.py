"""`coproduce forum explain`: why a request is not held and what would make it possible."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from coproduce.records.errors import UsageError


def explain(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Forum folder.")],
    timetable: Annotated[
        Path, typer.Argument(exists=True, help="What `schedule --solution` wrote.")
    ],
    participant: Annotated[str, typer.Argument(help="Id of the participant to tell.")],
    lang: Annotated[str, typer.Option(help="en or ru; the participant's own if left out.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Tell a participant why each request not held is not held, and what would help."""
    from coproduce.forum.large import read_answer, read_forum
    from coproduce.forum.large.explain import Explainer

    forum = read_forum(folder)
    if participant not in forum.participants:
        raise UsageError(f"{participant!r} is not a participant of {folder}", code="F307")
    tongue = lang or forum.participants[participant].language
    if tongue not in ("en", "ru"):
        raise UsageError(f"--lang {lang!r} is not one of en, ru", code="F307")
    told = Explainer(forum, read_answer(timetable)).of(participant)
    if as_json:
        rows = [
            {
                "other_id": each.other_id,
                "code": each.code,
                "reason": each.reason.in_language(tongue),
                "remedy": each.remedy.in_language(tongue),
            }
            for each in told
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for each in told:
        typer.echo(f"{each.other_id}: {each.reason.in_language(tongue)}")
        typer.echo(f"    {each.remedy.in_language(tongue)}")
    if not told:
        typer.echo("Every request is held.")
