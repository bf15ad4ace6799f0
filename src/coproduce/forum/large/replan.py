"""Changes during the forum: what must move moves, nobody else; what became free is given away."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from coproduce.forum.large.access import Access
from coproduce.forum.large.bitwise import bits
from coproduce.forum.large.board import Board
from coproduce.forum.large.exact import best_places
from coproduce.forum.large.finish import assembled
from coproduce.forum.large.task import host_of, task_of
from coproduce.forum.large.types import Answer, Forum, Held, Options, People, forum_after
from coproduce.records.errors import UsageError
from coproduce.records.words import Words

KINDS = ("drop_out", "no_show", "late_arrival", "walk_in", "lost_table", "lost_slot")
MOST_CANDIDATES = 300


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened.

    Attributes:
        kind: ``drop_out`` (a participant leaves), ``no_show`` (misses `slot_id`),
            ``late_arrival`` (comes at the beginning of `slot_id`), ``walk_in`` (a participant of
            the folder without meetings comes), ``lost_table``, ``lost_slot``.
        subject: id of the participant or table; empty for a lost slot.
        slot_id: see above; for a lost table: from this slot on, empty for at once.
    """

    kind: str
    subject: str = ""
    slot_id: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One difference between the old and the new timetable, with its reason.

    `what` is ``cancelled``, ``moved``, ``table`` (same slot, other table), ``made_way`` (moved to
    let another be held) or ``new``.
    """

    what: str
    people: People
    before: tuple[str, str]
    after: tuple[str, str]
    reason: Words


@dataclass(frozen=True, slots=True)
class Replan:
    """What changed.

    Attributes:
        steps: every difference.
        moved: meetings that change slot, or table, and are still held.
        moved_bound: no plan that holds as many of the affected meetings moves fewer.
        lost: affected meetings that could not be kept.
        is_most_kept: without moving anybody else no more affected meetings can be kept (proven).
        reserve: wishes that could be held at once if a table or a person became free.
        seconds: time of the work.
    """

    steps: tuple[Step, ...]
    moved: int
    moved_bound: int
    lost: int
    is_most_kept: bool
    reserve: tuple[People, ...]
    seconds: float


class Desk:
    """The organiser's desk: a timetable kept ready for the next change.

    Args:
        forum: as read, walk-ins included.
        answer: the timetable in force.
        frozen_until: last slot in which nothing may change any more; empty: none.

    Raises:
        UsageError: F302 if the timetable does not belong to the forum.
    """

    def __init__(self, forum: Forum, answer: Answer, frozen_until: str = "") -> None:
        self.forum = forum = forum_after(forum, answer)
        self.answer = answer
        self.access = Access(forum)
        self.task = task_of(forum, self.access)
        self.board = Board(self.task)
        self.slot = {name: at for at, name in enumerate(self.access.names)}
        self.number = {people: at for at, people in enumerate(self.task.meetings)}
        self.person = {name: at for at, name in enumerate(self.task.names)}
        self.after = self.access.all
        if frozen_until:
            self.after &= ~((1 << self._slot(frozen_until) + 1) - 1)
        self.table_of: dict[int, str] = {}
        self.lost_tables: dict[str, int] = {}
        self._owners = {table.owner_id for table in forum.tables.values() if table.owner_id}
        self._mine: dict[int, list[int]] = {}
        for meeting, who in enumerate(self.task.who):
            for person in who:
                self._mine.setdefault(person, []).append(meeting)
        self._seat(answer.meetings)

    def _seat(self, meetings: Sequence[Held]) -> None:
        for held in meetings:
            meeting, slot = self.number.get(held.people), self.slot.get(held.slot_id)
            is_free = (
                meeting is not None
                and slot is not None
                and self.board.may_hold(meeting)
                and self.board.slots_left(meeting) >> slot & 1
            )
            if not is_free or meeting is None or slot is None:
                raise UsageError(
                    f"the timetable does not belong to this folder: {'+'.join(held.people)} in "
                    f"{held.slot_id} cannot be held there; schedule again",
                    code="F302",
                )
            self.board.put(meeting, slot)
            self.table_of[meeting] = held.table_id

    def _slot(self, name: str) -> int:
        if name not in self.slot:
            known = ", ".join(list(self.slot)[:8])
            raise UsageError(f"{name!r} is not an open slot; slots are {known} …", code="F303")
        return self.slot[name]

    def apply(self, change: Change, *, most_moves: int = 3) -> Replan:
        """Return what a change brings about; the desk goes on from there.

        Affected meetings are kept as many as possible without moving anybody else, exactly. For
        those left over up to `most_moves` other meetings make way, one for each. Then free places
        go to the worthiest wishes of those who lost a meeting, exactly.

        Args:
            change: what happened.
            most_moves: of meetings that are not affected themselves.

        Raises:
            UsageError: F303 to F305 for an unknown name, a slot in the frozen window or a booth.
        """
        began = time.monotonic()
        before = {m: (s, self.table_of[m]) for m, s in self.board.slot_of.items()}
        why = self._words(change)
        affected, keep_slot = self._strike(change)
        for meeting in affected:
            self.board.take(meeting)
        self._retable(keep_slot)
        possible = [m for m in affected if self._open(m)]
        is_proven = self._place(possible, is_affected=True)
        unplaced = [m for m in affected if m not in self.board.slot_of]
        made_way = self._make_way(unplaced, most_moves)
        kept = sum(m in self.board.slot_of for m in affected)
        touched = {p for m in affected for p in self.task.who[m]}
        if change.kind == "walk_in":
            touched.add(self.person[change.subject])
        self._place(self._candidates(touched - self._gone(change), affected), is_affected=False)
        self._give_tables(before)
        steps = self._steps(before, why, made_way)
        moved = sum(step.what in ("moved", "table", "made_way") for step in steps)
        bound = kept + len(keep_slot) + bool(made_way)
        return Replan(
            steps=steps,
            moved=moved,
            moved_bound=min(moved, bound),
            lost=len(affected) - kept,
            is_most_kept=is_proven,
            reserve=self.reserve(change.slot_id),
            seconds=time.monotonic() - began,
        )

    def _gone(self, change: Change) -> set[int]:
        return {self.person[change.subject]} if change.kind == "drop_out" else set()

    def _strike(self, change: Change) -> tuple[list[int], list[int]]:
        """Take note of a change; return the meetings to be moved and those to change tables."""
        if change.kind not in KINDS:
            raise UsageError(f"{change.kind!r} is not one of {', '.join(KINDS)}", code="F303")
        if change.kind == "lost_table":
            return self._lose_table(change)
        if change.kind == "lost_slot":
            gone = 1 << self._slot(change.slot_id)
            people: Iterable[int] = range(len(self.task.names))
        else:
            if change.subject not in self.person:
                message = f"{change.subject!r} is not a participant of the folder"
                raise UsageError(message, code="F303")
            people = [self.person[change.subject]]
            gone = self._missed(change)
        if gone & ~self.after:
            raise UsageError("this change reaches into the frozen window", code="F304")
        for person in people:
            self.board.leave(person, gone)
        struck = {
            m for person in people for m in self.board.of_person(person)
            if gone >> self.board.slot_of[m] & 1
        }  # fmt: skip
        return sorted(struck), []

    def _missed(self, change: Change) -> int:
        if change.kind == "walk_in":
            return 0
        if change.kind == "drop_out":
            return self.after
        slot = self._slot(change.slot_id)
        return 1 << slot if change.kind == "no_show" else ((1 << slot) - 1) & self.after

    def _lose_table(self, change: Change) -> tuple[list[int], list[int]]:
        table = self.forum.tables.get(change.subject)
        if table is None:
            raise UsageError(f"{change.subject!r} is not a table of the folder", code="F303")
        if table.owner_id:
            message = f"{table.table_id} is the booth of {table.owner_id}; give it another table"
            raise UsageError(f"{message} in tables.csv and schedule again", code="F305")
        start = self._slot(change.slot_id) if change.slot_id else 0
        gone = self.after & ~((1 << start) - 1) & ~self.lost_tables.get(table.table_id, 0)
        self.lost_tables[table.table_id] = self.lost_tables.get(table.table_id, 0) | gone
        sizes = sorted({len(who) for who in self.task.who})
        for pool, size in enumerate(sizes):
            for slot in bits(gone):
                if table.seats >= size:
                    self.board.shrink(pool, slot, table.capacity)
        affected, keep = [], []
        for meeting, name in sorted(self.table_of.items()):
            slot = self.board.slot_of.get(meeting, -1)
            if name != table.table_id or slot < 0 or not gone >> slot & 1:
                continue
            if any(self.board.over(pool, slot) for pool in self.task.pools[meeting]):
                affected.append(meeting)
            else:
                keep.append(meeting)
        return affected, keep

    def _retable(self, meetings: Iterable[int]) -> None:
        for meeting in meetings:
            self.table_of.pop(meeting, None)

    def _open(self, meeting: int) -> int:
        if not self.board.may_hold(meeting):
            return 0
        return self.board.slots_left(meeting) & self.after

    def _place(self, meetings: Sequence[int], *, is_affected: bool) -> bool:
        """Place as much as fits without moving anybody; return whether that is proven best."""
        if not meetings:
            return True
        places, is_proven = best_places(
            self.board, meetings, {m: self._open(m) for m in meetings}, is_counted=is_affected
        )
        for meeting, slot in places.items():
            self.board.put(meeting, slot)
        tied = [m for m in meetings if self.board.is_pinned(m) and not self.task.is_fixed[m]]
        for meeting in tied:  # precedences: one after another, so without a proof
            left = self._open(meeting)
            if left:
                self.board.put(meeting, self.board.best(left, meeting))
        return is_proven and not tied

    def _make_way(self, unplaced: Sequence[int], most_moves: int) -> set[int]:
        moved: set[int] = set()
        order = sorted(unplaced, key=lambda m: (not self.task.is_must[m], -self.task.worth[m], m))
        for meeting in order:
            if len(moved) >= most_moves:
                break
            if self.board.may_hold(meeting):
                moved.update(self._one_makes_way(meeting, moved))
        return moved

    def _one_makes_way(self, meeting: int, moved: set[int]) -> list[int]:
        board = self.board
        for slot in bits(board.in_order(meeting) & self.after):
            if any(board.away[person] >> slot & 1 for person in self.task.who[meeting]):
                continue
            blockers = board.blockers(meeting, slot)
            if blockers is None or len(blockers) != 1 or board.is_pinned(blockers[0]):
                continue
            other = blockers[0]
            board.take(other)
            left = board.slots_left(other) & self.after & ~(1 << slot)
            if left and other not in moved and board.slots_left(meeting) >> slot & 1:
                board.put(other, board.best(left, other))
                board.put(meeting, slot)
                return [other]
            board.put(other, slot)
        return []

    def _candidates(self, people: Iterable[int], affected: Sequence[int]) -> list[int]:
        skipped = set(affected)
        found = {
            m
            for person in people
            for m in self._mine.get(person, ())
            if m not in self.board.slot_of and m not in skipped and self._open(m)
        }
        order = sorted(found, key=lambda m: (-self.task.worth[m], m))
        return order[:MOST_CANDIDATES]

    def _give_tables(self, before: dict[int, tuple[int, str]]) -> None:
        """Give tables to meetings without one, or whose slot changed; the others keep theirs."""
        slot_of = self.board.slot_of
        changed = []
        for meeting, slot in slot_of.items():
            was = before.get(meeting)
            if was is None or was[0] != slot or meeting not in self.table_of:
                changed.append(meeting)
                self.table_of.pop(meeting, None)
        self.table_of = {m: table for m, table in self.table_of.items() if m in slot_of}
        used: dict[int, list[str]] = {}
        touched = {slot_of[m] for m in changed}
        for meeting, table in self.table_of.items():
            if slot_of[meeting] in touched:
                used.setdefault(slot_of[meeting], []).append(table)
        for meeting in sorted(changed, key=lambda m: (-len(self.task.who[m]), m)):
            slot = slot_of[meeting]
            taken = used.setdefault(slot, [])
            self.table_of[meeting] = self._free_table(meeting, slot, taken)
            taken.append(self.table_of[meeting])

    def _free_table(self, meeting: int, slot: int, taken: Sequence[str]) -> str:
        people = self.task.meetings[meeting]
        host = host_of(self.forum, people, self._owners)
        for name, table in self.forum.tables.items():
            if (
                table.owner_id == host
                and (host or table.seats >= len(people))
                and taken.count(name) < table.capacity
                and not self.lost_tables.get(name, 0) >> slot & 1
            ):
                return name
        raise AssertionError(f"no table for {'+'.join(people)}")  # the pools forbid it

    def _steps(
        self, before: dict[int, tuple[int, str]], why: Words, made_way: set[int]
    ) -> tuple[Step, ...]:
        names = self.access.names
        steps = []
        for meeting in sorted(before.keys() | self.board.slot_of.keys()):
            was, now = before.get(meeting), self.board.slot_of.get(meeting)
            old = (names[was[0]], was[1]) if was else ("", "")
            new = (names[now], self.table_of[meeting]) if now is not None else ("", "")
            if old == new:
                continue
            what = _what(was, now, meeting in made_way)
            people = self.task.meetings[meeting]
            steps.append(Step(what, people, old, new, _reason(what, why)))
        return tuple(steps)

    def _words(self, change: Change) -> Words:
        who = self.forum.participants.get(change.subject)
        table = self.forum.tables.get(change.subject)
        named = Words(who.name_en, who.name_ru) if who else Words(change.subject, change.subject)
        if table:
            named = Words(table.name_en, table.name_ru)
        slot = self.forum.slots.get(change.slot_id)
        time_of = slot.starts_at[11:] if slot else ""
        return {
            "drop_out": Words(f"{named.en} has left", f"{named.ru}: участие прекращено"),
            "no_show": Words(
                f"{named.en} did not come at {time_of}", f"{named.ru}: неявка в {time_of}"
            ),
            "late_arrival": Words(
                f"{named.en} arrives only at {time_of}", f"{named.ru}: прибытие только в {time_of}"
            ),
            "walk_in": Words(f"{named.en} came in", f"{named.ru}: новый участник"),
            "lost_table": Words(f"{named.en} is lost", f"{named.ru} недоступен"),
            "lost_slot": Words(f"the slot at {time_of} is lost", f"время {time_of} отменено"),
        }.get(change.kind, Words("", ""))

    def _noted(self) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[People, ...]]:
        """Return all absences and released meetings since the first timetable."""
        names = self.access.names
        absent = {name: set(slots) for name, slots in self.answer.absent}
        gone = dict(zip(self.task.names, self.board.away, strict=True)) | self.lost_tables
        for name, away in gone.items():
            for slot in bits(away):
                absent.setdefault(name, set()).add(names[slot])
        released = {
            people
            for meeting, people in enumerate(self.task.meetings)
            if self.task.is_must[meeting] and meeting not in self.board.slot_of
        }
        rows = tuple((name, tuple(sorted(slots))) for name, slots in sorted(absent.items()))
        return rows, tuple(sorted(released | set(self.answer.released)))

    def answer_now(self) -> Answer:
        """Return the timetable after the changes, with all refusals anew.

        The old bound still holds, since changes only take away; wishes of walk-ins are added to
        it in full.
        """
        began = time.monotonic()
        absent, released = self._noted()
        noted = replace(self.answer, absent=absent, released=released)
        forum = forum_after(self.forum, noted)
        access = Access(forum)
        board = Board(task_of(forum, access))
        number = {people: at for at, people in enumerate(board.task.meetings)}
        tables = {}
        for meeting, slot in self.board.slot_of.items():
            people = self.task.meetings[meeting]
            board.put(number[people], slot)
            tables[people] = self.table_of[meeting]
        known = {held.people for held in self.answer.meetings}
        known |= {refusal.people for refusal in self.answer.refused}
        new = sum(wish.value for people, wish in forum.wishes.items() if people not in known)
        old = self.answer
        options = Options(seed=old.seed, definition=old.definition, fairness=old.fairness)
        answer = assembled(
            forum,
            access,
            board,
            tables,
            bound=old.bound + new,
            engine=f"re-plan of: {old.engine.removeprefix('re-plan of: ')}",
            options=options,
            seconds=lambda: time.monotonic() - began,
        )
        return replace(answer, absent=absent, released=released)

    def reserve(self, slot_id: str = "", count: int = 10) -> tuple[People, ...]:
        """Return wishes not held whose people are free together, worthiest first.

        Args:
            slot_id: in this slot; empty: in any slot that is not frozen.
            count: most wishes.
        """
        where = self.after & (1 << self._slot(slot_id) if slot_id else self.access.all)
        found = []
        for meeting, who in enumerate(self.task.who):
            if meeting in self.board.slot_of or not self.board.may_hold(meeting):
                continue
            mask = self.task.mask[meeting] & where
            for person in who:
                mask &= self.board.free[person]
            if mask:
                found.append(meeting)
        found.sort(key=lambda m: (-self.task.worth[m], m))
        return tuple(self.task.meetings[m] for m in found[:count])


def _what(was: tuple[int, str] | None, now: int | None, is_made_way: bool) -> str:
    if was is None:
        return "new"
    if now is None:
        return "cancelled"
    if now == was[0]:
        return "table"
    return "made_way" if is_made_way else "moved"


def _reason(what: str, why: Words) -> Words:
    if what == "new":
        return Words(f"A place became free: {why.en}.", f"Освободилось место: {why.ru}.")
    if what == "made_way":
        return Words(
            f"It makes way for a meeting that had to move: {why.en}.",
            f"Уступает время встрече, которую пришлось перенести: {why.ru}.",
        )
    return Words(f"{why.en[:1].upper()}{why.en[1:]}.", f"{why.ru[:1].upper()}{why.ru[1:]}.")


__all__ = ["KINDS", "Change", "Desk", "Replan", "Step"]
