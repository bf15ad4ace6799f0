from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.report import numbers
from coproduce.report.texts import Texts


@pytest.mark.parametrize(
    ("value", "en", "ru", "why"),
    [
        (12345678.9, "12,300,000", "12 300 000", "three significant digits, grouped by thousands"),
        (
            0.012349,
            "0.0123",
            "0,0123",
            "small numbers keep three digits, decimal comma in Russian",
        ),
        (9.996, "10", "10", "rounding may add a digit; no zeros are left at the end"),
        (100.0, "100", "100", "zeros before the decimal mark stay"),
        (-4.5, "−4.5", "−4,5", "a true minus sign"),
        (0.0, "0", "0", "nil"),
    ],
)
def test_a_number_in_text_has_three_significant_figures(
    value: float, en: str, ru: str, why: str
) -> None:
    assert numbers.number(value, "en") == en, why
    assert numbers.number(value, "ru").replace("\u00a0", " ") == ru, why


@given(st.floats(min_value=-1e12, max_value=1e12).filter(lambda x: abs(x) > 1e-3))
def test_a_printed_number_is_within_half_a_unit_of_its_third_digit(value: float) -> None:
    shown = numbers.number(value, "en").replace(",", "").replace("−", "-")
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    assert abs(float(shown) - value) <= 0.5 * unit * (1 + 1e-9)


@pytest.mark.parametrize(
    ("value_mn", "en", "ru"),
    [
        (12_345.0, "RUB 12.3 bn", "12,3 млрд руб."),
        (999.9, "RUB 1 bn", "1 млрд руб."),
        (0.5, "RUB 500 thousand", "500 тыс. руб."),
        (-2_000_000.0, "RUB −2 trn", "−2 трлн руб."),
    ],
)
def test_money_names_its_scale_and_currency(value_mn: float, en: str, ru: str) -> None:
    shown = [Texts(lang, "RUB", 2026).money(value_mn) for lang in ("en", "ru")]
    assert [text.replace("\u00a0", " ") for text in shown] == [en, ru]


@pytest.mark.parametrize(
    ("unit", "en", "why"),
    [
        ("share", "37.4%", "a share is printed in per cent"),
        ("HOC mn, real HOC of 2026", "HOC\u00a0374\u00a0thousand", "money in millions is scaled"),
        ("t/year", "0.374\u00a0t a year", "known units are put in words"),
        ("furlong", "0.374\u00a0furlong", "unknown units stay as they are"),
    ],
)
def test_a_quantity_takes_the_form_of_its_unit(unit: str, en: str, why: str) -> None:
    assert Texts("en", "HOC", 2026).quantity(0.374, unit) == en, why


def test_a_range_is_low_en_dash_high() -> None:
    assert Texts("en").interval(0.1, 0.25, "share") == "10%–25%"
    assert Texts("en").interval(None, 0.25, "share") == ""


@pytest.mark.parametrize(
    ("value", "unit", "en", "ru", "why"),
    [
        (4.0, "project", "4 projects", "4 проекта", "a count takes its plural form"),
        (1.0, "site", "1 site", "1 площадка", "one of a kind"),
        (1.97, "year", "1.97 years", "1,97 года", "a fraction takes the form of few"),
        (2027.0, "year", "2027", "2027", "a calendar year is no span of time"),
    ],
)
def test_what_is_counted_agrees_with_its_number(
    value: float, unit: str, en: str, ru: str, why: str
) -> None:
    shown = [Texts(lang).quantity(value, unit).replace("\u00a0", " ") for lang in ("en", "ru")]
    assert shown == [en, ru], why
