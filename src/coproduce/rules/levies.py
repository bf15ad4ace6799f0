"""Duties and contributions: the leaf that fits best is found by what it applies to."""

from __future__ import annotations

from dataclasses import dataclass

from coproduce.records.errors import RuleError
from coproduce.rules.book import View
from coproduce.rules.model import RuleValue, Status
from coproduce.rules.regimes import rule_ids, weakest

DUTY_ROLE = "import_duty"


@dataclass(frozen=True, slots=True)
class Levy:
    """A rate with its range and the rules that gave it.

    Attributes:
        rate_share: rate on the base (0–1); low and high: range where the sources give one.
    """

    rate_share: float
    low_share: float
    high_share: float
    status: Status
    rule_ids: tuple[str, ...]


def duty(view: View, hs6: str, *, origin: str, country: str) -> Levy:
    """Return the import duty on the customs value of a good.

    The leaf with an own word on the origin goes first, then the longest code prefix.

    Args:
        view: the law at an instant.
        hs6: code of the good; six digits, or more where the tariff is finer.
        origin: country of origin, as the leaves name it.
        country: country of import.

    Raises:
        RuleError: R102 if no leaf covers the code, R104 if two fit equally well.
    """
    fitting = [
        (_fit(view, value, hs6, origin), value)
        for value in view.find(DUTY_ROLE, country=country, origin=origin)
        if _prefix(view, value, hs6)
    ]
    if not fitting:
        raise RuleError(
            f"no import duty of {country} covers code {hs6} on {view.effect}; add a leaf with "
            f"role {DUTY_ROLE} and `applies: {{country: {country}, hs: ...}}`",
            code="R102",
        )
    best = max(fit for fit, _ in fitting)
    winners = [value for fit, value in fitting if fit == best]
    if len(winners) > 1:
        raise RuleError(
            f"code {hs6} is covered equally by {', '.join(v.leaf_id for v in winners)}; "
            "make one of them more exact",
            code="R104",
        )
    return _levy(winners[0])


def levy(view: View, role: str, *, country: str, product_class: str) -> Levy:
    """Return a levy by class of product, for example a sales tax.

    Args:
        view: the law at an instant.
        role: role of the leaves, for example ``sales_tax``.
        country: country that levies it.
        product_class: class of the product; a leaf that names it goes before one for all.

    Raises:
        RuleError: R102 if no leaf fits, R104 if two fit equally well.
    """
    found = view.find(role, country=country, product_class=product_class)
    exact = [v for v in found if view.book.leaf(v.leaf_id).applies.get("product_class")]
    winners = exact or list(found)
    if len(winners) != 1:
        problem = "no leaf" if not winners else ", ".join(v.leaf_id for v in winners)
        raise RuleError(
            f"{role} of {country} on {product_class!r} is given by {problem}; exactly one leaf "
            "must fit",
            code="R104" if winners else "R102",
        )
    return _levy(winners[0])


def payroll_share(
    view: View,
    payroll_leaf: str,
    wage_per_year: float,
    *,
    variant: str = "general",
    minimum_wage_per_year: float | None = None,
) -> Levy:
    """Return social contributions as a share of one person's yearly wage.

    Args:
        view: the law at an instant.
        payroll_leaf: leaf that links the rates and the ceiling.
        wage_per_year: gross yearly wage, in the currency of the ceiling's leaf.
        variant: which set of rates, for example ``general``.
        minimum_wage_per_year: statutory minimum wage of a year, same currency; needed by
            variants whose lower rate begins above a multiple of it.

    Raises:
        RuleError: R108 for an unknown variant, R106 if the minimum wage is needed, R109 if the
            wage is not above zero.

    Example:
        A wage of 4 mn with a ceiling of 2.979 mn, 30 % below and 15.1 % above it:
        (2.979 × 0.30 + 1.021 × 0.151) / 4 = 0.262.
    """
    if not wage_per_year > 0:
        raise RuleError(f"the yearly wage is {wage_per_year}; it must be above zero", code="R109")
    rule = view.value(payroll_leaf)
    if variant not in rule.value:
        raise RuleError(
            f"{payroll_leaf} knows no variant {variant!r}; allowed: {', '.join(rule.value)}",
            code="R108",
            where=payroll_leaf,
        )
    terms = rule.value[variant]
    used = [rule]

    def read(key: str) -> RuleValue:
        found = view.value(str(terms[key]["leaf"]))
        used.append(found)
        return found

    if "edge_minimum_wages" in terms:
        if minimum_wage_per_year is None:
            raise RuleError(f"variant {variant!r} needs `minimum_wage_per_year`", code="R106")
        edge = float(terms["edge_minimum_wages"]) * minimum_wage_per_year
    else:
        edge = read("cap").number
    below, above = read("below").share, read("above").share
    paid = min(wage_per_year, edge) * below + max(0.0, wage_per_year - edge) * above
    share = paid / wage_per_year
    return Levy(share, share, share, weakest(used), rule_ids(used))


def _prefix(view: View, value: RuleValue, hs6: str) -> str:
    """Return the longest code prefix of a leaf that fits; empty if none does."""
    named = view.book.leaf(value.leaf_id).applies.get("hs", ())
    return max((code for code in named if hs6.startswith(code)), key=len, default="")


def _fit(view: View, value: RuleValue, hs6: str, origin: str) -> tuple[bool, int]:
    names_origin = origin in view.book.leaf(value.leaf_id).applies.get("origin", ())
    return names_origin, len(_prefix(view, value, hs6))


def _levy(value: RuleValue) -> Levy:
    return Levy(value.share, value.low_share, value.high_share, value.status, (value.rule_id,))
