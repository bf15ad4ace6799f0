"""`coproduce forum replan`: what changes when somebody leaves, comes, or a table is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coproduce.records.errors import UsageError

if TYPE_CHECKING:
    from coproduce.forum.large.replan import Change, Replan


def replan(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Forum folder.")],
    timetable: Annotated[
        Path, typer.Argument(exists=True, help="What `schedule --solution` wrote.")
    ],
    drop_out: Annotated[list[str] | None, typer.Option(help="Participant who leaves.")] = None,
    no_show: Annotated[
        list[str] | None, typer.Option(help="PARTICIPANT:SLOT that is missed.")
    ] = None,
    late: Annotated[
        list[str] | None, typer.Option(help="PARTICIPANT:SLOT before which nobody comes.")
    ] = None,
    walk_in: Annotated[
        list[str] | None,
        typer.Option(help="Participant, already in the folder, who comes unannounced."),
    ] = None,
    lost_table: Annotated[
        list[str] | None, typer.Option(help="TABLE or TABLE:SLOT from which on it is lost.")
    ] = None,
    lost_slot: Annotated[list[str] | None, typer.Option(help="Slot that is lost.")] = None,
    frozen_until: Annotated[
        str, typer.Option(help="Last slot in which nothing changes any more.")
    ] = "",
    most_moves: Annotated[
        int, typer.Option(min=0, help="Most meetings that make way for affected ones.")
    ] = 3,
    out: Annotated[Path | None, typer.Option(help="Write the new timetable here.")] = None,
    lang: Annotated[str, typer.Option(help="en or ru: language of the reasons.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Change a timetable with the fewest moves; each change comes with its reason."""
    if lang not in ("en", "ru"):
        raise UsageError(f"--lang {lang!r} is not one of en, ru", code="F306")
    from coproduce.forum.large import read_answer, read_forum, verify_answer, write_answer
    from coproduce.forum.large.replan import Desk

    given = {
        "drop_out": drop_out,
        "no_show": no_show,
        "late_arrival": late,
        "walk_in": walk_in,
        "lost_table": lost_table,
        "lost_slot": lost_slot,
    }
    changes = [_change(kind, text) for kind, texts in given.items() for text in texts or ()]
    if not changes:
        raise UsageError("say what happened, for example --drop-out p00001", code="F306")
    forum = read_forum(folder)
    desk = Desk(forum, read_answer(timetable), frozen_until)
    done = [(change, desk.apply(change, most_moves=most_moves)) for change in changes]
    answer = desk.answer_now()
    faults = verify_answer(forum, answer)
    if faults:
        raise AssertionError(f"the re-plan breaks a rule: {faults[0]}")
    if out is not None:
        write_answer(answer, out)
    shown = [_plain(change, plan, lang) for change, plan in done]
    if as_json:
        typer.echo(json.dumps({"changes": shown, **answer.summary()}, ensure_ascii=False))
        return
    for each in shown:
        _say(each)
    typer.echo(f"{len(answer.meetings)} meetings, all rules checked")


def _change(kind: str, text: str) -> Change:
    from coproduce.forum.large.replan import Change

    if kind == "lost_slot":
        return Change(kind, "", text)
    subject, _, slot = text.partition(":")
    if kind in ("no_show", "late_arrival") and not slot:
        raise UsageError(f"{text!r}: write PARTICIPANT:SLOT", code="F306")
    return Change(kind, subject, slot)


def _plain(change: Change, plan: Replan, lang: str) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "subject": change.subject,
        "slot_id": change.slot_id,
        "moved": plan.moved,
        "moved_bound": plan.moved_bound,
        "lost": plan.lost,
        "is_most_kept": plan.is_most_kept,
        "seconds": round(plan.seconds, 4),
        "reserve": ["+".join(people) for people in plan.reserve],
        "steps": [
            {
                "what": step.what,
                "people": "+".join(step.people),
                "before": list(step.before),
                "after": list(step.after),
                "reason": step.reason.in_language(lang),
            }
            for step in plan.steps
        ],
    }


def _say(each: dict[str, Any]) -> None:
    typer.echo(
        f"{each['kind']} {each['subject']} {each['slot_id']}: {each['moved']} moved (at least "
        f"{each['moved_bound']}), {each['lost']} affected meetings lost"
        f"{'' if each['is_most_kept'] else ' (not proven least)'}, {each['seconds']:.3f} s"
    )
    for step in each["steps"]:
        before, after = (" ".join(step[name]) or "–" for name in ("before", "after"))
        typer.echo(
            f"  {step['what']:<10} {step['people']:<24} {before} → {after}  {step['reason']}"
        )
    if each["reserve"]:
        typer.echo(f"  reserve    {', '.join(each['reserve'])}")
