"""Numbers, shares and money as each language writes them."""

import pytest

from coproduce.records import words
from coproduce.records.words import Words


@pytest.mark.parametrize(
    ("made", "en", "ru", "why"),
    [
        (words.in_money(904.27, "RUB"), "RUB 904 mn", "904 млн руб.", "millions"),
        (words.in_money(4681.8, "RUB"), "RUB 4.68 bn", "4,68 млрд руб.", "thousands of millions"),
        (
            words.in_money(0.012026, "RUB"),
            "RUB 12,000",
            "12 000 руб.",
            "small enough to read",
        ),
        (words.in_money(0.5, "RUB"), "RUB 500 thousand", "500 тыс. руб.", "less than a million"),
        (words.in_money(-2.0, "XYZ"), "XYZ −2 mn", "−2 млн XYZ", "a currency without a name"),
        (words.in_full(12026.4), "12,026", "12 026", "a count in full"),
        (words.in_percent(0.25), "25%", "25 %", "no zeros at the end"),
        (words.in_percent(0.0925), "9.25%", "9,25 %", "three figures"),
        (words.in_number(1.957), "1.96", "1,96", "three figures"),
    ],
)
def test_a_number_is_written_as_each_language_writes_it(
    made: Words, en: str, ru: str, why: str
) -> None:
    shown = (made.en.replace("\u00a0", " "), made.ru.replace("\u00a0", " "))
    assert shown == (en, ru), why


def test_money_never_parts_from_its_currency_at_the_end_of_a_line() -> None:
    assert " " not in words.in_money(904.27, "RUB").en + words.in_money(904.27, "RUB").ru


@pytest.mark.parametrize(
    ("name", "within"),
    [("Produces alone", "produces alone"), ("API", "API"), ("", ""), ("X", "x")],
)
def test_a_name_within_a_sentence_begins_small_unless_it_is_an_abbreviation(
    name: str, within: str
) -> None:
    assert words.lower_first(name) == within
