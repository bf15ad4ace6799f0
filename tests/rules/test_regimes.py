"""Rates of a regime by year: three ways of counting years, and the cap on relief."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coproduce import rules
from coproduce.records.errors import RuleError
from coproduce.rules.book import RuleBook
from coproduce.rules.regimes import regime_ids

OLD_RESIDENT = date(2020, 5, 1)
NEW_RESIDENT = date(2027, 3, 1)


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return rules.load()


def percent(book: RuleBook, regime: str, year: int, first: int, since: date) -> float:
    found = rules.regime_rates(book, regime, year, first_profit_year=first, status_date=since)
    return round(100 * found.total_rate_share, 3)


@pytest.mark.parametrize(
    ("regime", "first", "rates", "why"),
    [
        ("gen", 2028, {2024: 20, 2025: 25, 2036: 25}, "no regime: the general rate of the year"),
        (
            "sez_alabuga",
            2028,
            {2027: 2, 2028: 2, 2032: 2, 2033: 7, 2037: 7, 2038: 15.5, 2055: 15.5, 2056: 25},
            "2 in years 1-5 from first profit, 7 in 6-10, then 15.5 to 2055 (fDi Intelligence)",
        ),
        (
            "sez_technopolis_moscow",
            2029,
            {2027: 2, 2028: 7, 2031: 7, 2032: 14.5, 2036: 14.5},
            "calendar bands of the zone's page: 0, 5, 12.5 plus the federal 2",
        ),
        (
            "sez_moscow_oblast",
            2028,
            {2028: 2, 2035: 2, 2036: 7, 2041: 7, 2042: 15.5},
            "law 15/2016-OZ: 0 for 8 years, 5 for 6, then 13.5",
        ),
        ("sez_kaluga", 2028, {2027: 15.5}, "calendar: 13.5 from 2027"),
        ("sez_lotos", 2028, {2037: 2, 2038: 10}, "2 for ten years, then 10"),
        ("sez_dobrograd_1", 2028, {2034: 2, 2035: 7, 2040: 15.5}, "0 for 7, 5 for 5, 13.5"),
        ("sez_kulibin", 2028, {2032: 2, 2033: 5, 2038: 14.5}, "totals 2, 5, 14.5"),
        ("sez_default", 2028, {2028: 15.5, 2036: 15.5}, "federal 2 and the ceiling"),
        ("tor", 2028, {2028: 5, 2033: 18, 2038: 25}, "0 + 5, then the general 8 + 10, then 25"),
        ("tor_arctic_capital", 2028, {2028: 5, 2033: 12, 2038: 25}, "totals 5 and 12"),
        ("tor_naberezhnye_chelny", 2028, {2028: 25}, "its ten years ended in January 2026"),
        ("azrf_karelia", 2028, {2028: 0, 2033: 5, 2038: 25}, "0 + 0, then 0 + 5"),
        ("in_gen", 2028, {2028: 25.168}, "22 x 1.10 x 1.04"),
        ("in_115bab", 2028, {2028: 17.16}, "15 x 1.10 x 1.04"),
    ],
)
def test_the_rate_follows_the_bands_of_the_regime(
    book: RuleBook, regime: str, first: int, rates: dict[int, float], why: str
) -> None:
    found = {year: percent(book, regime, year, first, NEW_RESIDENT) for year in rates}
    assert found == rates, why


def test_relief_begins_with_the_year_of_status(book: RuleBook) -> None:
    found = {year: percent(book, "sez_kaluga", year, 2020, NEW_RESIDENT) for year in (2026, 2027)}
    assert found == {2026: 25, 2027: 15.5}
    assert percent(book, "sez_kaluga", 2026, 2020, OLD_RESIDENT) == 11


@pytest.mark.parametrize(
    ("regime", "rates", "why"),
    [
        ("spic", {2027: 0, 2041: 0, 2042: 25}, "15 years from the contract"),
        ("spic_big", {2046: 0, 2047: 25}, "20 years above RUB 50 bn"),
        ("kaluga_register", {2027: 21.5, 2030: 21.5, 2031: 25}, "8 + 13.5 for 4 years"),
        ("rip_murmansk", {2027: 18, 2028: 18, 2029: 25}, "8 + 10, and not after 2028"),
    ],
)
def test_a_project_term_counts_from_the_day_of_status(
    book: RuleBook, regime: str, rates: dict[int, float], why: str
) -> None:
    found = {year: percent(book, regime, year, 2029, NEW_RESIDENT) for year in rates}
    assert found == rates, why


def test_the_federal_part_of_a_zone_was_three_in_2017_to_2024(book: RuleBook) -> None:
    rates = rules.regime_rates(
        book, "sez_moscow_oblast", 2020, first_profit_year=2018, status_date=OLD_RESIDENT
    )
    assert (rates.federal_rate_share, rates.total_rate_share) == (0.03, 0.03)
    assert rates.general_rate_share == 0.20


@pytest.mark.parametrize(
    ("regime", "since", "known", "capped", "why"),
    [
        ("sez_alabuga", OLD_RESIDENT, None, False, "residents of before are not touched"),
        ("sez_alabuga", date(2026, 4, 1), None, False, "after 1 April means from the 2nd"),
        ("sez_alabuga", date(2026, 4, 2), None, True, "the first capped day of status"),
        ("tor", NEW_RESIDENT, None, True, "territories are covered"),
        ("azrf", NEW_RESIDENT, None, True, "the Arctic zone is covered"),
        ("spic", NEW_RESIDENT, None, False, "contracts are not named"),
        ("sez_alabuga", NEW_RESIDENT, date(2026, 2, 10), False, "the law was not published"),
        ("sez_alabuga", NEW_RESIDENT, date(2026, 2, 11), True, "the law was published"),
    ],
)
def test_relief_is_capped_by_the_day_of_status(
    book: RuleBook, regime: str, since: date, known: date | None, capped: bool, why: str
) -> None:
    found = rules.regime_rates(
        book, regime, 2030, first_profit_year=2029, status_date=since, known=known
    )
    assert found.is_relief_capped is capped, why
    assert found.cap_ratio == (1.0 if capped else None)
    assert found.cap_grace_years == (3 if capped else 0)
    assert ("ru.regime.relief_cap@2026-04-01" in found.rule_ids) is capped


def test_the_bill_of_the_cap_had_two_years_of_grace_and_is_withdrawn_by_the_law(
    book: RuleBook,
) -> None:
    asked = ("enacted", "proposed", "assumed")

    def ask(known: date) -> tuple[bool, int]:
        found = rules.regime_rates(
            book,
            "sez_alabuga",
            2030,
            first_profit_year=2029,
            status_date=date(2026, 2, 1),
            known=known,
            statuses=asked,  # type: ignore[arg-type]
        )
        return found.is_relief_capped, found.cap_grace_years

    assert ask(date(2025, 12, 1)) == (True, 2)
    assert ask(date(2026, 3, 1)) == (False, 0)


def test_reduced_contributions_last_ten_years_from_status(book: RuleBook) -> None:
    shares = {
        year: rules.regime_rates(
            book, "tor", year, first_profit_year=2029, status_date=NEW_RESIDENT
        ).payroll_rate_share
        for year in (2026, 2027, 2036, 2037)
    }
    assert shares == {2026: None, 2027: 0.076, 2036: 0.076, 2037: None}


def test_the_status_is_the_weakest_among_the_rules_used(book: RuleBook) -> None:
    default = rules.regime_rates(book, "sez_default", 2030, status_date=NEW_RESIDENT)
    alabuga = rules.regime_rates(book, "sez_alabuga", 2030, status_date=NEW_RESIDENT)
    assert (default.status, alabuga.status) == ("assumed", "enacted")


def test_relief_is_the_difference_to_the_general_rate(book: RuleBook) -> None:
    found = rules.regime_rates(
        book, "sez_alabuga", 2030, first_profit_year=2029, status_date=NEW_RESIDENT
    )
    assert found.relief_share == pytest.approx(0.23)


def test_a_capped_regime_needs_the_day_of_status(book: RuleBook) -> None:
    with pytest.raises(RuleError, match=r"R106.*status_date"):
        rules.regime_rates(book, "sez_alabuga", 2030, first_profit_year=2029)
    assert rules.regime_rates(book, "gen", 2030).total_rate_share == 0.25


def test_an_unknown_regime_is_refused_with_the_list(book: RuleBook) -> None:
    with pytest.raises(RuleError, match=r"R105.*sez_alabuga"):
        rules.regime_rates(book, "sez_nowhere", 2030)


def test_every_regime_has_a_rate_for_every_year_of_the_horizon(book: RuleBook) -> None:
    for regime in regime_ids(book):
        for year in range(2027, 2041):
            found = rules.regime_rates(
                book, regime, year, first_profit_year=2029, status_date=NEW_RESIDENT
            )
            assert 0 <= found.total_rate_share <= found.general_rate_share, (regime, year)
            if found.federal_rate_share is not None and found.regional_rate_share is not None:
                parts = found.federal_rate_share + found.regional_rate_share
                assert parts == pytest.approx(found.total_rate_share), (regime, year)


def test_the_documented_list_of_regimes_is_the_shipped_one(book: RuleBook) -> None:
    text = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    table = text.split("## Regime ids")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = {name.strip("` ") for row in rows for name in row.split("` `")}
    assert listed == set(regime_ids(book))
