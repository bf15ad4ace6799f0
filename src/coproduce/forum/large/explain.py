"""Every request not held: why, and what would make it possible, in the participant's language.

Whoever reads learns nothing about others' requests: a full partner's meetings are counted, never
named.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from coproduce.forum.large.types import Answer, Forum, Held, Refusal, forum_after
from coproduce.records.words import Words


@dataclass(frozen=True, slots=True)
class Explained:
    """A request that is not held, told to one participant."""

    participant_id: str
    other_id: str
    code: str
    reason: Words
    remedy: Words


class Explainer:
    """Tells participants why; made once per timetable.

    Args:
        forum, answer: the answer's own forum.
    """

    def __init__(self, forum: Forum, answer: Answer) -> None:
        self.forum = forum_after(forum, answer)
        self.refused: dict[str, list[Refusal]] = defaultdict(list)
        self.at: dict[tuple[str, str], Held] = {}
        self.count: dict[str, int] = defaultdict(int)
        for refusal in answer.refused:
            for person in refusal.people:
                self.refused[person].append(refusal)
        for held in answer.meetings:
            for person in held.people:
                self.at[person, held.slot_id] = held
                self.count[person] += 1

    def of(self, person: str) -> tuple[Explained, ...]:
        """Return the explanations of what this participant asked for and does not get."""
        found = []
        for refusal in self.refused.get(person, ()):
            wish = self.forum.wishes[refusal.people]
            is_group = not wish.asked_by and not wish.is_suggested
            if person in wish.asked_by or is_group:
                found.append(self.one(refusal, person))
        return tuple(found)

    def one(self, refusal: Refusal, person: str) -> Explained:
        """Return one refusal as told to one of its people."""
        others = [name for name in refusal.people if name != person]
        named = _joined([self._name(name) for name in others])
        make = getattr(self, f"_{refusal.code}")
        reason, remedy = make(refusal, person, named)
        return Explained(person, "+".join(others), refusal.code, reason, remedy)

    def _name(self, person: str) -> Words:
        who = self.forum.participants[person]
        return Words(who.name_en, who.name_ru)

    def times(self, slots: tuple[str, ...], most: int = 4) -> Words:
        """Return slots as days and times, the first few."""
        shown = []
        for name in slots[:most]:
            start = self.forum.slots[name].starts_at
            shown.append(f"{start[8:10]}.{start[5:7]} {start[11:]}")
        rest = len(slots) - most
        text = ", ".join(shown)
        if rest <= 0:
            return Words(text or "no time", text or "нет времени")
        return Words(f"{text} and {rest} more", f"{text} и ещё {rest}")

    def _never(self, refusal: Refusal, person: str, other: Words) -> tuple[Words, Words]:
        return (
            Words(
                f"The meeting with {other.en} is ruled out by one of its sides.",
                f"Встреча исключена одной из сторон: {other.ru}.",
            ),
            Words(
                "Only the side that ruled it out can change this.",
                "Изменить это может только сторона, которая исключила встречу.",
            ),
        )

    def _one_sided(self, refusal: Refusal, person: str, other: Words) -> tuple[Words, Words]:
        return (
            Words(
                f"Here meetings are held only if both sides ask; {other.en} did not.",
                "Здесь проводятся только взаимно запрошенные встречи; встречного запроса нет: "
                f"{other.ru}.",
            ),
            Words(
                f"It becomes possible if {other.en} asks for it too.",
                f"Станет возможной при встречном запросе: {other.ru}.",
            ),
        )

    def _no_table_fits(self, refusal: Refusal, person: str, other: Words) -> tuple[Words, Words]:
        count = len(refusal.people)
        return (
            Words(f"No table seats {count} delegations.", f"Нет стола на {count} делегации."),
            Words("A larger table would make it possible.", "Нужен стол большего размера."),
        )

    def _no_common_slot(self, refusal: Refusal, person: str, other: Words) -> tuple[Words, Words]:
        theirs = self._presence([name for name in refusal.people if name != person])
        return (
            Words(
                f"You and {other.en} are never at the forum at the same time.",
                f"Нет времени, когда на форуме и вы, и вторая сторона: {other.ru}.",
            ),
            Words(
                f"{other.en} is there at {theirs.en}; come at one of these times.",
                f"{other.ru}: на форуме {theirs.ru}; приходите в одно из этих времён.",
            ),
        )

    def _presence(self, people: list[str]) -> Words:
        slots = tuple(
            slot
            for slot in self.forum.open_slots
            if all(slot not in self.forum.absent.get(name, ()) for name in people)
        )
        return self.times(slots)

    def _no_interpreter(self, refusal: Refusal, person: str, other: Words) -> tuple[Words, Words]:
        return (
            Words(
                f"You and {other.en} share no language, and no interpreter speaks both.",
                f"Нет общего языка и переводчика для этой пары: {other.ru}.",
            ),
            Words(
                "An interpreter of both languages would make it possible.",
                "Нужен переводчик с обоих языков.",
            ),
        )

    def _full(self, refusal: Refusal, person: str) -> tuple[Words, Words, str]:
        full = refusal.full_id
        count = self.count[full]
        if full == person:
            who = Words("You have", "У вас")
            remedy = Words(
                "Give up one of your meetings or bring one more representative.",
                "Откажитесь от одной из своих встреч или пришлите ещё одного представителя.",
            )
        else:
            name = self._name(full)
            who = Words(f"{name.en} has", f"{name.ru}:")
            remedy = Words(
                "It becomes possible if one of these meetings is cancelled; you are on the "
                "reserve list.",
                "Станет возможной, если одна из этих встреч отменится; вы в резервном списке.",
            )
        return who, remedy, f"{count}"

    def _participant_full(
        self, refusal: Refusal, person: str, other: Words
    ) -> tuple[Words, Words]:
        who, remedy, count = self._full(refusal, person)
        here = Words(f" with {other.en}", f" ({other.ru})")
        named = here if refusal.full_id == person else Words("", "")
        return (
            Words(
                f"{who.en} all {count} meetings that are possible, each worth as much as this one"
                f"{named.en} or more.",
                f"{who.ru} заняты все возможные встречи ({count}), каждая не менее ценна, чем "
                f"эта{named.ru}.",
            ),
            remedy,
        )

    def _participant_full_lower(
        self, refusal: Refusal, person: str, other: Words
    ) -> tuple[Words, Words]:
        who, remedy, count = self._full(refusal, person)
        here = Words(f" with {other.en}", f" ({other.ru})")
        named = here if refusal.full_id == person else Words("", "")
        return (
            Words(
                f"{who.en} all {count} meetings that are possible. One of them is worth less than "
                f"this one{named.en}, but an exchange would cost more elsewhere.",
                f"{who.ru} заняты все возможные встречи ({count}). Одна из них менее ценна, чем "
                f"эта{named.ru}, но обмен стоил бы больше в другом месте.",
            ),
            remedy,
        )

    def _no_free_slot(self, refusal: Refusal, person: str, other: Words) -> tuple[Words, Words]:
        others = [name for name in refusal.people if name != person]
        mine = tuple(
            slot
            for slot in refusal.slots
            if (person, slot) in self.at and all((name, slot) not in self.at for name in others)
        )
        if mine:
            when = self.times(mine)
            remedy = Words(
                f"It becomes possible if you give up your meeting at {when.en}.",
                f"Станет возможной, если вы откажетесь от своей встречи: {when.ru}.",
            )
        else:
            remedy = Words(
                f"It becomes possible if a meeting of {other.en} is cancelled; you are on the "
                "reserve list.",
                f"Станет возможной при отмене встречи второй стороны ({other.ru}); вы в "
                "резервном списке.",
            )
        return (
            Words(
                f"Whenever you and {other.en} are both here, one of you meets somebody else.",
                f"Всякий раз, когда на форуме обе стороны, одна из них занята: {other.ru}.",
            ),
            remedy,
        )

    def _tables_full(self, refusal: Refusal, person: str, other: Words) -> tuple[Words, Words]:
        when = self.times(refusal.slots)
        return (
            Words(
                f"You and {other.en} are both free at {when.en}, but all tables are taken then.",
                f"Обе стороны свободны ({other.ru}): {when.ru}, но все столы заняты.",
            ),
            Words(
                "One more table at one of these times would make it possible.",
                "Нужен ещё один стол в одно из этих времён.",
            ),
        )

    def _interpreters_full(
        self, refusal: Refusal, person: str, other: Words
    ) -> tuple[Words, Words]:
        when = self.times(refusal.slots)
        return (
            Words(
                f"You and {other.en} are both free at {when.en}, but all interpreters are taken.",
                f"Обе стороны свободны ({other.ru}): {when.ru}, но все переводчики заняты.",
            ),
            Words(
                "One more interpreter, or a delegate with a common language, would do.",
                "Нужен ещё один переводчик или представитель, владеющий общим языком.",
            ),
        )

    def _order(self, refusal: Refusal, person: str, other: Words) -> tuple[Words, Words]:
        return (
            Words(
                f"The slots free for you and {other.en} lie on the wrong side of another meeting.",
                f"Свободное время не подходит из-за порядка встреч: {other.ru}.",
            ),
            Words(
                "Dropping the order would make it possible.",
                "Возможно, если снять требование порядка.",
            ),
        )

    def _not_found(self, refusal: Refusal, person: str, other: Words) -> tuple[Words, Words]:
        when = self.times(refusal.slots)
        return (
            Words(
                f"You and {other.en} could meet at {when.en}; the search ended too early.",
                f"Встреча возможна ({other.ru}): {when.ru}; поиск закончился раньше.",
            ),
            Words("Ask at the desk.", "Обратитесь на стойку."),
        )


def _joined(names: list[Words]) -> Words:
    return Words(" and ".join(name.en for name in names), ", ".join(name.ru for name in names))


__all__ = ["Explained", "Explainer"]
