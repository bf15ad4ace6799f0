"""The independent check of a timetable: plain counting, no solver and none of the room's code.

Everything is worked out again from the programme's tables, the worth of a meeting too, so that a
mistake in the room cannot hide in a helper that both would use.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from coproduce.records.errors import VerificationFailed
from coproduce.records.programme import Programme

CODES = (
    "unknown_participant",
    "unknown_slot",
    "unknown_table",
    "blocked_slot",
    "meets_itself",
    "met_twice",
    "never_pair",
    "not_wished",
    "table_taken_twice",
    "too_many_at_once",
    "too_many_meetings",
    "wrong_value",
    "unexplained",
    "false_reason",
)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a timetable.

    Attributes:
        code: one of `CODES`.
        where: the pair, slot or table.
        message: what is wrong, in words.
    """

    code: str
    where: str
    message: str


def verify(
    programme: Programme,
    timetable: pl.DataFrame,
    refused: pl.DataFrame | None = None,
    matches: pl.DataFrame | None = None,
    suggested_weight: float = 1.0,
) -> tuple[Violation, ...]:
    """Return everything wrong with a timetable; nothing if it is sound.

    Args:
        programme: `participants`, `requests`, `slots`, `tables`.
        timetable: table `Timetable`.
        refused: the room's refusals, to check that each wish is held or refused for a reason
            that is true; None leaves that out.
        matches: table `Matches` that made suggestions, or None.
        suggested_weight: worth of a suggestion with score 1 (weight).
    """
    check = _Check(programme, timetable, matches, suggested_weight)
    found = [*check.rows(), *check.seats(), *check.limits()]
    if refused is not None:
        found += check.refusals(refused)
    return tuple(found)


def require_valid(
    programme: Programme,
    timetable: pl.DataFrame,
    refused: pl.DataFrame | None = None,
    matches: pl.DataFrame | None = None,
    suggested_weight: float = 1.0,
) -> None:
    """Raise if anything is wrong with a timetable.

    Raises:
        VerificationFailed: F100, listing the first violations.
    """
    found = verify(programme, timetable, refused, matches, suggested_weight)
    if found:
        listed = "; ".join(f"{item.where}: {item.message}" for item in found[:5])
        raise VerificationFailed(
            f"the timetable has {len(found)} fault(s) and must not be used: {listed}",
            code="F100",
            where="timetable",
        )


class _Check:
    def __init__(
        self,
        programme: Programme,
        timetable: pl.DataFrame,
        matches: pl.DataFrame | None,
        suggested_weight: float,
    ) -> None:
        self.people = {
            row["participant_id"]: row for row in programme["participants"].iter_rows(named=True)
        }
        self.slots = dict(programme["slots"].select("slot_id", "is_blocked").iter_rows())
        self.tables = set(programme["tables"]["table_id"])
        self.meetings = timetable.rows(named=True)
        self.never: set[frozenset[str]] = set()
        self.worth: dict[frozenset[str], float] = defaultdict(float)
        for row in programme["requests"].iter_rows(named=True):
            pair = frozenset((row["participant_id"], row["wanted_id"]))
            if row["kind"] == "never":
                self.never.add(pair)
            self.worth[pair] += row["weight"]
        for pair, score in self._suggested(matches).items():
            self.worth[pair] += score * suggested_weight
        self.held = {self._pair(row) for row in self.meetings}

    def _suggested(self, matches: pl.DataFrame | None) -> dict[frozenset[str], float]:
        speaker: dict[str, str] = {}
        for person in sorted(self.people, reverse=True):
            if self.people[person]["company_id"] is not None:
                speaker[self.people[person]["company_id"]] = person
        best: dict[frozenset[str], float] = {}
        for row in [] if matches is None else matches.iter_rows(named=True):
            sides = [speaker.get(row[f"{side}_company_id"]) for side in ("host", "partner")]
            pair = frozenset(side for side in sides if side is not None)
            if len(pair) == 2:
                best[pair] = max(best.get(pair, 0.0), row["score"])
        return best

    @staticmethod
    def _pair(row: dict[str, str]) -> frozenset[str]:
        return frozenset((row["participant_a_id"], row["participant_b_id"]))

    def rows(self) -> Iterator[Violation]:
        """Yield what is wrong with single meetings."""
        for row in self.meetings:
            pair = self._pair(row)
            where = " – ".join((row["participant_a_id"], row["participant_b_id"]))
            for code, is_wrong, message in (
                ("unknown_participant", not pair <= self.people.keys(), "not a participant"),
                ("unknown_slot", row["slot_id"] not in self.slots, f"no slot {row['slot_id']}"),
                ("unknown_table", row["table_id"] not in self.tables, f"no {row['table_id']}"),
                ("blocked_slot", self.slots.get(row["slot_id"], False), "in a blocked slot"),
                ("meets_itself", len(pair) < 2, "meets itself"),
                ("never_pair", pair in self.never, "one side refuses this meeting"),
                ("not_wished", pair not in self.worth, "nobody asked and no match suggests it"),
                (
                    "wrong_value",
                    pair in self.worth and abs(self.worth[pair] - row["value"]) > 1e-4,
                    f"worth {self.worth.get(pair, 0.0):g}, printed {row['value']:g}",
                ),
            ):
                if is_wrong:
                    yield Violation(code, where, message)

    def seats(self) -> Iterator[Violation]:
        """Yield tables taken twice and pairs that meet twice."""
        taken = Counter((row["slot_id"], row["table_id"]) for row in self.meetings)
        for (slot, table), count in sorted(taken.items()):
            if count > 1:
                where = f"{slot}, {table}"
                yield Violation("table_taken_twice", where, f"{count} meetings at one table")
        for pair, count in Counter(self._pair(row) for row in self.meetings).items():
            if count > 1:
                yield Violation("met_twice", " – ".join(sorted(pair)), f"meet {count} times")

    def limits(self) -> Iterator[Violation]:
        """Yield participants with more meetings, at once or in all, than they can hold."""
        for (person, slot), count in sorted(self._at_once().items()):
            most = self.people.get(person, {}).get("representatives", count)
            if count > most:
                message = f"{count} meetings at once, {most} representative(s)"
                yield Violation("too_many_at_once", f"{person}, {slot}", message)
        for person, count in sorted(self._total().items()):
            most = self.people.get(person, {}).get("max_meetings", count)
            if count > most:
                yield Violation("too_many_meetings", person, f"{count} meetings, wants {most}")

    def _at_once(self) -> Counter[tuple[str, str]]:
        return Counter(
            (person, row["slot_id"]) for row in self.meetings for person in self._pair(row)
        )

    def _total(self) -> Counter[str]:
        return Counter(person for row in self.meetings for person in self._pair(row))

    def refusals(self, refused: pl.DataFrame) -> Iterator[Violation]:
        """Yield wishes that are neither held nor refused, and reasons that are not true."""
        reasons = {
            self._pair(row): (row["reason_code"], row["full_id"])
            for row in refused.iter_rows(named=True)
        }
        for pair in sorted(self.worth, key=sorted):
            where = " – ".join(sorted(pair))
            if pair in self.held:
                if pair in reasons:
                    yield Violation("false_reason", where, "refused, but the meeting is held")
            elif pair not in reasons:
                yield Violation("unexplained", where, "neither held nor refused")
            elif not self._is_true(pair, *reasons[pair]):
                message = f"reason {reasons[pair][0]} does not hold"
                yield Violation("false_reason", where, message)

    def _is_true(self, pair: frozenset[str], code: str, full: str | None) -> bool:
        free = [slot for slot, is_blocked in self.slots.items() if not is_blocked]
        at_once = self._at_once()
        common = [
            slot
            for slot in free
            if all(at_once[who, slot] < self.people[who]["representatives"] for who in pair)
        ]
        per_slot = Counter(row["slot_id"] for row in self.meetings)
        if code == "participant_full":
            if full not in pair:
                return False
            person = self.people[full]
            room = min(person["max_meetings"], person["representatives"] * len(free))
            return bool(self._total()[full] >= room)
        return {
            "never": pair in self.never,
            "no_common_slot": not common,
            "tables_full": all(per_slot[slot] >= len(self.tables) for slot in common),
            "not_found": True,
        }.get(code, False)
