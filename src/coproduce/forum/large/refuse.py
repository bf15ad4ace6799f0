"""Why each wished meeting is not held: a certificate that the timetable itself bears out."""

from __future__ import annotations

from coproduce.forum.large.access import Access
from coproduce.forum.large.board import Board
from coproduce.forum.large.types import Forum, People, Refusal, Wish


def refusals(forum: Forum, access: Access, board: Board) -> tuple[Refusal, ...]:
    """Return every wish that is not held with its certificate, worthiest first.

    Args:
        forum: the wishes.
        access: slots of each.
        board: the timetable, after `fill`.
    """
    number = {people: index for index, people in enumerate(board.task.meetings)}
    least = _least(board)
    found = [
        _refusal(wish, access, board, number, least)
        for people, wish in forum.wishes.items()
        if number.get(people, -1) not in board.slot_of
    ]
    rank = {"must": 0, "meet": 1, "never": 2}
    found.sort(key=lambda refusal: (rank[refusal.kind], -refusal.value, refusal.people))
    return tuple(found)


def _least(board: Board) -> list[int]:
    """Return the least worth among each participant's meetings that need not be held."""
    task = board.task
    least = [10**9] * len(task.names)
    for meeting in board.slot_of:
        if not task.is_must[meeting]:
            for person in task.who[meeting]:
                least[person] = min(least[person], task.worth[meeting])
    return least


def _refusal(
    wish: Wish, access: Access, board: Board, number: dict[People, int], least: list[int]
) -> Refusal:
    base = (wish.people, wish.value, wish.kind)
    code = access.reason(wish)
    if code:
        return Refusal(*base, code)
    meeting = number[wish.people]
    task = board.task
    full = [p for p in task.who[meeting] if board.held[p] >= board.limit[p]]
    if full:
        person = max(full, key=lambda each: (least[each], each))
        is_better = least[person] >= wish.value
        code = "participant_full" if is_better else "participant_full_lower"
        worth = 0 if least[person] == 10**9 else least[person]
        return Refusal(*base, code, task.names[person], worth)
    common = task.mask[meeting]
    free = common
    for person in task.who[meeting]:
        free &= board.free[person]
    if not free:
        return Refusal(*base, "no_free_slot", slots=access.named(common))
    ordered = board.in_order(meeting) & free
    if not ordered:
        return Refusal(*base, "order", slots=access.named(free))
    left = board.slots_left(meeting)
    if left:
        return Refusal(*base, "not_found", slots=access.named(left))
    tables = ordered
    for pool in task.pools[meeting]:
        if pool < task.table_pools:
            tables &= board.open(pool)
    code = "interpreters_full" if tables else "tables_full"
    return Refusal(*base, code, slots=access.named(tables or ordered))


__all__ = ["refusals"]
