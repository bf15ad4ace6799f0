"""Profit-tax rate of a regime in a year. Bands, links and the cap on relief are data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from coproduce.records.errors import RuleError
from coproduce.rules.book import RuleBook, View
from coproduce.rules.model import DEFAULT_STATUSES, RuleValue, Status, share_factor

ROLE = "profit_tax_regime"


@dataclass(frozen=True, slots=True)
class RegimeYear:
    """What a resident of a regime pays on profit in one calendar year.

    Attributes:
        total_rate_share: rate on profit, relief included (0–1).
        federal_rate_share, regional_rate_share: its parts; None where the law or the source
            gives only the total.
        general_rate_share: rate that the same profit would bear without the regime.
        is_relief_capped: relief may not exceed the resident's own spending.
        cap_ratio: own spending needed per unit of relief; None without a cap.
        cap_grace_years: years after status before the cap is checked.
        payroll_rate_share: reduced social contributions; None: the general ones.
        band: first and last year number of the band used; None before the year of status and
            after relief has ended.
        status: weakest status among the rules used.
        rule_ids: rules used, as ``leaf@effect-date``.
    """

    regime_id: str
    year: int
    total_rate_share: float
    federal_rate_share: float | None
    regional_rate_share: float | None
    general_rate_share: float
    is_relief_capped: bool
    cap_ratio: float | None
    cap_grace_years: int
    payroll_rate_share: float | None
    band: tuple[int, int | None] | None
    status: Status
    rule_ids: tuple[str, ...]

    @property
    def relief_share(self) -> float:
        """Relief per unit of profit: general rate minus the regime's rate."""
        return self.general_rate_share - self.total_rate_share


def regime_rates(
    book: RuleBook,
    regime_id: str,
    year: int,
    *,
    first_profit_year: int | None = None,
    status_date: date | None = None,
    known: date | None = None,
    statuses: Collection[Status] = DEFAULT_STATUSES,
) -> RegimeYear:
    """Return what a resident of a regime pays on profit in a year.

    The law of 1 January of the year is asked; years are whole, so relief begins with the year
    of status. `docs/rules.md` explains the three shapes.

    Args:
        regime_id: as named by a site, for example ``gen``.
        year: calendar year of the profit.
        first_profit_year: first calendar year with a taxable profit; None: not yet, so the
            first band stands. Only regimes that count from first profit look at it.
        status_date: day on which residence or contract began. Needed where relief is capped
            by the date of status or where the term runs from it.
        known: law published after this day is not looked at; None is everything published.
        statuses: which versions may be served, see `RuleBook.at`.

    Raises:
        RuleError: R105 for an unknown or ambiguous regime, R102 if it has no rate in that
            year, R106 if `status_date` is needed and missing.
    """
    view = book.at(date(year, 1, 1), known, statuses)
    rule = _regime(view, regime_id)
    used = [rule]
    shape: Mapping[str, Any] = rule.value
    general = _rates(view, shape["general"], {}, rule, used)
    capped, ratio, grace = _cap(view, shape, status_date, used)
    count = _year_number(shape, year, first_profit_year, status_date, rule)
    is_resident = status_date is None or year >= status_date.year
    band = _band(shape, count) if is_resident and not _is_over(shape, year, count) else None
    total, federal, regional = general
    if band is not None:
        total, federal, regional = _rates(view, band, shape["general"], rule, used)
    return RegimeYear(
        regime_id=regime_id,
        year=year,
        total_rate_share=total,
        federal_rate_share=federal,
        regional_rate_share=regional,
        general_rate_share=general[0],
        is_relief_capped=capped,
        cap_ratio=ratio,
        cap_grace_years=grace,
        payroll_rate_share=_payroll(view, shape, year, status_date, used),
        band=None if band is None else (band["from"], band.get("to")),
        status=weakest(used),
        rule_ids=rule_ids(used),
    )


def regime_ids(book: RuleBook) -> tuple[str, ...]:
    """Return every regime id that a site may name, in order."""
    named = (
        regime
        for leaf in book.leaves.values()
        if leaf.role == ROLE
        for regime in leaf.applies.get("regime", ())
    )
    return tuple(sorted(named))


def weakest(used: Collection[RuleValue]) -> Status:
    """Return the status that a result must carry: the weakest among the rules used."""
    order: tuple[Status, ...] = (
        "assumed",
        "expected",
        "proposed",
        "adopted_not_in_force",
        "enacted",
    )
    return next(status for status in order if any(r.status == status for r in used))


def rule_ids(used: Collection[RuleValue]) -> tuple[str, ...]:
    """Return the ids of the rules used, each once, in the order of use."""
    return tuple(dict.fromkeys(value.rule_id for value in used))


def _regime(view: View, regime_id: str) -> RuleValue:
    leaves = [
        leaf
        for leaf in view.book.leaves.values()
        if leaf.role == ROLE and regime_id in leaf.applies.get("regime", ())
    ]
    if len(leaves) != 1:
        allowed = ", ".join(regime_ids(view.book))
        problem = "is not known" if not leaves else f"stands in {len(leaves)} leaves"
        raise RuleError(f"regime {regime_id!r} {problem}; allowed: {allowed}", code="R105")
    return view.value(leaves[0].leaf_id)


def _year_number(
    shape: Mapping[str, Any],
    year: int,
    first_profit_year: int | None,
    status_date: date | None,
    rule: RuleValue,
) -> int:
    """Return the year as the shape counts it: 1 is the first year, or the calendar year."""
    kind = shape["shape"]
    if kind == "years_from_first_profit":
        return max(1, year - (first_profit_year or year) + 1)
    if kind == "project_term":
        return max(1, year - _status_needed(status_date, rule.leaf_id).year + 1)
    return year


def _is_over(shape: Mapping[str, Any], year: int, count: int) -> bool:
    last_year, term = shape.get("last_year"), shape.get("term_years")
    return (last_year is not None and year > last_year) or (term is not None and count > term)


def _band(shape: Mapping[str, Any], count: int) -> Mapping[str, Any] | None:
    for band in shape.get("bands", ()):
        if band["from"] <= count and (band.get("to") is None or count <= band["to"]):
            return dict(band)
    return None


def _rates(
    view: View,
    band: Mapping[str, Any],
    general: Mapping[str, Any],
    rule: RuleValue,
    used: list[RuleValue],
) -> tuple[float, float | None, float | None]:
    """Return total, federal and regional rate of a band, as shares."""
    parts = {
        key: _rate(view, band[key], general.get(key), rule, used) if key in band else None
        for key in ("total", "federal", "regional")
    }
    total, federal, regional = parts["total"], parts["federal"], parts["regional"]
    if total is None:
        if federal is None or regional is None:
            raise RuleError(
                f"{rule.leaf_id}: a band needs `total`, or both `federal` and `regional`",
                code="R107",
                where=rule.leaf_id,
            )
        total = federal + regional
    elif federal is not None and regional is None:
        regional = total - federal
    return total, federal, regional


def _rate(view: View, given: Any, general: Any, rule: RuleValue, used: list[RuleValue]) -> float:
    """Return a rate written as a number, a link, or the word ``general``."""
    if given == "general":
        given = general
    if isinstance(given, dict):
        linked = view.value(str(given["leaf"]))
        used.append(linked)
        return linked.share
    return float(given) * share_factor(rule.unit, rule.leaf_id)


def _cap(
    view: View, shape: Mapping[str, Any], status_date: date | None, used: list[RuleValue]
) -> tuple[bool, float | None, int]:
    """Return whether relief is capped by own spending, the ratio, and the years of grace.

    The cap is looked up on the day of status: residents of before its start keep full relief.
    """
    link = shape.get("relief_cap")
    if link is None:
        return False, None, 0
    leaf_id = str(link["leaf"])
    day = _status_needed(status_date, leaf_id)
    cap = view.book.at(day, view.known, view.statuses).get(leaf_id)
    if cap is None or (cap.operator == ">" and day == cap.effect_from):
        return False, None, 0
    used.append(cap)
    return True, float(cap.value["own_spending_per_relief"]), int(cap.value["grace_years"])


def _payroll(
    view: View,
    shape: Mapping[str, Any],
    year: int,
    status_date: date | None,
    used: list[RuleValue],
) -> float | None:
    payroll = shape.get("payroll")
    if payroll is None or status_date is None:
        return None
    if not 0 <= year - status_date.year < int(payroll["years"]):
        return None
    value = view.value(str(payroll["rate"]["leaf"]))
    used.append(value)
    return value.share


def _status_needed(status_date: date | None, leaf_id: str) -> date:
    if status_date is None:
        raise RuleError(
            f"{leaf_id} depends on the day of status; give `status_date`",
            code="R106",
            where=leaf_id,
        )
    return status_date
