"""Duties, sales taxes and contributions: the leaf that fits best gives the rate."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coproduce import rules
from coproduce.records.errors import RuleError

from .worlds import HEAD, write_tree

DAY = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("hs6", "origin", "country", "rate", "status", "why"),
    [
        ("294110", "CN", "RU", 0.05, "assumed", "a substance: 5 quoted for 2020"),
        ("300490", "IN", "RU", 0.04, "assumed", "a finished form: middle of 0-8"),
        ("300660", "IN", "RU", 0.065, "enacted", "the longer prefix goes first"),
        ("300660", "KZ", "RU", 0.0, "assumed", "the word on origin goes before the prefix"),
        ("294110", "RU", "KZ", 0.0, "assumed", "no duty inside the union"),
        ("294200", "RU", "IN", 0.0825, "enacted", "7.5 plus a tenth of it"),
        ("300490", "RU", "IN", 0.11, "enacted", "10 plus a tenth of it"),
    ],
)
def test_duty_goes_by_origin_then_by_the_longest_prefix(
    hs6: str, origin: str, country: str, rate: float, status: str, why: str
) -> None:
    found = rules.duty(rules.load().at(DAY), hs6, origin=origin, country=country)
    assert found.rate_share == pytest.approx(rate), why
    assert found.status == status
    assert found.low_share <= found.rate_share <= found.high_share


def test_the_range_of_an_unknown_duty_is_kept() -> None:
    found = rules.duty(rules.load().at(DAY), "300490", origin="IN", country="RU")
    assert (found.low_share, found.high_share) == (0.0, 0.08)


def test_a_code_without_duty_is_refused() -> None:
    with pytest.raises(RuleError, match=r"R102.*no import duty of IN covers code 100630"):
        rules.duty(rules.load().at(DAY), "100630", origin="RU", country="IN")


def test_two_duties_that_fit_equally_are_refused(tmp_path: Path) -> None:
    leaf = (
        "  aa.tax.{name}:\n    label: {{en: Duty, ru: Пошлина}}\n    unit: percent\n"
        "    kind: number\n    role: import_duty\n    applies: {{country: AA, hs: ['30']}}\n"
        "    values:\n      - {{from: 2020-01-01, value: 1, status: enacted, ref: act}}\n"
    )
    tree = write_tree(tmp_path, HEAD + leaf.format(name="one") + leaf.format(name="two"))
    with pytest.raises(RuleError, match=r"R104.*aa.tax.one, aa.tax.two"):
        rules.duty(rules.load(tree).at(DAY), "300490", origin="BB", country="AA")


@pytest.mark.parametrize(
    ("day", "country", "product_class", "rate"),
    [
        (date(2025, 12, 31), "RU", "general", 0.20),
        (date(2026, 1, 1), "RU", "general", 0.22),
        (date(2026, 1, 1), "RU", "medicine", 0.10),
        (date(2025, 9, 21), "IN", "medicine", 0.12),
        (date(2025, 9, 22), "IN", "medicine", 0.05),
    ],
)
def test_sales_tax_goes_by_class_and_day(
    day: date, country: str, product_class: str, rate: float
) -> None:
    view = rules.load().at(day)
    found = rules.levy(view, "sales_tax", country=country, product_class=product_class)
    assert found.rate_share == pytest.approx(rate)


def test_a_class_without_sales_tax_is_refused() -> None:
    with pytest.raises(RuleError, match=r"R102.*'grain'"):
        rules.levy(rules.load().at(DAY), "sales_tax", country="RU", product_class="grain")


PAYROLL = "ru.labour.contributions.rule"


@pytest.mark.parametrize(
    ("wage", "share", "why"),
    [
        (1_200_000, 0.30, "below the ceiling"),
        (2_979_000, 0.30, "at the ceiling"),
        (4_000_000, (2.979 * 0.30 + 1.021 * 0.151) / 4, "by hand: 0.262"),
    ],
)
def test_contributions_fall_above_the_ceiling(wage: float, share: float, why: str) -> None:
    found = rules.payroll_share(rules.load().at(date(2026, 6, 1)), PAYROLL, wage)
    assert found.rate_share == pytest.approx(share), why
    assert found.status == "enacted"


def test_the_ceiling_after_2026_is_marked_as_assumed() -> None:
    assert rules.payroll_share(rules.load().at(DAY), PAYROLL, 1e6).status == "assumed"


@pytest.mark.parametrize(
    ("known", "ceiling", "status"),
    [
        (date(2024, 6, 30), 2_225_000, "assumed"),
        (date(2025, 6, 30), 2_759_000, "assumed"),
        (date(2025, 10, 31), 2_979_000, "assumed"),
    ],
)
def test_a_plan_of_any_instant_has_a_ceiling_for_its_later_years(
    known: date, ceiling: float, status: str
) -> None:
    found = rules.load().at(DAY, known).value("ru.labour.contributions.cap")
    assert (found.number, found.status) == (ceiling, status)


def test_small_firms_pay_the_lower_rate_above_one_and_a_half_minimum_wages() -> None:
    found = rules.payroll_share(
        rules.load().at(date(2025, 6, 1)),
        PAYROLL,
        1_000_000,
        variant="sme_manufacturing",
        minimum_wage_per_year=300_000,
    )
    assert found.rate_share == pytest.approx(0.45 * 0.30 + 0.55 * 0.076)  # by hand


@pytest.mark.parametrize(
    ("wage", "variant", "code"),
    [(1e6, "sme_priority", "R106"), (1e6, "giant", "R108"), (0.0, "general", "R109")],
)
def test_contributions_refuse_what_they_cannot_count(wage: float, variant: str, code: str) -> None:
    with pytest.raises(RuleError, match=code):
        rules.payroll_share(rules.load().at(DAY), PAYROLL, wage, variant=variant)
