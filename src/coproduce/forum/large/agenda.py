"""What each participant does when: the rows that every print is made from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from coproduce.forum.large.types import Answer, Forum, Held
from coproduce.records.errors import UsageError
from coproduce.records.words import Words

LABELS = {
    "agenda": Words("Meetings of", "Встречи участника"),
    "time": Words("Time here", "Время на месте"),
    "table": Words("Table", "Стол"),
    "with": Words("With", "С кем"),
    "note": Words("Note", "Примечание"),
    "interpreter": Words("interpreter", "переводчик"),
    "suggested": Words("suggested, nobody asked", "предложена подбором, без запроса"),
    "must": Words("must be held", "обязательная"),
    "empty": Words("No meeting in the timetable.", "Встреч в расписании нет."),
    "synthetic": Words(
        "Synthetic forum: the participants are made up.",
        "Вымышленный форум: участники придуманы.",
    ),
    "sheet": Words("Meetings at", "Встречи:"),
    "grid": Words("All tables", "Все столы"),
    "not_held": Words("Asked for, not held", "Запрошены, но не проводятся"),
    "why": Words("Why", "Почему"),
    "remedy": Words("What would make it possible", "Что сделало бы встречу возможной"),
    "event": Words("event", "мероприятие"),
    "counts": Words(
        "{meetings} meetings; worth {worth}, no timetable is worth more than {bound} "
        "(gap {gap:.3f} %); {breaks} breaks, these meetings need at least {least}",
        "Встреч: {meetings}; ценность {worth}, больше {bound} не даст ни одно расписание "
        "(разрыв {gap:.3f} %); перерывов: {breaks}, меньше {least} для этих встреч не бывает",
    ),
    "badge": Words("Badge", "Бейдж"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an agenda: a meeting or an event."""

    starts: datetime
    ends: datetime
    own_starts: datetime
    place: Words
    others: Words
    notes: Words
    uid: str
    is_meeting: bool


class Agenda:
    """Agendas and sheets of one timetable.

    Args:
        forum, answer: as scheduled.

    Raises:
        UsageError: F313 if the forum's time zone is not told.
    """

    def __init__(self, forum: Forum, answer: Answer) -> None:
        if not forum.settings.time_zone:
            raise UsageError(
                "the forum's time zone is not told, so calendars would show wrong hours; add "
                "settings.csv with the columns key and value and a row for time_zone (and for "
                "other_time_zone), for example time_zone,Asia/Dubai",
                code="F313",
            )
        self.forum, self.answer = forum, answer
        self.zone = ZoneInfo(forum.settings.time_zone)

    @cached_property
    def mine(self) -> dict[str, list[Held]]:
        """Meetings of each participant, in time."""
        found: dict[str, list[Held]] = defaultdict(list)
        for held in self.answer.meetings:
            for person in held.people:
                found[person].append(held)
        return found

    @cached_property
    def at_table(self) -> dict[str, list[Held]]:
        """Meetings at each table, in time."""
        found: dict[str, list[Held]] = defaultdict(list)
        for held in self.answer.meetings:
            found[held.table_id].append(held)
        return found

    def moment(self, text: str) -> datetime:
        """Return a local time of the forum with its zone."""
        return datetime.fromisoformat(text).replace(tzinfo=self.zone)

    def name(self, person: str) -> Words:
        """Return a participant's name."""
        who = self.forum.participants[person]
        return Words(who.name_en, who.name_ru)

    def second_zone(self, person: str) -> str:
        """Return the zone shown beside the forum's: the participant's own, or the other side's."""
        settings, own = self.forum.settings, self.forum.participants[person].time_zone
        return own if own != settings.time_zone else settings.other_time_zone

    def of(self, person: str) -> list[Entry]:
        """Return the agenda of a participant: its meetings and the events it takes part in."""
        home = ZoneInfo(self.second_zone(person))
        entries = [self._meeting(held, person, home) for held in self.mine.get(person, ())]
        for event in self.forum.events:
            if person in event.people and event.slots:
                spans = [self.forum.slots[slot] for slot in event.slots]
                starts = self.moment(min(slot.starts_at for slot in spans))
                entries.append(
                    Entry(
                        starts=starts,
                        ends=self.moment(max(slot.ends_at for slot in spans)),
                        own_starts=starts.astimezone(home),
                        place=Words(event.place, event.place),
                        others=Words(event.name_en, event.name_ru),
                        notes=LABELS["event"],
                        uid=f"{event.event_id}-{person}",
                        is_meeting=False,
                    )
                )
        return sorted(entries, key=lambda entry: (entry.starts, entry.uid))

    def _meeting(self, held: Held, person: str, home: ZoneInfo) -> Entry:
        slot, table = self.forum.slots[held.slot_id], self.forum.tables[held.table_id]
        starts = self.moment(slot.starts_at)
        return Entry(
            starts=starts,
            ends=self.moment(slot.ends_at),
            own_starts=starts.astimezone(home),
            place=Words(table.name_en, table.name_ru),
            others=self.people([name for name in held.people if name != person]),
            notes=self.notes(held),
            uid=f"{'-'.join(held.people)}-{held.slot_id}",
            is_meeting=True,
        )

    def people(self, names: list[str]) -> Words:
        """Return names joined."""
        words = [self.name(name) for name in names]
        return Words("; ".join(w.en for w in words), "; ".join(w.ru for w in words))

    def notes(self, held: Held) -> Words:
        """Return what is special about a meeting."""
        parts = [LABELS["must"]] if held.kind == "must" else []
        parts += [LABELS["suggested"]] if held.is_suggested else []
        if held.interpreter_id:
            helper = self.forum.interpreters[held.interpreter_id]
            label = LABELS["interpreter"]
            parts.append(Words(f"{label.en}: {helper.name_en}", f"{label.ru}: {helper.name_ru}"))
        return Words("; ".join(p.en for p in parts), "; ".join(p.ru for p in parts))


__all__ = ["LABELS", "Agenda", "Entry"]
