"""Conflicts that make a forum impossible, found before any search, with the people and slots."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from coproduce.forum.large.access import Access
from coproduce.forum.large.types import Fixed, Forum, People
from coproduce.records.errors import Issue


def conflicts(forum: Forum) -> Iterator[Issue]:
    """Yield every conflict (F213 to F226); none of them can be cured by searching longer."""
    yield from _times(forum)
    if not forum.wishes:
        return
    if not forum.tables:
        asked = len(forum.wishes)
        yield Issue("F213", f"{asked} meetings are wished, but there is no table", "tables.csv")
    if not forum.open_slots:
        message = "meetings are wished, but every slot is blocked"
        yield Issue("F214", message, "slots.csv")
    if forum.tables and forum.open_slots:
        access = Access(forum)
        yield from _limits(forum)
        yield from _fixed(forum)
        yield from _musts(forum, access)
        yield from _orders(forum)


def _times(forum: Forum) -> Iterator[Issue]:
    file = "slots.csv"
    for slot in forum.slots.values():
        if slot.ends_at <= slot.starts_at:
            yield Issue("F224", f"slot {slot.slot_id} ends before it starts", file)
    numbers = Counter(slot.slot_no for slot in forum.slots.values())
    for number, count in numbers.items():
        if count > 1:
            yield Issue("F224", f"{count} slots have the number {number}", file)
    for one, two in pairwise(forum.slots.values()):
        if two.starts_at < one.ends_at:
            message = (
                f"slots {one.slot_id} ({one.starts_at} to {one.ends_at}) and {two.slot_id} "
                f"({two.starts_at} to {two.ends_at}) overlap or are out of order"
            )
            yield Issue("F224", message, file)


def _limits(forum: Forum) -> Iterator[Issue]:
    for person in forum.participants.values():
        if person.min_meetings > person.max_meetings:
            message = (
                f"{person.participant_id} was sold {person.min_meetings} meetings but may hold "
                f"{person.max_meetings}"
            )
            yield Issue("F226", message, "participants.csv")


def _fixed(forum: Forum) -> Iterator[Issue]:
    for people, fixed in forum.fixed.items():
        for code, message in _fixed_wrongly(forum, people, fixed):
            name = "+".join(people)
            yield Issue(code, f"{name} is fixed in {fixed.slot_id}, {message}", "fixed.csv")
    yield from _overlaps(forum)


def _fixed_wrongly(forum: Forum, people: People, fixed: Fixed) -> Iterator[tuple[str, str]]:
    slot, wish = forum.slots[fixed.slot_id], forum.wishes[people]
    if slot.is_blocked:
        yield "F216", "which is blocked"
    if wish.kind == "never":
        yield "F216", "but one side refuses it"
    if any(session != slot.session_id for session in wish.sessions):
        yield "F216", f"but asks for session {', '.join(sorted(wish.sessions))}"
    for person in people:
        if fixed.slot_id in forum.absent.get(person, ()):
            yield "F216", f"when {person} is absent"
    if not fixed.table_id:
        return
    table = forum.tables[fixed.table_id]
    if len(people) > table.seats:
        yield "F223", f"at {table.table_id}, which seats {table.seats}"
    if table.owner_id and table.owner_id not in people:
        yield "F223", f"at {table.table_id}, the booth of {table.owner_id}"


def _overlaps(forum: Forum) -> Iterator[Issue]:
    at: dict[tuple[str, str], list[People]] = defaultdict(list)
    tables: dict[tuple[str, str], list[People]] = defaultdict(list)
    for people, fixed in forum.fixed.items():
        for person in people:
            at[person, fixed.slot_id].append(people)
        if fixed.table_id:
            tables[fixed.table_id, fixed.slot_id].append(people)
    for (person, slot), held in at.items():
        most = forum.participants[person].representatives
        if len(held) > most:
            listed = ", ".join("+".join(people) for people in held)
            message = f"{person} has {len(held)} meetings fixed in {slot} ({listed}) but can hold"
            yield Issue("F215", f"{message} {most} at once; move one", "fixed.csv")
    for (table, slot), held in tables.items():
        if len(held) > forum.tables[table].capacity:
            listed = ", ".join("+".join(people) for people in held)
            message = f"table {table} has overlapping fixed meetings in {slot}: {listed}"
            yield Issue("F215", message, "fixed.csv")


def _musts(forum: Forum, access: Access) -> Iterator[Issue]:
    mine: dict[str, list[People]] = defaultdict(list)
    for people, wish in forum.wishes.items():
        if wish.kind != "must" and people not in forum.fixed:
            continue
        if wish.kind == "never" or access.reason(wish) == "one_sided":
            continue
        if not access.mask(wish):
            message = f"{'+'.join(people)} must meet, but {access.why_none(wish)}"
            yield Issue("F218", message, "requests.csv")
            continue
        for person in people:
            mine[person].append(people)
    for person, musts in sorted(mine.items()):
        yield from _too_many(forum, access, person, musts)
    held = {people for musts in mine.values() for people in musts}
    room = sum(table.capacity for table in forum.tables.values()) * len(forum.open_slots)
    if len(held) > room:
        message = f"{len(held)} meetings must be held, but tables and slots have room for {room}"
        yield Issue("F222", message, "requests.csv")


def _too_many(forum: Forum, access: Access, person: str, musts: list[People]) -> Iterator[Issue]:
    """Yield the musts of one participant that cannot all have a slot (Hall's condition)."""
    who = forum.participants[person]
    names = ", ".join("+".join(people) for people in musts[:12])
    slots = access.open_to(person)
    if len(musts) > who.max_meetings:
        message = f"{person} must hold {len(musts)} meetings but may hold {who.max_meetings}"
        yield Issue("F217", f"{message}: {names}", "requests.csv")
        return
    if len(musts) > who.representatives * len(slots):
        yield Issue(
            "F217",
            f"{person} must hold {len(musts)} meetings but has only {len(slots)} slots "
            f"({', '.join(slots[:12])}) with {who.representatives} representative(s): {names}",
            "requests.csv",
        )
        return
    stuck = _unmatched(forum, access, musts, who.representatives)
    if stuck is not None:
        among, where = stuck
        listed = ", ".join("+".join(people) for people in among)
        yield Issue(
            "F217",
            f"{person} must hold {len(among)} meetings ({listed}) that fit only into "
            f"{', '.join(sorted(where))} with {who.representatives} representative(s)",
            "requests.csv",
        )


def _unmatched(
    forum: Forum, access: Access, musts: list[People], at_once: int
) -> tuple[list[People], set[str]] | None:
    taken: dict[str, list[People]] = defaultdict(list)

    def give(people: People, seen: set[str], tried: set[People]) -> bool:
        tried.add(people)
        for slot in access.slots(forum.wishes[people]):
            if slot in seen:
                continue
            seen.add(slot)
            if len(taken[slot]) < at_once:
                taken[slot].append(people)
                return True
            for other in list(taken[slot]):
                if give(other, seen, tried):
                    taken[slot].remove(other)
                    taken[slot].append(people)
                    return True
        return False

    for people in musts:
        seen: set[str] = set()
        tried: set[People] = set()
        if not give(people, seen, tried):
            return sorted(tried), seen
    return None


def _orders(forum: Forum) -> Iterator[Issue]:
    after: dict[People, list[People]] = defaultdict(list)
    for first, then in forum.precedences:
        after[first].append(then)
        one, two = forum.fixed.get(first), forum.fixed.get(then)
        if one and two:
            numbers = [forum.slots[fixed.slot_id].slot_no for fixed in (one, two)]
            if numbers[0] >= numbers[1]:
                message = (
                    f"{'+'.join(first)} must lie before {'+'.join(then)}, but they are fixed in "
                    f"{one.slot_id} and {two.slot_id}"
                )
                yield Issue("F219", message, "precedences.csv")
    done: set[People] = set()
    for start in list(after):
        path = _ring(start, after, done)
        if path:
            listed = ", ".join("+".join(people) for people in path)
            yield Issue(
                "F219", f"these meetings wait for one another: {listed}", "precedences.csv"
            )
            return


def _ring(
    start: People, after: dict[People, list[People]], done: set[People]
) -> list[People] | None:
    path: list[People] = []
    on_path: set[People] = set()
    stack: list[tuple[People, bool]] = [(start, True)]
    while stack:
        people, is_entered = stack.pop()
        if not is_entered:
            on_path.discard(path.pop())
            done.add(people)
            continue
        if people in on_path:
            return path[path.index(people) :]
        if people in done:
            continue
        path.append(people)
        on_path.add(people)
        stack.append((people, False))
        stack.extend((then, True) for then in after.get(people, ()))
    return None


__all__ = ["conflicts"]
