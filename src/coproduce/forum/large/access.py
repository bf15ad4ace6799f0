"""In which slots a meeting could lie at all, before anybody's other meetings are counted."""

from __future__ import annotations

from coproduce.forum.large.types import Forum, Wish


class Access:
    """Slots as bits of a whole number: bit k is the k-th open slot.

    Args:
        forum: as read.
    """

    def __init__(self, forum: Forum) -> None:
        self.forum = forum
        self.names = forum.open_slots
        self.all = (1 << len(self.names)) - 1
        self._bit = {name: 1 << number for number, name in enumerate(self.names)}
        self._free = {name: self._of(name) for name in (*forum.participants, *forum.interpreters)}
        self._session = {
            session: sum(
                self._bit[name] for name in self.names if forum.slots[name].session_id == session
            )
            for session in forum.sessions
        }
        self._help: dict[tuple[frozenset[str], frozenset[str]], tuple[str, ...]] = {}
        self._seats = max((table.seats for table in forum.tables.values()), default=0)

    def _of(self, person: str) -> int:
        missed = self.forum.absent.get(person, frozenset())
        return self.all & ~sum(self._bit.get(slot, 0) for slot in missed)

    def free(self, person: str) -> int:
        """Return the open slots in which a person is at the forum, as bits."""
        return self._free[person]

    def open_to(self, person: str) -> tuple[str, ...]:
        """Return the open slots in which a person is at the forum."""
        return self.named(self._free[person])

    def named(self, mask: int) -> tuple[str, ...]:
        """Return the slots of a mask."""
        return tuple(name for name in self.names if self._bit[name] & mask)

    def common(self, wish: Wish) -> int:
        """Return the slots in which all are at the forum and the session is right, as bits."""
        mask = self.all
        for person in wish.people:
            mask &= self._free[person]
        for session in wish.sessions:
            mask &= self._session[session]
        fixed = self.forum.fixed.get(wish.people)
        return mask & self._bit.get(fixed.slot_id, 0) if fixed else mask

    def helpers(self, wish: Wish) -> tuple[str, ...] | None:
        """Return the interpreters who could serve; None if everybody shares a language."""
        tongues = [self.forum.participants[person].languages for person in wish.people]
        if frozenset.intersection(*tongues):
            return None
        if len(tongues) != 2:
            return tuple(
                name
                for name, helper in self.forum.interpreters.items()
                if all(helper.languages & own for own in tongues)
            )
        key = (tongues[0], tongues[1])
        if key not in self._help:
            self._help[key] = tuple(
                name
                for name, helper in self.forum.interpreters.items()
                if helper.languages & key[0] and helper.languages & key[1]
            )
        return self._help[key]

    def reason(self, wish: Wish) -> str:
        """Return why the meeting can lie nowhere, as a code of `Refusal`, or an empty text."""
        if wish.kind == "never":
            return "never"
        settings = self.forum.settings
        is_pair_of_two = len(wish.people) == 2 and (wish.asked_by or wish.is_suggested)
        if (
            settings.one_sided == "refused"
            and is_pair_of_two
            and len(wish.asked_by) < 2
            and wish.people not in self.forum.fixed
        ):
            return "one_sided"
        if len(wish.people) > self._seats:
            return "no_table_fits"
        if not self.common(wish):
            return "no_common_slot"
        if settings.interpretation == "required":
            helpers = self.helpers(wish)
            if helpers is not None and not self.with_help(wish, helpers):
                return "no_interpreter"
        return ""

    def with_help(self, wish: Wish, helpers: tuple[str, ...]) -> int:
        """Return the common slots in which one of the interpreters is there, as bits."""
        there = 0
        for name in helpers:
            there |= self._free[name]
        return self.common(wish) & there

    def mask(self, wish: Wish) -> int:
        """Return the slots the meeting could lie in, as bits; 0 if `reason` gives one."""
        if self.reason(wish):
            return 0
        if self.forum.settings.interpretation == "required":
            helpers = self.helpers(wish)
            if helpers is not None:
                return self.with_help(wish, helpers)
        return self.common(wish)

    def slots(self, wish: Wish) -> tuple[str, ...]:
        """Return the slots the meeting could lie in."""
        return self.named(self.mask(wish))

    def why_none(self, wish: Wish) -> str:
        """Return, in words, why there is no slot, with the slots of each."""
        reason = self.reason(wish)
        if reason == "no_interpreter":
            return "they share no language and no interpreter speaks both when they are there"
        if reason == "no_table_fits":
            return f"no table seats {len(wish.people)}"
        each = "; ".join(f"{who} is there in {_few(self.open_to(who))}" for who in wish.people)
        limited = f", and they ask for {' and '.join(sorted(wish.sessions))}"
        return f"they have no common slot ({each}{limited if wish.sessions else ''})"


def _few(names: tuple[str, ...]) -> str:
    if not names:
        return "no slot"
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


__all__ = ["Access"]
