"""The forum folder, its schedule and the options: what is read, what comes out.

A forum folder holds CSV tables. A programme's own tables (participants, requests, tables, slots)
are a forum folder already; every other table and every column marked "optional" may be left out.
Lists within a cell are joined by ``+``; a meeting is named by its people, for example
``p001+p002``.

====================  ===========================================================================
file                  columns
====================  ===========================================================================
participants.csv      participant_id, name_en, side (host, partner, other), representatives,
                      max_meetings, languages; optional: name_ru, company_id, region_id, type_id,
                      min_meetings (sold), language (en or ru: what it is written to in),
                      time_zone (home)
requests.csv          participant_id, wanted_id, kind (must, meet, never); optional: rank (1 is
                      the dearest), weight (else made from the rank), session_id,
                      source (asked, suggested), reason_en, reason_ru
suggested.csv         optional; as requests.csv, every row a suggestion; a request goes before it
tables.csv            table_id, name_en; optional: name_ru, seats (delegations at one meeting),
                      capacity (meetings at once), x_m, y_m, owner_id (a booth)
slots.csv             slot_id, slot_no, starts_at, ends_at (local, ISO 8601 minute), is_blocked;
                      optional: session_id
settings.csv          optional; key, value: the fields of `Settings`
types.csv             type_id, name_en; optional: name_ru, max_meetings, min_meetings
sessions.csv          session_id, name_en; optional: name_ru
absences.csv          person_id (participant, interpreter or table), slot_id; optional: reason
events.csv            event_id, kind (plenary, visit, policy), name_en, slots (a+b); optional:
                      name_ru, place, people (a+b, or ``*`` for everybody)
interpreters.csv      interpreter_id, name_en, languages; optional: name_ru
groups.csv            people (a+b+c), kind (must, meet), weight; optional: session_id
fixed.csv             people (a+b), slot_id; optional: table_id
precedences.csv       first_people, then_people (each a+b)
policy.csv            event_id, topic_en, speakers (a+b); optional: topic_ru
conclusions.csv       conclusion_id, event_id, text_en, action (project, rule, none); optional:
                      text_ru, owner_id, due, target; for a rule: value, unit, effect_date, href
====================  ===========================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

People = tuple[str, ...]
"""Ids of those who meet, sorted; the name of the meeting."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the whole forum.

    Attributes:
        title_en, title_ru: of the forum.
        time_zone: of the place, IANA name; slots are given in it. Empty: not told, and then
            nothing with a time of day is printed.
        other_time_zone: second zone on what is printed.
        one_sided: ``held`` or ``refused``: whether a meeting that one side asks for may be held.
        rank_points: points of rank 1; rank r is worth ``max(1, rank_points + 1 - r)`` points; a
            weight, where one is given, is the points itself.
        mutual_weight, single_weight: points a and b of the two sides (0 if a side does not ask)
            make a meeting worth ``mutual_weight * a * b + single_weight * (a + b)``.
        interpretation: ``required``: no common language, no interpreter, no meeting; ``noted``:
            such a meeting is held and marked.
        missed_minimum_weight: worth given up for each sold meeting that cannot be held.
        is_synthetic: the people are made up; every page says so.
    """

    title_en: str = "Forum"
    title_ru: str = "Форум"
    time_zone: str = ""
    other_time_zone: str = "UTC"
    one_sided: str = "held"
    rank_points: int = 15
    mutual_weight: int = 4
    single_weight: int = 6
    interpretation: str = "noted"
    missed_minimum_weight: int = 2000
    is_synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Participant:
    """A delegation; limits are meetings over the whole forum."""

    participant_id: str
    name_en: str
    name_ru: str
    side: str
    representatives: int
    max_meetings: int
    min_meetings: int
    languages: frozenset[str]
    language: str
    time_zone: str
    type_id: str
    company_id: str
    region_id: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A time for one meeting; open slots of one day in a row are adjacent."""

    slot_id: str
    slot_no: int
    starts_at: str
    ends_at: str
    is_blocked: bool
    session_id: str

    @property
    def day(self) -> str:
        """Local date."""
        return self.starts_at[:10]


@dataclass(frozen=True, slots=True)
class Table:
    """A table or booth; `seats` delegations at one meeting, `capacity` meetings at once."""

    table_id: str
    name_en: str
    name_ru: str
    seats: int
    capacity: int
    x_m: float
    y_m: float
    owner_id: str


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Somebody who helps any two of its languages to meet, one meeting at a time."""

    interpreter_id: str
    name_en: str
    name_ru: str
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Request:
    """One side's wish; `points` are its weight, or made from its rank."""

    participant_id: str
    wanted_id: str
    kind: str
    rank: int
    points: int
    session_id: str
    is_suggested: bool
    reason_en: str
    reason_ru: str


@dataclass(frozen=True, slots=True)
class Event:
    """A plenary, visit or policy session; its people meet nobody in its slots."""

    event_id: str
    kind: str
    name_en: str
    name_ru: str
    place: str
    slots: tuple[str, ...]
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wish:
    """A possible meeting: both sides' requests, or a group, folded into one.

    Attributes:
        people: who meets.
        kind: ``must``, ``meet`` or ``never``.
        value: worth, a whole number.
        asked_by: the sides that ask; empty for a group or a suggestion.
        is_suggested: nobody asked, a match suggests it.
        sessions: sessions it may lie in; empty: any.
    """

    people: People
    kind: str
    value: int
    asked_by: tuple[str, ...]
    is_suggested: bool
    sessions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A meeting whose slot, and table if given, is set beforehand."""

    people: People
    slot_id: str
    table_id: str


@dataclass(frozen=True, slots=True)
class Forum:
    """A forum folder as read and checked.

    Attributes:
        participants, interpreters, tables, slots: by id, in the order of their ids (slots: of
            their numbers).
        wishes: one for each pair or group that somebody asks for or refuses, by people.
        requests: as given.
        absent: person → slots in which it cannot meet, events included.
        fixed: by people.
        precedences: the first meeting lies strictly before the second, if both are held.
        policy: event → topic and speakers; conclusions: rows as given.
    """

    settings: Settings
    participants: dict[str, Participant]
    slots: dict[str, Slot]
    tables: dict[str, Table]
    wishes: dict[People, Wish]
    requests: tuple[Request, ...]
    interpreters: dict[str, Interpreter] = field(default_factory=dict)
    absent: dict[str, frozenset[str]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    fixed: dict[People, Fixed] = field(default_factory=dict)
    precedences: tuple[tuple[People, People], ...] = ()
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)
    policy: tuple[dict[str, str], ...] = ()
    conclusions: tuple[dict[str, str], ...] = ()

    @property
    def open_slots(self) -> tuple[str, ...]:
        """Slots in which meetings may be held, in order."""
        return tuple(name for name, slot in self.slots.items() if not slot.is_blocked)


@dataclass(frozen=True, slots=True)
class Options:
    """How to schedule.

    Attributes:
        time_limit_s: most wall-clock seconds, polish included.
        seed, threads: of the search.
        definition: of a break: ``jair`` (two meetings in a row that are not in adjacent open slots
            of one day) or ``avoidable`` (only if the participant was free in between).
        fairness: most by which the breaks of two participants may differ; None: any.
        polish: spend what is left of the time on breaks, fairness, tables and walking.
        progress: told the share done (0–1) and what is being done.
        is_cancelled: asked often; True stops the work.
    """

    time_limit_s: float = 60.0
    seed: int = 1
    threads: int = 1
    definition: str = "jair"
    fairness: int | None = None
    polish: bool = True
    progress: Callable[[float, str], None] | None = None
    is_cancelled: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting in the timetable.

    Attributes:
        people, slot_id, table_id: who, when, where.
        interpreter_id: empty if none is needed or none is there.
        value: its worth.
        kind: ``must`` or ``meet``.
        is_suggested, is_fixed: nobody asked for it; its slot was set beforehand.
    """

    people: People
    slot_id: str
    table_id: str
    interpreter_id: str
    value: int
    kind: str
    is_suggested: bool
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a wished meeting is not held: a certificate that can be checked on the timetable.

    Attributes:
        people, value, kind: of the wish.
        code: ``never`` (one side refuses), ``one_sided`` (only one asks and the forum wants
            both), ``no_common_slot`` (not one open slot in which all are at the forum),
            ``participant_full`` (`full_id` holds as many meetings as it can, each of
            at least this worth, or bound to be held), ``participant_full_lower`` (it is full, with
            meetings some of which are worth less: they could not be exchanged without losing more
            elsewhere), ``no_free_slot`` (in each common slot one of them meets somebody),
            ``tables_full`` or ``interpreters_full`` (in each slot left), ``order`` (a precedence
            rules out each slot left), ``no_interpreter`` (no common language and nobody who
            speaks both), ``no_table_fits`` (a group larger than any table) or ``not_found``.
        full_id: who is full, if somebody is.
        least_value: least worth among the meetings of `full_id`.
        slots: the slots the certificate speaks of.
    """

    people: People
    value: int
    kind: str
    code: str
    full_id: str = ""
    least_value: int = 0
    slots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A schedule with its proof; never partial.

    Attributes:
        meetings: by slot, then table.
        refused: every wish not held, dearest first.
        objective: worth of the meetings less `Settings.missed_minimum_weight` for each sold
            meeting not held.
        bound: no timetable has a greater objective.
        status: ``optimal`` if they are equal, else ``feasible``.
        breaks, breaks_bound: and the least any timetable of these meetings can have.
        most_breaks: of one participant.
        musts, musts_held, missed_minimum: asked for, held, and sold meetings not held.
        table_changes, walked_m: from one meeting to the next within a day, all participants.
        seconds, seed, engine, definition: of the work.
        absent: person or table → slots it misses since the first timetable (re-plans).
        released: musts and fixed meetings that re-plans had to let go.
    """

    meetings: tuple[Held, ...]
    refused: tuple[Refusal, ...]
    objective: int
    bound: int
    status: str
    breaks: int
    breaks_bound: int
    most_breaks: int
    musts: int
    musts_held: int
    missed_minimum: int
    table_changes: int
    walked_m: float
    seconds: float
    seed: int
    engine: str
    definition: str = "jair"
    fairness: int | None = None
    absent: tuple[tuple[str, tuple[str, ...]], ...] = ()
    released: tuple[People, ...] = ()

    @property
    def gap(self) -> float:
        """Share by which the objective may be below the best: ``(bound - o) / max(1, |o|)``."""
        return (self.bound - self.objective) / max(1, abs(self.objective))

    def summary(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        skipped = {"meetings", "refused", "absent", "released"}
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in skipped}
        counts = {"meetings": len(self.meetings), "refused": len(self.refused), "gap": self.gap}
        return {**counts, **plain}


def forum_after(forum: Forum, answer: Answer) -> Forum:
    """Return the forum with what the answer's re-plans took note of: absences, released musts."""
    absent = dict(forum.absent)
    for name, slots in answer.absent:
        absent[name] = absent.get(name, frozenset()) | frozenset(slots)
    released = set(answer.released)
    wishes = {
        people: replace(wish, kind="meet") if people in released and wish.kind == "must" else wish
        for people, wish in forum.wishes.items()
    }
    fixed = {people: row for people, row in forum.fixed.items() if people not in released}
    return replace(forum, absent=absent, wishes=wishes, fixed=fixed)


__all__ = [
    "Answer",
    "Event",
    "Fixed",
    "Forum",
    "Held",
    "Interpreter",
    "Options",
    "Participant",
    "People",
    "Refusal",
    "Request",
    "Settings",
    "Slot",
    "Table",
    "Wish",
    "forum_after",
]
