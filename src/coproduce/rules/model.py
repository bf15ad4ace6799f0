"""What a leaf of dated law is: references, versions, and the value served at an instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypeAlias

from coproduce.records.errors import RuleError

Status: TypeAlias = Literal["enacted", "adopted_not_in_force", "proposed", "expected", "assumed"]
Kind: TypeAlias = Literal["number", "text", "date", "flag", "table", "shape"]

STATUSES: tuple[Status, ...] = (
    "enacted",
    "adopted_not_in_force",
    "proposed",
    "expected",
    "assumed",
)
KINDS: tuple[Kind, ...] = ("number", "text", "date", "flag", "table", "shape")
EVIDENCE: tuple[str, ...] = ("seen", "conflict", "inferred")
APPLIES_KEYS: tuple[str, ...] = (
    "country",
    "region",
    "regime",
    "product_class",
    "hs",
    "origin",
    "segment",
    "who",
    "activity",
    "list",
)
OPERATORS: tuple[str, ...] = (">=", ">")

DEFAULT_STATUSES: tuple[Status, ...] = ("enacted", "adopted_not_in_force", "assumed")
"""Served unless told otherwise: law as passed, and an assumption only where no law stands."""

OPEN = date.min
"""Effect date of a version whose beginning no source gave (`from: open` in a leaf)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value was read.

    Attributes:
        ref_id: name inside the leaf file.
        title: the act or page in words.
        href: link; empty only for an assumption, which then has a `method`.
        method: how an assumed value was chosen.
        number, article: of the act, where known.
        published, accessed: days, where known.
    """

    ref_id: str
    title: str
    href: str = ""
    method: str = ""
    number: str = ""
    article: str = ""
    published: date | None = None
    accessed: date | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One value of a leaf with both of its dates.

    Attributes:
        effect: first day of effect (`OPEN`: beginning not seen).
        known: day of publication; None where no source gave it.
        value: the value; None means that no such rule exists from `effect` on.
        until: last day of effect, both ends included; None is open.
        replaces: effect date of the earlier version that this one withdraws.
        operator: how a threshold is compared, ``>=`` or ``>``.
        low, high: range in the leaf's unit, where the sources give one.
        line: line in the leaf's file.
    """

    effect: date
    known: date | None
    value: Any
    status: Status
    refs: tuple[str, ...]
    until: date | None = None
    replaces: tuple[date, ...] = ()
    note: str = ""
    evidence: str = "seen"
    operator: str = ""
    low: float | None = None
    high: float | None = None
    line: int = 0

    @property
    def known_on(self) -> date:
        """Day from which the version counts as known: its effect date if none was found."""
        return self.known if self.known is not None else self.effect


@dataclass(frozen=True, slots=True)
class Leaf:
    """One rule: what it is, to whom it applies, and its versions in date order."""

    leaf_id: str
    label_en: str
    label_ru: str
    unit: str
    kind: Kind
    versions: tuple[Version, ...]
    references: Mapping[str, Reference]
    checked: date
    file: str
    line: int
    role: str = ""
    applies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""

    @property
    def area(self) -> str:
        """The first two parts of the id, for example ``xx.tax``."""
        return ".".join(self.leaf_id.split(".")[:2])

    def applies_to(self, key: str, value: str) -> bool:
        """True if the leaf names `value` under `key`, or does not speak of `key` at all."""
        named = self.applies.get(key, ())
        return not named or value in named


@dataclass(frozen=True, slots=True)
class RuleValue:
    """The value of a leaf at an instant, with everything needed to trace it."""

    leaf_id: str
    value: Any
    unit: str
    kind: Kind
    status: Status
    effect_from: date | None
    known: date | None
    until: date | None
    references: tuple[Reference, ...]
    checked: date
    evidence: str = "seen"
    note: str = ""
    operator: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def rule_id(self) -> str:
        """``leaf@effect-date``, the form in which figures name the rules they used."""
        return f"{self.leaf_id}@{self.effect_from.isoformat() if self.effect_from else 'open'}"

    @property
    def is_assumed(self) -> bool:
        """True if no source confirms the value."""
        return self.status == "assumed"

    @property
    def number(self) -> float:
        """The value as a number in the leaf's unit.

        Raises:
            RuleError: R107 if the leaf does not hold a number.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise RuleError(
                f"{self.leaf_id} holds a {self.kind}, a number was asked for; "
                "read `.value` instead",
                code="R107",
                where=self.leaf_id,
            )
        return float(self.value)

    @property
    def share(self) -> float:
        """The value as a share of one; only for leaves in percent or share.

        Raises:
            RuleError: R107 if the unit is neither.
        """
        return self.number * share_factor(self.unit, self.leaf_id)

    @property
    def low_share(self) -> float:
        """The low end as a share; the value itself where no range is known."""
        low = self.number if self.low is None else self.low
        return low * share_factor(self.unit, self.leaf_id)

    @property
    def high_share(self) -> float:
        """The high end as a share; the value itself where no range is known."""
        high = self.number if self.high is None else self.high
        return high * share_factor(self.unit, self.leaf_id)


def share_factor(unit: str, leaf_id: str) -> float:
    """Return what turns a value of `unit` into a share of one.

    Raises:
        RuleError: R107 if the unit is neither ``percent`` nor ``share``.
    """
    factors = {"percent": 0.01, "share": 1.0}
    if unit not in factors:
        raise RuleError(
            f"{leaf_id} is in {unit!r}, a share was asked for; allowed: percent, share",
            code="R107",
            where=leaf_id,
        )
    return factors[unit]
