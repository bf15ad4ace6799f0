"""The meeting problem in true-or-false variables; the mathematics is in docs/method/forum-b2b.md.

For each participant a counter says how many of its meetings lie in the first t slots. Everything
about breaks is said through it, so that a decision on one slot is felt in all others at once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from coproduce.engines.boolean import BoolModel, Term, opposite
from coproduce.forum.b2b.types import Definition, Problem


@dataclass(slots=True)
class Encoding:
    """A problem as a model.

    Attributes:
        model: clauses, limits and wishes; a wish that is not met is a break.
        held: (meeting, slot) → variable.
        busy: (participant, slot) → literal.
    """

    problem: Problem
    model: BoolModel = field(default_factory=BoolModel)
    held: dict[tuple[int, int], int] = field(default_factory=dict)
    busy: dict[tuple[int, int], int] = field(default_factory=dict)

    def slots(self, true: frozenset[int]) -> tuple[int, ...]:
        """Return the slot of each meeting in an answer."""
        found = {number: slot for (number, slot), name in self.held.items() if name in true}
        return tuple(found[number] for number in range(1, len(self.problem.meetings) + 1))


def encode(
    problem: Problem, definition: Definition, fairness: int, least_breaks: int = 0
) -> Encoding:
    """Return the model of a problem.

    Args:
        problem: to be solved.
        definition: of a break.
        fairness: most by which the breaks of two participants may differ.
        least_breaks: every participant has at least this many breaks, and so at most
            ``least_breaks + fairness``; 0 unless nobody can do without.
    """
    encoding = Encoding(problem)
    _hold_every_meeting(encoding)
    _one_meeting_at_a_time(encoding)
    _keep_order(encoding)
    _share_tables(encoding)
    for person, numbers in enumerate(problem.meetings_of(), start=1):
        _Breaks(encoding, person, len(numbers), definition).add(
            least_breaks, least_breaks + fairness
        )
    return encoding


def _hold_every_meeting(encoding: Encoding) -> None:
    model = encoding.model
    for number in range(1, len(encoding.problem.meetings) + 1):
        choices = []
        for slot in encoding.problem.allowed(number):
            encoding.held[number, slot] = model.new()
            choices.append(encoding.held[number, slot])
        model.clause(*choices)
        model.limit(choices, 1)


def _one_meeting_at_a_time(encoding: Encoding) -> None:
    problem = encoding.problem
    for person, numbers in enumerate(problem.meetings_of(), start=1):
        for slot in range(1, problem.slots + 1):
            here = [encoding.held[n, slot] for n in numbers if (n, slot) in encoding.held]
            if here:
                encoding.busy[person, slot] = _either(encoding.model, here)


def _either(model: BoolModel, literals: list[int]) -> int:
    """Return a literal that is true exactly if one of the given is; no two may be."""
    model.limit(literals, 1)
    if len(literals) == 1:
        return literals[0]
    name = model.new()
    for literal in literals:
        model.clause(-literal, name)
    model.clause(-name, *literals)
    return name


def _keep_order(encoding: Encoding) -> None:
    problem, held = encoding.problem, encoding.held
    for after, earlier in enumerate(problem.before, start=1):
        for before in sorted(earlier):
            mine, theirs = problem.allowed(after), problem.allowed(before)
            for slot in mine:
                sooner = (held[before, other] for other in theirs if other < slot)
                encoding.model.clause(-held[after, slot], *sooner)
            for slot in theirs:
                later = (held[after, other] for other in mine if other > slot)
                encoding.model.clause(-held[before, slot], *later)


def _share_tables(encoding: Encoding) -> None:
    """Demand that tables suffice, said twice: over clusters of meetings and over busy people.

    Meetings of one participant exclude one another, so a cluster of them counts as one. A meeting
    keeps two people busy, so at most twice as many are busy as there are tables; this second form
    is implied, and decides speed where tables are scarce.
    """
    problem, model = encoding.problem, encoding.model
    clusters, people = _clusters(problem), problem.meetings_of()
    for slot in range(1, problem.slots + 1):
        at_once = [
            _cluster_held(encoding, person, numbers, people[person - 1], slot)
            for person, numbers in clusters.items()
        ]
        model.limit([name for name in at_once if name], problem.tables)
        busy = [
            encoding.busy[person, slot]
            for person in range(1, problem.participants + 1)
            if (person, slot) in encoding.busy
        ]
        model.limit(busy, 2 * problem.tables)


def _clusters(problem: Problem) -> dict[int, list[int]]:
    """Return all meetings split among few participants that take part in them, busiest first."""
    left = dict(enumerate(problem.meetings, start=1))
    clusters: dict[int, list[int]] = {}
    while left:
        load = Counter(p for meeting in left.values() for p in (meeting.first, meeting.second))
        person = min(load, key=lambda p: (-load[p], p))
        clusters[person] = [n for n, m in left.items() if person in (m.first, m.second)]
        for number in clusters[person]:
            del left[number]
    return clusters


def _cluster_held(
    encoding: Encoding, person: int, numbers: list[int], own: tuple[int, ...], slot: int
) -> int:
    """Return a literal for "one of these meetings of `person` is in `slot`", 0 if none can be.

    `own` are all meetings of the person.
    """
    here = [encoding.held[n, slot] for n in numbers if (n, slot) in encoding.held]
    if not here:
        return 0
    if len(here) == sum((n, slot) in encoding.held for n in own):
        return encoding.busy[person, slot]
    return _either(encoding.model, here)


class _Breaks:
    """Counter, runs and breaks of one participant.

    Attributes:
        line: literals "busy" along the slots that count for breaks, False where nothing can be.
        done: (position, k) → term "at least k meetings lie in the first `position` of the line".
    """

    def __init__(
        self, encoding: Encoding, person: int, meetings: int, definition: Definition
    ) -> None:
        problem = encoding.problem
        skipped = problem.forbidden[person - 1] if definition == "avoidable" else frozenset()
        self.model = encoding.model
        self.meetings = meetings
        self.line: list[Term] = [
            encoding.busy.get((person, slot), False)
            for slot in range(1, problem.slots + 1)
            if slot not in skipped
        ]
        self.done: list[list[Term]] = []

    def add(self, least: int, most: int) -> None:
        """Add everything said of this participant; between `least` and `most` breaks."""
        self._count_meetings()
        ends = self._run_ends()
        levels = min(max(most, least), max(0, self.meetings - 1), len(ends))
        at_least = self._count_breaks(ends, levels + 1)
        for level in range(1, levels + 1):
            if level <= least:
                self.model.clause(at_least[level])
            term = at_least[level]
            if not isinstance(term, bool):
                self.model.wishes.append(-term)
        if levels < least:
            self.model.clause()
        self.model.clause(opposite(at_least[levels + 1]))
        self._stay_together(at_least[1] if len(at_least) > 1 else False)

    def _count_meetings(self) -> None:
        model, wanted = self.model, self.meetings
        rest = sum(term is not False for term in self.line)
        possible = 0
        row: list[Term] = [True, *[False] * (wanted + 1)]
        self.done = [row]
        for term in self.line:
            if term is False:
                self.done.append(row)
                continue
            possible, rest = possible + 1, rest - 1
            new: list[Term] = [
                True if k <= wanted - rest else False if k > min(possible, wanted) else model.new()
                for k in range(wanted + 2)
            ]
            self._step(term, row, new)
            row = new
            self.done.append(row)

    def _step(self, busy: Term, row: list[Term], new: list[Term]) -> None:
        """Say how the count moves from one slot to the next."""
        clause = self.model.clause
        for k in range(1, len(new)):
            clause(opposite(row[k]), new[k])
            clause(opposite(row[k - 1]), opposite(busy), new[k])
            clause(opposite(new[k]), row[k], busy)
            clause(opposite(new[k]), row[k - 1])
            clause(opposite(new[k]), new[k - 1])

    def _run_ends(self) -> list[Term]:
        """Return for each position a term "a run of meetings ends here and another follows"."""
        ends: list[Term] = []
        for position, term in enumerate(self.line[:-1], start=1):
            finished = self.done[position][self.meetings]
            if term is False or finished is True or self.meetings < 2:
                continue
            end, following = self.model.new(), self.line[position]
            self.model.clause(opposite(term), following, finished, end)
            self.model.clause(-end, term)
            self.model.clause(-end, opposite(following))
            self.model.clause(-end, opposite(finished))
            ends.append(end)
        return ends

    def _count_breaks(self, ends: list[Term], most: int) -> list[Term]:
        """Return terms "at least k breaks" for k from 0 to `most`."""
        row: list[Term] = [True, *[False] * most]
        for seen, end in enumerate(ends, start=1):
            new: list[Term] = [
                True if k == 0 else False if k > seen else self.model.new()
                for k in range(most + 1)
            ]
            for k in range(1, min(seen, most) + 1):
                self.model.clause(opposite(row[k]), new[k])
                self.model.clause(opposite(row[k - 1]), opposite(end), new[k])
                self.model.clause(opposite(new[k]), row[k], end)
                self.model.clause(opposite(new[k]), row[k - 1])
            row = new
        return row

    def _stay_together(self, broken: Term) -> None:
        """Without a break all meetings are one window; name its start and tie it to every slot."""
        if self.meetings < 2 or broken is False:
            return
        windows: dict[int, int] = {}
        for start in range(len(self.line) - self.meetings + 1):
            inside = self.line[start : start + self.meetings]
            if all(term is not False for term in inside):
                windows[start] = self.model.new()
        clause, names = self.model.clause, list(windows.values())
        clause(broken, *names)
        self.model.limit(names, 1)
        for name in names:
            clause(-name, opposite(broken))
        for position, term in enumerate(self.line):
            if term is False:
                continue
            covers = [n for s, n in windows.items() if s <= position < s + self.meetings]
            others = [n for n in names if n not in covers]
            for name in covers:
                clause(-name, term)
            for name in others:
                clause(-name, opposite(term))
            clause(broken, opposite(term), *covers)
            clause(broken, term, *others)


__all__ = ["Encoding", "encode"]
