"""The rule book: a pure lookup of dated law by two clocks, and the trace of each answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from coproduce.records.errors import RuleError
from coproduce.rules.model import (
    APPLIES_KEYS,
    DEFAULT_STATUSES,
    OPEN,
    STATUSES,
    Leaf,
    RuleValue,
    Status,
    Version,
)


@dataclass(frozen=True, slots=True)
class TracedVersion:
    """A version of a leaf and what the lookup made of it.

    Attributes:
        verdict: ``served`` or the reason for which it was passed over.
    """

    version: Version
    is_served: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A leaf, the instant asked, and the verdict on each of its versions."""

    leaf: Leaf
    effect: date
    known: date | None
    served: RuleValue | None
    versions: tuple[TracedVersion, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far an instrument of law was checked.

    Attributes:
        verified_from, verified_to: days between which the values were compared with texts.
        missing: what is known to be lacking.
    """

    instrument: str
    area: str
    status: str
    verified_from: date | None
    verified_to: date | None
    missing: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All leaves of a tree, ready to be asked.

    Example:
        >>> from datetime import date
        >>> from coproduce import rules
        >>> rules.load().at(date(2027, 1, 1)).value("ru.tax.profit.total").share
        0.25
    """

    leaves: Mapping[str, Leaf]
    coverage: tuple[Coverage, ...] = ()

    def at(
        self,
        effect: date,
        known: date | None = None,
        statuses: Collection[Status] = DEFAULT_STATUSES,
    ) -> View:
        """Return the law in effect on a day, as published by another.

        Args:
            effect: the day on which the rule is to hold.
            known: law published after this day is not looked at; None is everything published.
            statuses: which versions may be served. An ``assumed`` version is served only
                where none of the others holds; each answer carries its status.

        Raises:
            RuleError: R103 if a status is not one of the five.
        """
        unknown = [status for status in statuses if status not in STATUSES]
        if unknown:
            raise RuleError(
                f"unknown status {', '.join(map(repr, unknown))}; allowed: {', '.join(STATUSES)}",
                code="R103",
            )
        return View(self, effect, known, tuple(statuses))

    def leaf(self, leaf_id: str) -> Leaf:
        """Return a leaf.

        Raises:
            RuleError: R101 if there is none; the message names close ones.
        """
        found = self.leaves.get(leaf_id)
        if found is None:
            close = get_close_matches(leaf_id, self.leaves, n=3, cutoff=0.5)
            hint = f"; did you mean {', '.join(close)}?" if close else ""
            raise RuleError(
                f"there is no leaf {leaf_id!r} among {len(self.leaves)}{hint}",
                code="R101",
                where=leaf_id,
            )
        return found

    def trace(
        self,
        leaf_id: str,
        effect: date,
        known: date | None = None,
        statuses: Collection[Status] = DEFAULT_STATUSES,
    ) -> Trace:
        """Return the answer for an instant with the reason for each version passed over.

        Raises:
            RuleError: R101 for an unknown leaf, R103 for an unknown status.
        """
        leaf = self.leaf(leaf_id)
        view = self.at(effect, known, statuses)
        verdicts = _verdicts(leaf, effect, known, view.statuses)
        traced = tuple(
            TracedVersion(version, verdict == SERVED, verdict)
            for version, verdict in zip(leaf.versions, verdicts, strict=True)
        )
        return Trace(leaf, effect, known, view.get(leaf_id), traced)


@dataclass(frozen=True, slots=True)
class View:
    """The law at one instant: every question with the same two dates and statuses."""

    book: RuleBook
    effect: date
    known: date | None
    statuses: tuple[Status, ...]

    def get(self, leaf_id: str) -> RuleValue | None:
        """Return the value at the instant, or None where no such rule holds.

        Raises:
            RuleError: R101 if there is no such leaf at all.
        """
        leaf = self.book.leaf(leaf_id)
        verdicts = _verdicts(leaf, self.effect, self.known, self.statuses)
        for version, verdict in zip(leaf.versions, verdicts, strict=True):
            if verdict == SERVED:
                return None if version.value is None else _served(leaf, version)
        return None

    def value(self, leaf_id: str) -> RuleValue:
        """Return the value at the instant.

        Raises:
            RuleError: R101 for an unknown leaf, R102 where no such rule holds.
        """
        found = self.get(leaf_id)
        if found is None:
            by = f", as published by {self.known}" if self.known else ""
            raise RuleError(
                f"{leaf_id} has no value on {self.effect}{by} with status "
                f"{', '.join(self.statuses)}; ask `get` if that is a fair answer, or "
                f"`coproduce rules trace {leaf_id} --at {self.effect}` for the reasons",
                code="R102",
                where=leaf_id,
            )
        return found

    def find(self, role: str, **applies: str) -> tuple[RuleValue, ...]:
        """Return the values of all leaves with a role that apply, in id order.

        Args:
            role: what the code uses the leaf for, for example ``import_duty``.
            applies: who or what it must apply to, for example ``country="XX"``; a leaf that
                does not speak of a key applies to all of its values.

        Raises:
            RuleError: R104 if no leaf at all has the role, or for a key unknown to leaves.
        """
        unknown = sorted(set(applies) - set(APPLIES_KEYS))
        if unknown:
            raise RuleError(
                f"leaves do not speak of {', '.join(unknown)}; allowed: {', '.join(APPLIES_KEYS)}",
                code="R104",
            )
        cast = [leaf for _, leaf in sorted(self.book.leaves.items()) if leaf.role == role]
        if not cast:
            roles = sorted({leaf.role for leaf in self.book.leaves.values() if leaf.role})
            raise RuleError(
                f"no leaf has the role {role!r}; given: {', '.join(roles) or 'none'}", code="R104"
            )
        leaves = (
            leaf
            for leaf in cast
            if all(leaf.applies_to(key, value) for key, value in applies.items())
        )
        return tuple(value for leaf in leaves if (value := self.get(leaf.leaf_id)) is not None)

    def values(self, area: str = "") -> tuple[RuleValue, ...]:
        """Return every value in force, in id order, below an id prefix."""
        ids = sorted(i for i in self.book.leaves if not area or f"{i}.".startswith(f"{area}."))
        return tuple(value for i in ids if (value := self.get(i)) is not None)


SERVED = "served"


def _verdicts(
    leaf: Leaf, effect: date, known: date | None, statuses: Collection[Status]
) -> list[str]:
    """Return, version by version, ``served`` or why it was passed over."""
    servable = [_passed_over(version, known, statuses) for version in leaf.versions]
    eligible = [v for v, why in zip(leaf.versions, servable, strict=True) if not why]
    verdicts = [
        why or _replaced(v, eligible) or _out_of_effect(v, effect)
        for v, why in zip(leaf.versions, servable, strict=True)
    ]
    standing = [v for v, why in zip(leaf.versions, verdicts, strict=True) if not why]
    firm = [v for v in standing if v.status != "assumed"]
    winner = max(firm or standing, key=lambda v: (v.effect, v.known_on), default=None)
    return [
        why or (SERVED if v is winner else _beaten(v, winner))
        for v, why in zip(leaf.versions, verdicts, strict=True)
    ]


def _passed_over(version: Version, known: date | None, statuses: Collection[Status]) -> str:
    if version.status not in statuses:
        return f"status {version.status} was not asked for"
    if known is not None and version.known_on > known:
        return f"published on {version.known_on}, after {known}"
    return ""


def _replaced(version: Version, eligible: list[Version]) -> str:
    """Return why a version is withdrawn by a later one; an assumption never withdraws law."""
    for other in eligible:
        named = version.effect in other.replaces and other is not version
        may = other.status != "assumed" or version.status == "assumed"
        if named and may and other.known_on >= version.known_on:
            return f"withdrawn by the version published on {other.known_on}"
    return ""


def _out_of_effect(version: Version, effect: date) -> str:
    if version.effect > effect:
        return f"in effect only from {version.effect}"
    if version.until is not None and version.until < effect:
        return f"ended on {version.until}"
    return ""


def _beaten(version: Version, winner: Version | None) -> str:
    if winner is None:
        return "nothing stands"
    if version.status == "assumed" and winner.status != "assumed":
        return f"an assumption, and {winner.status} law stands"
    if version.effect < winner.effect:
        return f"followed by the version in effect from {winner.effect}"
    return f"followed by the version published on {winner.known_on}"


def _served(leaf: Leaf, version: Version) -> RuleValue:
    return RuleValue(
        leaf_id=leaf.leaf_id,
        value=version.value,
        unit=leaf.unit,
        kind=leaf.kind,
        status=version.status,
        effect_from=None if version.effect == OPEN else version.effect,
        known=version.known,
        until=version.until,
        references=tuple(leaf.references[ref] for ref in version.refs),
        checked=leaf.checked,
        evidence=version.evidence,
        note=" ".join(part for part in (leaf.note, version.note) if part),
        operator=version.operator,
        low=version.low,
        high=version.high,
    )
