"""The independent checker of a published problem and its solution file.

It reads both files itself and counts everything again; it shares no code with the reader, the
model, the provers or the writer. What it cannot check is the bound: that is the prover's word.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from coproduce.records.errors import SourceError


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: its name and where, in words."""

    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class _File:
    """The numbers of a problem file, as they stand there."""

    people: int
    tables: int
    slots: int
    morning: int
    meetings: list[list[int]]
    forbidden: list[set[int]]
    fixed: list[int]
    before: list[set[int]]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a timetable."""

    meeting: int
    first: int
    second: int
    slot: int
    table: int


def verify_files(problem_path: Path, solution_path: Path) -> tuple[Violation, ...]:
    """Return every broken rule of a solution; empty: it is a valid timetable as claimed.

    Args:
        problem_path: a ``.dzn`` file.
        solution_path: the JSON file of `schedule --solution`.

    Raises:
        SourceError: F421 if a file cannot be read as what it claims to be, F422 if the solution
            is the statement that there is none, which cannot be checked by counting.
    """
    return verify_texts(_text(problem_path), _text(solution_path))


def verify_texts(problem_text: str, solution_text: str) -> tuple[Violation, ...]:
    """Return every broken rule; as `verify_files`, from the texts of the two files."""
    file = _problem(problem_text)
    claimed, rows = _solution(solution_text)
    found = [*_complete(file, rows), *_rows_alone(file, rows)]
    found += [*_clashes(rows), *_order(file, rows), *_claims(file, rows, claimed)]
    return tuple(found)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot be read: {error}", code="F421", where=str(path)) from None


def _problem(text: str) -> _File:
    lines = [line.split("%")[0] for line in text.splitlines()]
    parts = dict(
        [side.strip() for side in statement.split("=", 1)]
        for statement in "\n".join(lines).split(";")
        if "=" in statement
    )

    def whole(text: str) -> list[int]:
        return [int(word) for word in re.split(r"[^0-9]+", text) if word]

    def sets(key: str, count: int) -> list[set[int]]:
        pieces = parts.get(key, "").split("{")[1:]
        listed = [set(whole(piece.split("}")[0])) for piece in pieces]
        return listed or [set() for _ in range(count)]

    try:
        people, slots = int(parts["nBusiness"]), int(parts["nTotalSlots"])
        numbers = whole(parts["requested"])
        meetings = [numbers[at : at + 3] for at in range(0, len(numbers), 3)]
        return _File(
            people,
            int(parts["nTables"]),
            slots,
            int(parts.get("nMorningSlots", slots)),
            meetings,
            sets("forbidden", people),
            whole(parts.get("fixed", "")) or [0] * len(meetings),
            sets("precedences", len(meetings)),
        )
    except (KeyError, ValueError) as error:
        raise SourceError(
            f"the problem file lacks or garbles {error}; give a .dzn file", code="F421"
        ) from None


def _solution(text: str) -> tuple[dict[str, Any], list[_Row]]:
    try:
        claimed = json.loads(text)
        if claimed["status"] == "infeasible":
            raise SourceError(
                "the solution says that no timetable exists; there is nothing to count, solve the "
                "problem again to have it proven again",
                code="F422",
            )
        rows = [
            _Row(*(int(row[key]) for key in ("meeting", "first", "second", "slot", "table")))
            for row in claimed["timetable"]
        ]
        int(claimed["objective"])
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"the solution file lacks or garbles {error}; give the file that "
            "`coproduce forum schedule FILE --solution F` wrote",
            code="F421",
        ) from None
    return claimed, rows


def _complete(file: _File, rows: list[_Row]) -> list[Violation]:
    found = []
    held: dict[int, int] = defaultdict(int)
    for row in rows:
        held[row.meeting] += 1
        if not 1 <= row.meeting <= len(file.meetings):
            found.append(Violation("unknown meeting", f"{row.meeting} is not in the file"))
        elif sorted((row.first, row.second)) != sorted(file.meetings[row.meeting - 1][:2]):
            found.append(
                Violation(
                    "wrong people",
                    f"meeting {row.meeting} is of {file.meetings[row.meeting - 1][:2]}, "
                    f"not of {[row.first, row.second]}",
                )
            )
    for number in range(1, len(file.meetings) + 1):
        if held[number] != 1:
            found.append(
                Violation("not held once", f"meeting {number} is held {held[number]} times")
            )
    return found


def _rows_alone(file: _File, rows: list[_Row]) -> list[Violation]:
    found = []
    for row in rows:
        if not 1 <= row.slot <= file.slots:
            found.append(Violation("unknown slot", f"meeting {row.meeting} is in slot {row.slot}"))
        if not 1 <= row.table <= file.tables:
            found.append(
                Violation("unknown table", f"meeting {row.meeting} is at table {row.table}")
            )
        if not 1 <= row.meeting <= len(file.meetings):
            continue
        first, second, session = file.meetings[row.meeting - 1]
        is_morning = row.slot <= file.morning
        if (session == 1 and not is_morning) or (session == 2 and is_morning):
            found.append(
                Violation("wrong session", f"meeting {row.meeting} may not be in slot {row.slot}")
            )
        for person in (first, second):
            if row.slot in file.forbidden[person - 1]:
                found.append(
                    Violation(
                        "forbidden slot",
                        f"participant {person} of meeting {row.meeting} is away in {row.slot}",
                    )
                )
        if file.fixed[row.meeting - 1] not in (0, row.slot):
            found.append(
                Violation(
                    "fixed meeting moved",
                    f"meeting {row.meeting} is fixed at slot {file.fixed[row.meeting - 1]}, "
                    f"not {row.slot}",
                )
            )
    return found


def _clashes(rows: list[_Row]) -> list[Violation]:
    people: dict[tuple[int, int], list[int]] = defaultdict(list)
    tables: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in rows:
        people[row.first, row.slot].append(row.meeting)
        people[row.second, row.slot].append(row.meeting)
        tables[row.table, row.slot].append(row.meeting)
    return [
        Violation(rule, f"{who} {number} has meetings {meetings} in slot {slot}")
        for rule, who, listed in (
            ("participant in two meetings", "participant", people),
            ("table used twice", "table", tables),
        )
        for (number, slot), meetings in listed.items()
        if len(meetings) > 1
    ]


def _order(file: _File, rows: list[_Row]) -> list[Violation]:
    slots = {row.meeting: row.slot for row in rows}
    return [
        Violation(
            "precedence",
            f"meeting {earlier} (slot {slots[earlier]}) must lie before meeting {number} "
            f"(slot {slots[number]})",
        )
        for number, wanted in enumerate(file.before, start=1)
        for earlier in sorted(wanted - {0})
        if earlier in slots and number in slots and slots[earlier] >= slots[number]
    ]


def _claims(file: _File, rows: list[_Row], claimed: dict[str, Any]) -> list[Violation]:
    avoidable = claimed.get("definition", "jair") == "avoidable"
    slots: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        slots[row.first].add(row.slot)
        slots[row.second].add(row.slot)
    breaks = [
        sum(
            _is_break(before, after, file.forbidden[person - 1] if avoidable else set())
            for before, after in pairwise(sorted(slots[person]))
        )
        for person in range(1, file.people + 1)
    ]
    found = []
    objective = int(claimed["objective"])
    if sum(breaks) != objective:
        found.append(Violation("wrong objective", f"{objective} claimed, {sum(breaks)} counted"))
    spread = max(breaks, default=0) - min(breaks, default=0)
    fairness = claimed.get("fairness")
    if fairness is not None and spread > fairness:
        found.append(
            Violation("unfair", f"breaks differ by {spread}, allowed is {claimed['fairness']}")
        )
    bound = claimed.get("bound")
    if bound is not None and bound > objective:
        found.append(Violation("impossible bound", f"{bound} is above the objective {objective}"))
    if claimed["status"] == "optimal" and bound != objective:
        found.append(Violation("not proven", f"called optimal with {objective} and bound {bound}"))
    return found


def _is_break(before: int, after: int, away: set[int]) -> bool:
    return any(slot not in away for slot in range(before + 1, after))


__all__ = ["Violation", "verify_files", "verify_texts"]
