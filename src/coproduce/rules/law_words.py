"""Values of rules, lists and counts in words, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from coproduce.records.words import Words, currency_name, fixed, percent
from coproduce.rules.model import RuleValue

MOST_DECIMALS = 3

_UNITS: dict[str, tuple[tuple[str, str], tuple[str, str, str]]] = {
    "point": (("point", "points"), ("балл", "балла", "баллов")),
    "year": (("year", "years"), ("год", "года", "лет")),
    "month": (("month", "months"), ("месяц", "месяца", "месяцев")),
    "calendar day": (
        ("calendar day", "calendar days"),
        ("календарный день", "календарных дня", "календарных дней"),
    ),
    "working day": (
        ("working day", "working days"),
        ("рабочий день", "рабочих дня", "рабочих дней"),
    ),
}
_RUSSIAN = {"per year": "в год", "mn": "млн"}


def plural(count: float, one: str, few: str, many: str) -> str:
    """Return the Russian form that goes with a count; a fraction takes the form of few.

    Example:
        >>> [plural(n, "год", "года", "лет") for n in (1, 2, 5, 11, 21, 1.5)]
        ['год', 'года', 'лет', 'лет', 'год', 'года']
    """
    if count != int(count):
        return few
    last, last_two = int(abs(count)) % 10, int(abs(count)) % 100
    if last == 1 and last_two != 11:
        return one
    return few if last in (2, 3, 4) and last_two not in (12, 13, 14) else many


def counted(count: int, en: tuple[str, str], ru: tuple[str, str, str]) -> Words:
    """Return a count with its noun.

    Example:
        >>> counted(21, ("year", "years"), ("год", "года", "лет"))
        Words(en='21 years', ru='21 год')
    """
    return Words(en=f"{count} {en[count != 1]}", ru=f"{count} {plural(count, *ru)}")


def and_list(items: Iterable[str]) -> Words:
    """Return ``a, b and c``."""
    return _listed(items, "and", "и")


def or_list(items: Iterable[str]) -> Words:
    """Return ``a, b or c``.

    Example:
        >>> or_list(["a", "b", "c"]).en
        'a, b or c'
    """
    return _listed(items, "or", "или")


def _listed(items: Iterable[str], en: str, ru: str) -> Words:
    *head, last = list(items)
    if not head:
        return Words(en=last, ru=last)
    return Words(en=f"{', '.join(head)} {en} {last}", ru=f"{', '.join(head)} {ru} {last}")


def value_words(value: RuleValue) -> Words | None:
    """Return a number, flag, text or date in words; None for a table, which has too many."""
    held = value.value
    if isinstance(held, bool):
        return Words(en="yes", ru="да") if held else Words(en="no", ru="нет")
    if isinstance(held, int | float):
        return _quantity(float(held), value.unit)
    if isinstance(held, date):
        return Words(en=held.isoformat(), ru=held.isoformat())
    if isinstance(held, str):
        return Words(en=f"“{held}”", ru=f"«{held}»")
    return None


def _quantity(number: float, unit: str) -> Words:
    if unit == "share":
        number, unit = number * 100, "percent"
    if unit == "percent":
        number = round(number, MOST_DECIMALS)
        # `percent` keeps three digits; a rate of 25.168 % must not become 25.2 %.
        if len(f"{number:g}".replace(".", "")) <= 3:
            return Words(en=percent(number / 100, "en"), ru=percent(number / 100, "ru"))
        return Words(en=f"{_plain(number, 'en')}%", ru=f"{_plain(number, 'ru')}\u00a0%")
    en, ru = _plain(number, "en"), _plain(number, "ru")
    forms = _UNITS.get(unit.removesuffix("s"))
    if forms:
        return Words(en=f"{en} {forms[0][number != 1]}", ru=f"{ru} {plural(number, *forms[1])}")
    if unit in ("", "factor"):
        return Words(en=en, ru=ru)
    code, _, rest = unit.partition(" ")
    parts = [_RUSSIAN.get(rest, rest), currency_name(code, "ru")]
    if rest.startswith("per "):
        parts.reverse()
    first = f"{code} {en}" if len(code) == 3 and code.isupper() else f"{en} {code}"
    return Words(
        en=f"{first} {rest}".rstrip(), ru=" ".join([ru, *(part for part in parts if part)])
    )


def _plain(number: float, lang: str) -> str:
    """Return a number in full, with as many decimals as it has, at most three."""
    shown = f"{number:.{MOST_DECIMALS}f}".rstrip("0").rstrip(".")
    return fixed(number, len(shown.partition(".")[2]), lang)
