"""The independent check of a schedule: recounts everything from the tables, knows no solver."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from coproduce.forum.large.types import Answer, Forum, Held, People, Refusal, Table, forum_after


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault: its class, where it is and what is wrong."""

    code: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.where}: {self.message}"


def verify_answer(forum: Forum, answer: Answer) -> tuple[Violation, ...]:
    """Return every fault of an answer: broken limits, false reasons, wrong figures.

    Args:
        forum: as read.
        answer: as given by a solver or read from a file.
    """
    forum = forum_after(forum, answer)
    named = tuple(_names(forum, answer))
    if named:
        return named
    check = _Check(forum, answer)
    parts = (
        check.meetings(),
        check.people(),
        check.tables(),
        check.interpreters(),
        check.orders(),
        check.figures(),
        check.refusals(),
    )
    return tuple(fault for part in parts for fault in part)


def _names(forum: Forum, answer: Answer) -> Iterator[Violation]:
    """Yield names that the forum does not know; nothing else can be checked then."""
    for held in answer.meetings:
        where = "+".join(held.people)
        if not set(held.people) <= forum.participants.keys():
            yield Violation("unknown_participant", where, "not in participants.csv")
        if held.slot_id not in forum.slots:
            yield Violation("unknown_slot", where, f"no slot {held.slot_id}")
        if held.table_id not in forum.tables:
            yield Violation("unknown_table", where, f"no table {held.table_id}")
        if held.interpreter_id and held.interpreter_id not in forum.interpreters:
            yield Violation("unknown_interpreter", where, f"no {held.interpreter_id}")
    for refusal in answer.refused:
        if refusal.people not in forum.wishes:
            yield Violation("unknown_refusal", "+".join(refusal.people), "nobody asked for it")


class _Check:
    def __init__(self, forum: Forum, answer: Answer) -> None:
        self.forum, self.answer = forum, answer
        self.order = {
            name: at
            for at, name in enumerate(n for n, slot in forum.slots.items() if not slot.is_blocked)
        }
        self.held: dict[People, Held] = {held.people: held for held in answer.meetings}
        self.mine: dict[str, list[Held]] = defaultdict(list)
        for held in answer.meetings:
            for person in held.people:
                self.mine[person].append(held)
        self.at_once = Counter(
            (person, held.slot_id) for held in answer.meetings for person in held.people
        )
        self.owned: dict[str, list[Table]] = defaultdict(list)
        for table in forum.tables.values():
            if table.owner_id:
                self.owned[table.owner_id].append(table)

    def meetings(self) -> Iterator[Violation]:
        """Yield faults of single meetings."""
        seen: Counter[People] = Counter(held.people for held in self.answer.meetings)
        for people, count in seen.items():
            if count > 1:
                yield Violation("met_twice", "+".join(people), f"held {count} times")
        for held in self.answer.meetings:
            where = f"{'+'.join(held.people)} in {held.slot_id}"
            wish = self.forum.wishes.get(held.people)
            if wish is None or len(held.people) < 2:
                yield Violation("not_wished", where, "nobody asked for this meeting")
                continue
            for code, is_wrong in (
                ("never_pair", wish.kind == "never"),
                ("one_sided", self._is_refused_one_sided(held.people)),
                ("blocked_slot", self.forum.slots[held.slot_id].is_blocked),
                ("wrong_session", not self._in_session(held.people, held.slot_id)),
                ("wrong_value", wish.value != held.value),
                ("wrong_kind", wish.kind != held.kind),
                ("wrong_mark", wish.is_suggested != held.is_suggested),
            ):
                if is_wrong:
                    yield Violation(code, where, "against the wishes or the slots")
        for people, fixed in self.forum.fixed.items():
            meeting = self.held.get(people)
            if (
                meeting is None
                or meeting.slot_id != fixed.slot_id
                or (fixed.table_id and meeting.table_id != fixed.table_id)
                or not meeting.is_fixed
            ):
                yield Violation("fixed_moved", "+".join(people), f"fixed in {fixed.slot_id}")

    def _is_refused_one_sided(self, people: People) -> bool:
        wish = self.forum.wishes[people]
        if self.forum.settings.one_sided == "held" or people in self.forum.fixed:
            return False
        is_group = not wish.asked_by and not wish.is_suggested
        return not is_group and len(people) == 2 and len(wish.asked_by) < 2

    def _in_session(self, people: People, slot: str) -> bool:
        session = self.forum.slots[slot].session_id
        return all(asked == session for asked in self.forum.wishes[people].sessions)

    def _is_there(self, person: str, slot: str) -> bool:
        return slot not in self.forum.absent.get(person, frozenset())

    def people(self) -> Iterator[Violation]:
        """Yield people in two places, absent, or with too many meetings."""
        for (person, slot), count in self.at_once.items():
            most = self.forum.participants[person].representatives
            if count > most:
                yield Violation("too_many_at_once", f"{person} in {slot}", f"{count} of {most}")
            if not self._is_there(person, slot):
                yield Violation("absent", f"{person} in {slot}", "meets while not there")
        for person, meetings in self.mine.items():
            most = self.forum.participants[person].max_meetings
            if len(meetings) > most:
                yield Violation("too_many_meetings", person, f"{len(meetings)} of {most}")

    def tables(self) -> Iterator[Violation]:
        """Yield tables too full, too small, or of somebody else."""
        used: Counter[tuple[str, str]] = Counter()
        for held in self.answer.meetings:
            used[held.table_id, held.slot_id] += 1
            table, where = self.forum.tables[held.table_id], "+".join(held.people)
            if not self._is_there(held.table_id, held.slot_id):
                yield Violation("table_absent", where, f"{table.table_id} in {held.slot_id}")
            if len(held.people) > table.seats and not table.owner_id:
                yield Violation("too_few_seats", where, f"{table.table_id} seats {table.seats}")
            if table.owner_id and table.owner_id not in held.people and not held.is_fixed:
                yield Violation("foreign_booth", where, f"{table.table_id} is {table.owner_id}'s")
        for (table_id, slot), count in used.items():
            most = self.forum.tables[table_id].capacity
            if count > most:
                where = f"{table_id} in {slot}"
                yield Violation("table_taken_twice", where, f"{count} meetings, room for {most}")

    def interpreters(self) -> Iterator[Violation]:
        """Yield interpreters in two places, absent or of no use, and meetings without one."""
        used: Counter[tuple[str, str]] = Counter()
        is_required = self.forum.settings.interpretation == "required"
        for held in self.answer.meetings:
            where, name = "+".join(held.people), held.interpreter_id
            tongues = [self.forum.participants[person].languages for person in held.people]
            is_needed = not frozenset.intersection(*tongues)
            if not name:
                if is_needed and is_required:
                    yield Violation("no_interpreter", where, "no common language")
                continue
            used[name, held.slot_id] += 1
            helper = self.forum.interpreters[name].languages
            if not all(helper & own for own in tongues):
                yield Violation("wrong_interpreter", where, f"{name} does not speak to all")
            if not self._is_there(name, held.slot_id):
                yield Violation("interpreter_absent", where, f"{name} in {held.slot_id}")
        for (name, slot), count in used.items():
            if count > 1:
                yield Violation("interpreter_twice", f"{name} in {slot}", f"{count} meetings")

    def orders(self) -> Iterator[Violation]:
        """Yield precedences that are turned round."""
        for first, then in self.forum.precedences:
            if first in self.held and then in self.held:
                one = self.order.get(self.held[first].slot_id, -1)
                two = self.order.get(self.held[then].slot_id, -1)
                if one >= two:
                    where = f"{'+'.join(first)}, {'+'.join(then)}"
                    yield Violation("order", where, "the first does not lie before the second")

    def breaks(self, person: str) -> int:
        """Return the breaks of one participant, by the answer's definition."""
        slots = sorted({self.order.get(held.slot_id, -1) for held in self.mine[person]})
        names = list(self.order)
        count = 0
        for one, two in pairwise(slots):
            is_one_day = self.forum.slots[names[one]].day == self.forum.slots[names[two]].day
            between = names[one + 1 : two]
            if is_one_day and between:
                is_avoidable = any(self._is_there(person, slot) for slot in between)
                count += self.answer.definition == "jair" or is_avoidable
        return count

    def figures(self) -> Iterator[Violation]:
        """Yield printed figures that a recount contradicts."""
        answer, forum = self.answer, self.forum
        missed = sum(
            max(0, who.min_meetings - len(self.mine.get(name, ())))
            for name, who in forum.participants.items()
        )
        worth = sum(forum.wishes[p].value for p in self.held if p in forum.wishes)
        breaks = [self.breaks(person) for person in list(self.mine)]
        musts = {p for p, wish in forum.wishes.items() if wish.kind == "must"} | set(forum.fixed)
        unheld = {p for p in musts if p not in self.held and not self._may_be_refused(p)}
        for people in sorted(unheld):
            yield Violation("must_missing", "+".join(people), "must be held and is not")
        counted = {
            "objective": worth - forum.settings.missed_minimum_weight * missed,
            "missed_minimum": missed,
            "breaks": sum(breaks),
            "most_breaks": max(breaks, default=0),
            "musts_held": len(musts & self.held.keys()),
        }
        for name, value in counted.items():
            if getattr(answer, name) != value:
                message = f"printed {getattr(answer, name)}, counted {value}"
                yield Violation("wrong_figure", name, message)
        if answer.bound < answer.objective or answer.breaks_bound > answer.breaks:
            yield Violation("wrong_bound", "answer", "a bound contradicts the answer itself")
        if (answer.status == "optimal") != (answer.bound == answer.objective):
            yield Violation("wrong_status", "answer", f"status {answer.status}")

    def _may_be_refused(self, people: People) -> bool:
        """A must that one side refuses, or the forum's own rule bars, is refused in words."""
        wish = self.forum.wishes[people]
        return wish.kind == "never" or self._is_refused_one_sided(people)

    def refusals(self) -> Iterator[Violation]:
        """Yield wishes that are neither held nor refused and certificates that are not true."""
        given: dict[People, Refusal] = {r.people: r for r in self.answer.refused}
        if len(given) < len(self.answer.refused):
            yield Violation("refused_twice", "answer", "a wish is refused more than once")
        room = _Room(self)
        for people, wish in self.forum.wishes.items():
            refusal, where = given.get(people), "+".join(people)
            if people in self.held:
                if refusal is not None:
                    yield Violation("false_reason", where, "refused, but the meeting is held")
            elif refusal is None:
                yield Violation("unexplained", where, "neither held nor refused")
            elif (refusal.value, refusal.kind) != (wish.value, wish.kind):
                yield Violation("false_reason", where, "another worth or kind than was asked")
            elif not room.is_true(refusal):
                yield Violation("false_reason", where, f"{refusal.code} does not hold")


class _Room:
    """What room the timetable leaves: on it every certificate is checked."""

    def __init__(self, check: _Check) -> None:
        self.check, self.forum = check, check.forum
        self.open = list(check.order)
        self._load: dict[str, list[Held]] = defaultdict(list)
        self._sizes: dict[str, Counter[int]] = defaultdict(Counter)
        self._units: dict[tuple[int, str], int] = {}
        self._who_helps: dict[tuple[frozenset[frozenset[str]], str], tuple[str, ...]] = {}
        self._is_helped: dict[tuple[frozenset[frozenset[str]], str], bool] = {}
        for held in check.answer.meetings:
            self._load[held.slot_id].append(held)
            if not self.forum.tables[held.table_id].owner_id:
                self._sizes[held.slot_id][len(held.people)] += 1

    def is_true(self, refusal: Refusal) -> bool:
        """Return whether a certificate holds."""
        people, code = refusal.people, refusal.code
        wish, forum = self.forum.wishes[people], self.forum
        if code == "never":
            return wish.kind == "never"
        if code == "one_sided":
            return self.check._is_refused_one_sided(people)
        if code == "no_table_fits":
            return all(table.seats < len(people) for table in forum.tables.values())
        if code.startswith("participant_full"):
            return self._is_full(refusal)
        common = self._common(people)
        if code == "no_common_slot":
            return not common
        if code == "no_interpreter":
            return self._needs_help(people) and not self._helped(people, common)
        if self._needs_help(people):
            common = self._helped(people, common)
        return self._is_blocked(refusal, common)

    def _common(self, people: People) -> list[str]:
        fixed = self.forum.fixed.get(people)
        return [
            slot
            for slot in self.open
            if all(self.check._is_there(person, slot) for person in people)
            and self.check._in_session(people, slot)
            and (fixed is None or fixed.slot_id == slot)
        ]

    def _needs_help(self, people: People) -> bool:
        if self.forum.settings.interpretation != "required":
            return False
        tongues = [self.forum.participants[person].languages for person in people]
        return not frozenset.intersection(*tongues)

    def _tongues(self, people: People) -> frozenset[frozenset[str]]:
        return frozenset(self.forum.participants[person].languages for person in people)

    def _helpers(self, people: People, slot: str) -> tuple[str, ...]:
        key = (self._tongues(people), slot)
        if key not in self._who_helps:
            self._who_helps[key] = tuple(
                name
                for name, helper in self.forum.interpreters.items()
                if all(helper.languages & own for own in key[0])
                and self.check._is_there(name, slot)
            )
        return self._who_helps[key]

    def _helped(self, people: People, slots: list[str]) -> list[str]:
        return [slot for slot in slots if self._helpers(people, slot)]

    def _most_at_once(self, person: str) -> int:
        booths = sum(table.capacity for table in self.check.owned.get(person, ()))
        most = self.forum.participants[person].representatives
        return min(most, booths) if booths else most

    def _is_full(self, refusal: Refusal) -> bool:
        person = refusal.full_id
        if person not in refusal.people:
            return False
        slots = sum(1 for slot in self.open if self.check._is_there(person, slot))
        most = self.forum.participants[person].max_meetings
        mine = self.check.mine[person]
        if len(mine) < min(most, self._most_at_once(person) * slots):
            return False
        free = [held.value for held in mine if held.kind != "must" and not held.is_fixed]
        if refusal.least_value != min(free, default=0):
            return False
        is_better = all(value >= refusal.value for value in free)
        return is_better == (refusal.code == "participant_full")

    def _is_blocked(self, refusal: Refusal, common: list[str]) -> bool:
        people, code = refusal.people, refusal.code
        free = [
            slot
            for slot in common
            if all(self.check.at_once[p, slot] < self._most_at_once(p) for p in people)
        ]
        if code == "no_free_slot":
            return not free
        in_order = [slot for slot in free if self._is_in_order(people, slot)]
        if code == "order":
            return bool(free) and not in_order
        seats_left = [slot for slot in in_order if self._has_table(people, slot)]
        if code == "tables_full":
            return bool(in_order) and not seats_left
        if code == "interpreters_full":
            is_needed = self._needs_help(people) and bool(seats_left)
            return is_needed and not any(self._has_helper(people, slot) for slot in seats_left)
        return code == "not_found"

    def _is_in_order(self, people: People, slot: str) -> bool:
        at, held = self.check.order, self.check.held
        for first, then in self.forum.precedences:
            if then == people and first in held and at[held[first].slot_id] >= at[slot]:
                return False
            if first == people and then in held and at[held[then].slot_id] <= at[slot]:
                return False
        return True

    def _has_table(self, people: People, slot: str) -> bool:
        """Return whether a table fits: large groups could be the ones that leave too few seats."""
        if len(people) == 2 and any(person in self.check.owned for person in people):
            return True
        here = self._sizes[slot]
        for size in {len(people), *here}:
            if (size, slot) not in self._units:
                self._units[size, slot] = sum(
                    table.capacity
                    for table in self.forum.tables.values()
                    if not table.owner_id
                    and table.seats >= size
                    and self.check._is_there(table.table_id, slot)
                )
            needed = sum(count for other, count in here.items() if other >= size)
            if needed + (len(people) >= size) > self._units[size, slot]:
                return False
        return True

    def _has_helper(self, people: People, slot: str) -> bool:
        """Return whether an interpreter could be found, others exchanging theirs if need be."""
        key = (self._tongues(people), slot)
        if key not in self._is_helped:
            needs = [held.people for held in self._load[slot] if self._needs_help(held.people)]
            serves: dict[str, People] = {}

            def give(which: People, seen: set[str]) -> bool:
                for name in self._helpers(which, slot):
                    if name not in seen:
                        seen.add(name)
                        if name not in serves or give(serves[name], seen):
                            serves[name] = which
                            return True
                return False

            self._is_helped[key] = all(give(each, set()) for each in [*needs, people])
        return self._is_helped[key]


__all__ = ["Violation", "verify_answer"]
