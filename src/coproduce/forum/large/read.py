"""A forum folder → `Forum`; every problem is named with its row, and then nothing is loaded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coproduce.forum.large.conflicts import conflicts
from coproduce.forum.large.rows import SHAPES, Row, read_rows
from coproduce.forum.large.types import (
    Event,
    Fixed,
    Forum,
    Interpreter,
    Participant,
    People,
    Request,
    Settings,
    Slot,
    Table,
    Wish,
)
from coproduce.forum.large.wishes import fold
from coproduce.records.errors import Issue, LoadError
from coproduce.sources.problems import Problems

EVERYBODY = "*"
MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")
WORDS = {"one_sided": ("held", "refused"), "interpretation": ("required", "noted")}


def read_forum(folder: Path) -> Forum:
    """Return the forum in a folder, checked; see `types` for the tables.

    Raises:
        LoadError: every problem found, each with a code (F201 to F226), file and row.
    """
    problems = Problems()
    if not folder.is_dir():
        message = "there is no such folder; give one that holds participants.csv and requests.csv"
        raise LoadError([Issue("F201", message, str(folder))])
    reader = _Reader(folder, problems)
    forum = reader.forum()
    if not problems.has_errors:
        problems.extend(conflicts(forum))
    if problems.has_errors:
        raise LoadError(problems.listed())
    return forum


class _Reader:
    """Reads the tables in the order in which they refer to one another."""

    def __init__(self, folder: Path, problems: Problems) -> None:
        self.folder, self.problems = folder, problems

    def rows(self, table: str) -> list[Row]:
        return list(read_rows(self.folder, table, self.problems))

    def forum(self) -> Forum:
        settings = self._settings()
        sessions = {
            row.text("session_id"): (row.text("name_en"), row.text("name_ru", row.text("name_en")))
            for row in self.rows("sessions")
        }
        slots = self._slots(sessions)
        people = self._participants(settings)
        interpreters = self._interpreters()
        events = self._events(slots, people)
        requests = self._requests(people, sessions, settings)
        groups = self._groups(people, sessions)
        tables = self._tables(people)
        wishes = fold(requests, groups, settings)
        fixed = self._fixed(slots, tables, wishes)
        return Forum(
            settings=settings,
            participants=people,
            slots=slots,
            tables=tables,
            wishes=wishes,
            requests=requests,
            interpreters=interpreters,
            absent=self._absent(slots, {*people, *interpreters, *tables}, events),
            events=events,
            fixed=fixed,
            precedences=self._precedences(wishes),
            sessions=sessions,
            policy=self._policy(events, people),
            conclusions=self._conclusions(events, people),
        )

    def _settings(self) -> Settings:
        values: dict[str, Any] = {}
        names = {item.name: item for item in fields(Settings)}
        for row in self.rows("settings"):
            key = row.text("key")
            if not row.known("key", key, names, "a setting"):
                continue
            default = names[key].default
            if isinstance(default, bool):
                values[key] = row.flag("value")
            elif isinstance(default, int):
                values[key] = row.whole("value", default)
            elif key in WORDS:
                values[key] = row.one_of("value", WORDS[key], str(default))
            elif key.endswith("time_zone"):
                values[key] = _zone(row, "value", str(default))
            else:
                values[key] = row.text("value", str(default))
        return Settings(**values)

    def _slots(self, sessions: Collection[str]) -> dict[str, Slot]:
        found = []
        for row in self.rows("slots"):
            session = row.text("session_id")
            if session:
                row.known("session_id", session, sessions, "in sessions.csv")
            for column in ("starts_at", "ends_at"):
                if not MOMENT.match(row.text(column)):
                    row.wrong("F203", "a local time such as 2027-10-06T12:15 is expected", column)
            found.append(
                Slot(
                    row.text("slot_id"),
                    row.whole("slot_no", 0),
                    row.text("starts_at"),
                    row.text("ends_at"),
                    row.flag("is_blocked"),
                    session,
                )
            )
        return {slot.slot_id: slot for slot in sorted(found, key=lambda s: (s.slot_no, s.slot_id))}

    def _participants(self, settings: Settings) -> dict[str, Participant]:
        types = {row.text("type_id"): row for row in self.rows("types")}
        found = {}
        for row in self.rows("participants"):
            name, type_id = row.text("participant_id"), row.text("type_id")
            if type_id:
                row.known("type_id", type_id, types, "in types.csv")
            kind = types.get(type_id)
            most = kind.whole("max_meetings", 1_000_000) if kind else 1_000_000
            least = kind.whole("min_meetings", 0) if kind else 0
            languages = frozenset(row.listed("languages"))
            own = "ru" if "ru" in languages and "en" not in languages else "en"
            found[name] = Participant(
                participant_id=name,
                name_en=row.text("name_en", name),
                name_ru=row.text("name_ru", row.text("name_en", name)),
                side=row.one_of("side", ("host", "partner", "other"), "other"),
                representatives=row.whole("representatives", 1, least=1),
                max_meetings=min(most, row.whole("max_meetings", most)),
                min_meetings=row.whole("min_meetings", least),
                languages=languages,
                language=row.one_of("language", ("en", "ru"), own),
                time_zone=_zone(row, "time_zone", settings.other_time_zone),
                type_id=type_id,
                company_id=row.text("company_id"),
                region_id=row.text("region_id"),
            )
        return dict(sorted(found.items()))

    def _interpreters(self) -> dict[str, Interpreter]:
        return {
            row.text("interpreter_id"): Interpreter(
                row.text("interpreter_id"),
                row.text("name_en"),
                row.text("name_ru", row.text("name_en")),
                frozenset(row.listed("languages")),
            )
            for row in self.rows("interpreters")
        }

    def _tables(self, people: Collection[str]) -> dict[str, Table]:
        found = {}
        for row in self.rows("tables"):
            owner = row.text("owner_id")
            if owner:
                row.known("owner_id", owner, people, "a participant", "F210")
            name = row.text("table_id")
            found[name] = Table(
                name,
                row.text("name_en", name),
                row.text("name_ru", row.text("name_en", name)),
                row.whole("seats", 4, least=2),
                row.whole("capacity", 1, least=1),
                row.number_of("x_m", 0.0),
                row.number_of("y_m", 0.0),
                owner,
            )
        return dict(sorted(found.items()))

    def _events(self, slots: Collection[str], people: Collection[str]) -> tuple[Event, ...]:
        found = []
        for row in self.rows("events"):
            listed = row.listed("people")
            named = [name for name in listed if name != EVERYBODY]
            for name in named:
                row.known("people", name, people, "a participant", "F210")
            for slot in row.listed("slots"):
                row.known("slots", slot, slots, "a slot")
            found.append(
                Event(
                    row.text("event_id"),
                    row.one_of("kind", ("plenary", "visit", "policy"), "visit"),
                    row.text("name_en"),
                    row.text("name_ru", row.text("name_en")),
                    row.text("place"),
                    row.listed("slots"),
                    frozenset(people if EVERYBODY in listed else named),
                )
            )
        return tuple(found)

    def _absent(
        self, slots: Collection[str], people: Collection[str], events: tuple[Event, ...]
    ) -> dict[str, frozenset[str]]:
        absent: dict[str, set[str]] = defaultdict(set)
        for row in self.rows("absences"):
            person, slot = row.text("person_id"), row.text("slot_id")
            who = "a participant, an interpreter or a table"
            if row.known("person_id", person, people, who, "F210") and row.known(
                "slot_id", slot, slots, "a slot"
            ):
                absent[person].add(slot)
        for event in events:
            for person in event.people:
                absent[person].update(event.slots)
        return {person: frozenset(missed) for person, missed in sorted(absent.items())}

    def _requests(
        self, people: Collection[str], sessions: Collection[str], settings: Settings
    ) -> tuple[Request, ...]:
        found = []
        suggested = self.rows("suggested")
        for row in (*self.rows("requests"), *suggested):
            who, wanted = row.text("participant_id"), row.text("wanted_id")
            if who == wanted:
                row.wrong("F211", f"{who} asks for a meeting with itself; remove the row")
                continue
            is_known = [
                row.known(column, name, people, "a participant", "F210")
                for column, name in (("participant_id", who), ("wanted_id", wanted))
            ]
            session = row.text("session_id")
            if session:
                row.known("session_id", session, sessions, "in sessions.csv")
            rank = row.whole("rank", 1, least=1)
            points = row.whole("weight", max(1, settings.rank_points + 1 - rank))
            if all(is_known):
                found.append(
                    Request(
                        who,
                        wanted,
                        row.one_of("kind", ("must", "meet", "never"), "meet"),
                        rank,
                        points,
                        session,
                        row.one_of("source", ("asked", "suggested"), "asked") == "suggested"
                        or row.file == "suggested.csv",
                        row.text("reason_en"),
                        row.text("reason_ru"),
                    )
                )
        asked = {(r.participant_id, r.wanted_id) for r in found if not r.is_suggested}
        return tuple(
            r for r in found if not r.is_suggested or (r.participant_id, r.wanted_id) not in asked
        )

    def _groups(self, people: Collection[str], sessions: Collection[str]) -> list[Wish]:
        found = []
        for row in self.rows("groups"):
            names = tuple(sorted(row.listed("people")))
            if len(names) < 2 or len(set(names)) < len(names):
                row.wrong("F211", "a group has two different people or more", "people")
            for name in names:
                row.known("people", name, people, "a participant", "F210")
            session = row.text("session_id")
            if session:
                row.known("session_id", session, sessions, "in sessions.csv")
            kind = row.one_of("kind", ("must", "meet"), "meet")
            limited = frozenset([session]) if session else frozenset[str]()
            found.append(Wish(names, kind, row.whole("weight", 0), (), False, limited))
        return found

    def _fixed(
        self, slots: Collection[str], tables: Collection[str], wishes: Collection[People]
    ) -> dict[People, Fixed]:
        found: dict[People, Fixed] = {}
        for row in self.rows("fixed"):
            people = self._meeting(row, "people", wishes)
            row.known("slot_id", row.text("slot_id"), slots, "a slot")
            table = row.text("table_id")
            if table:
                row.known("table_id", table, tables, "a table")
            if people in found:
                row.wrong("F215", f"{'+'.join(people)} is fixed in an earlier row already")
            found[people] = Fixed(people, row.text("slot_id"), table)
        return found

    def _precedences(self, wishes: Collection[People]) -> tuple[tuple[People, People], ...]:
        return tuple(
            (self._meeting(row, "first_people", wishes), self._meeting(row, "then_people", wishes))
            for row in self.rows("precedences")
        )

    def _meeting(self, row: Row, column: str, wishes: Collection[People]) -> People:
        people = tuple(sorted(row.listed(column)))
        if people not in wishes:
            row.wrong(
                "F212",
                f"nobody asks for the meeting {'+'.join(people)}; add it to requests.csv or "
                "groups.csv first",
                column,
            )
        return people

    def _policy(
        self, events: tuple[Event, ...], people: Collection[str]
    ) -> tuple[dict[str, str], ...]:
        known = {event.event_id for event in events if event.kind == "policy"}
        rows = self.rows("policy")
        for row in rows:
            row.known("event_id", row.text("event_id"), known, "an event of kind policy")
            for name in row.listed("speakers"):
                row.known("speakers", name, people, "a participant", "F210")
        return tuple(_plain(row, "policy") for row in rows)

    def _conclusions(
        self, events: tuple[Event, ...], people: Collection[str]
    ) -> tuple[dict[str, str], ...]:
        known = {event.event_id for event in events if event.kind == "policy"}
        rows = self.rows("conclusions")
        for row in rows:
            row.known("event_id", row.text("event_id"), known, "an event of kind policy")
            action = row.one_of("action", ("project", "rule", "none"), "none")
            if row.text("owner_id"):
                row.known("owner_id", row.text("owner_id"), people, "a participant", "F210")
            if action != "none" and not row.text("target"):
                row.wrong("F203", f"an action of kind {action} needs a target", "target")
            for column in ("value", "unit", "href") if action == "rule" else ():
                if not row.text(column):
                    row.wrong("F203", "a rule to test needs value, unit and href", column)
        return tuple(_plain(row, "conclusions") for row in rows)


def _plain(row: Row, table: str) -> dict[str, str]:
    shape = SHAPES[table]
    return {column: row.text(column) for column in (*shape.needed, *shape.optional)}


def _zone(row: Row, column: str, default: str) -> str:
    name = row.text(column, default)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        row.wrong("F203", "not a time zone of the IANA list, such as Asia/Tokyo", column)
        return default
    return name


__all__ = ["read_forum"]
