"""Reads the published ``.dzn`` files of the business-to-business meeting problem.

The arrays ``meetingsxBusiness`` and ``nMeetingsBusiness`` repeat what ``requested`` says and are
not read. A forbidden slot that does not exist (0 stands for "none") forbids nothing.

Source: format of Bofill, Coll, Garcia, Giráldez-Cru, Pesant, Suy, Villaret (2022), JAIR 74.
"""

from __future__ import annotations

import re
from pathlib import Path

from coproduce.forum.b2b.types import AFTERNOON, ANY, MORNING, Meeting, Problem
from coproduce.records.errors import SourceError

_ASSIGNMENT = re.compile(r"(\w+)\s*=\s*(.*?)\s*;", re.DOTALL)
_COMMENT = re.compile(r"%[^\n]*")
_INTEGER = re.compile(r"-?\d+")
_SET = re.compile(r"\{([^{}]*)\}|(-?\d+)\s*\.\.\s*(-?\d+)")
_LIST_CHARACTERS = re.compile(r"[\d\s,\-]*")
_KNOWN_SESSIONS = (MORNING, AFTERNOON, ANY)


def read_dzn(path: Path) -> Problem:
    """Return the problem of a ``.dzn`` file.

    Raises:
        SourceError: F401 unreadable, F402 a key is missing or malformed, F403 an unknown
            participant, F404 a meeting with oneself, F405 no table, F406 a number out of range.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"cannot be read as text: {error}; give a .dzn file", code="F401", where=str(path)
        ) from None
    return parse_dzn(text, path.name)


def parse_dzn(text: str, name: str) -> Problem:
    """Return the problem written in `text`; `name` is used in messages. See `read_dzn`."""
    return _Reader(text, name).problem()


class _Reader:
    """One file: its assignments, and complaints that name the place."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.values: dict[str, str] = {}
        self.lines: dict[str, int] = {}
        plain = _COMMENT.sub("", text)
        for found in _ASSIGNMENT.finditer(plain):
            key = found.group(1)
            if key in self.values:
                raise self.wrong(key, "is given twice; keep one")
            self.values[key] = found.group(2)
            self.lines[key] = plain.count("\n", 0, found.start()) + 1

    def wrong(self, key: str, message: str, code: str = "F402", line: int = 0) -> SourceError:
        number = line or self.lines.get(key, 0)
        place = f"{self.name}, line {number}" if number else self.name
        return SourceError(f"{key} {message}", code=code, where=place)

    def problem(self) -> Problem:
        people = self.count("nBusiness")
        slots = self.count("nTotalSlots")
        morning = self.count("nMorningSlots") if "nMorningSlots" in self.values else slots
        if morning > slots:
            raise self.wrong("nMorningSlots", f"is {morning}, more than all {slots} slots", "F406")
        meetings = self.meetings(people)
        tables = self.count("nTables")
        if tables == 0 and meetings:
            raise self.wrong(
                "nTables",
                f"is 0 and {len(meetings)} meetings need a table; give 1 or more",
                "F405",
            )
        before = self.sets("precedences", len(meetings))
        self.check_range("precedences", before, len(meetings))
        fixed = self.fixed(len(meetings), slots)
        forbidden = self.sets("forbidden", people)
        return Problem(
            self.name, people, tables, slots, morning, meetings, forbidden, fixed, before
        )

    def raw(self, key: str) -> str:
        if key not in self.values:
            raise self.wrong(key, f"is missing; a .dzn file of this problem says ``{key} = …;``")
        return self.values[key]

    def count(self, key: str) -> int:
        value = self.raw(key)
        if not value.isdigit():
            raise self.wrong(key, f"is {value[:40]!r}, allowed is a whole number of 0 or more")
        return int(value)

    def numbers(self, key: str, text: str) -> list[int]:
        if not _LIST_CHARACTERS.fullmatch(text):
            raise self.wrong(key, f"holds {text.strip()[:40]!r}, allowed are whole numbers")
        return [int(number) for number in _INTEGER.findall(text)]

    def body(self, key: str) -> str:
        value = self.raw(key)
        if not (value.startswith("[") and value.endswith("]")):
            raise self.wrong(key, "is not a list in square brackets")
        return value[1:-1]

    def meetings(self, people: int) -> tuple[Meeting, ...]:
        rows = self.body("requested").strip().strip("|").split("|")
        found: list[Meeting] = []
        for index, row in enumerate(rows):
            numbers = self.numbers("requested", row)
            if numbers:
                line = self.lines["requested"] + index
                found.append(self.meeting(len(found) + 1, numbers, people, line))
        expected = self.count("nMeetings")
        if len(found) != expected:
            raise self.wrong("requested", f"has {len(found)} rows, nMeetings says {expected}")
        return tuple(found)

    def meeting(self, number: int, row: list[int], people: int, line: int) -> Meeting:
        key = f"requested: meeting {number}"
        if len(row) != 3:
            raise self.wrong(
                key, f"has {len(row)} numbers; give first, second, session", line=line
            )
        first, second, session = row
        for person in (first, second):
            if not 1 <= person <= people:
                raise self.wrong(
                    key,
                    f"names participant {person}, who is unknown; allowed are 1 to {people}",
                    "F403",
                    line,
                )
        if first == second:
            raise self.wrong(
                key, f"is of participant {first} with itself; name two people", "F404", line
            )
        if session not in _KNOWN_SESSIONS:
            raise self.wrong(
                key,
                f"asks for session {session}; allowed are 1 (morning), 2 (afternoon), 3 (any)",
                "F406",
                line,
            )
        return Meeting(first, second, session)

    def sets(self, key: str, expected: int) -> tuple[frozenset[int], ...]:
        if key not in self.values:
            return (frozenset(),) * expected
        found: list[frozenset[int]] = []
        for listed, low, high in _SET.findall(self.body(key)):
            numbers = range(int(low), int(high) + 1) if low else self.numbers(key, listed)
            found.append(frozenset(numbers) - {0})
        if len(found) != expected:
            raise self.wrong(key, f"has {len(found)} sets, expected are {expected}")
        return tuple(found)

    def check_range(self, key: str, sets: tuple[frozenset[int], ...], most: int) -> None:
        for position, numbers in enumerate(sets, start=1):
            for number in numbers:
                if not 1 <= number <= most:
                    raise self.wrong(
                        f"{key}: entry {position}",
                        f"names {number}; allowed are 1 to {most}",
                        "F406",
                        self.lines[key],
                    )

    def fixed(self, meetings: int, slots: int) -> tuple[int, ...]:
        if "fixed" not in self.values:
            return (0,) * meetings
        found = self.numbers("fixed", self.body("fixed"))
        if len(found) != meetings:
            raise self.wrong("fixed", f"has {len(found)} numbers, expected are {meetings}")
        for number, slot in enumerate(found, start=1):
            if not 0 <= slot <= slots:
                raise self.wrong(
                    f"fixed: meeting {number}",
                    f"has slot {slot}; allowed are 1 to {slots}, or 0 for none",
                    "F406",
                    self.lines["fixed"],
                )
        return tuple(found)


__all__ = ["parse_dzn", "read_dzn"]
