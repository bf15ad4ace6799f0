"""Sentences in both languages, so that a room can say why without knowing who reads.

Numbers, shares and money are written here once, as each language writes them; rooms put the
`Words` of a number into their sentences, the report asks for one language.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"

_SCALES = ((1e12, "trn"), (1e9, "bn"), (1e6, "mn"), (1e5, "k"), (1.0, ""))
"""Least amount for each scale: below a hundred thousand an amount is plain in full."""
_FACTORS = {"trn": 1e12, "bn": 1e9, "mn": 1e6, "k": 1e3, "": 1.0}
_SCALE_WORDS = {
    "trn": ("trn", "трлн"),
    "bn": ("bn", "млрд"),
    "mn": ("mn", "млн"),
    "k": ("thousand", "тыс."),
    "": ("", ""),
}


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence or name in English and Russian."""

    en: str
    ru: str

    def in_language(self, lang: str) -> str:
        """Return the text for ``en`` or ``ru``.

        Raises:
            ValueError: for any other language.
        """
        if lang not in ("en", "ru"):
            raise ValueError(f"language {lang!r} is not one of en, ru")
        return self.ru if lang == "ru" else self.en


def decimals_for(value: float, digits: int = 3) -> int:
    """Return the decimals that show a value with a number of significant digits.

    Example:
        >>> decimals_for(12.34), decimals_for(0.01234), decimals_for(12345.0)
        (1, 4, 0)
    """
    if value == 0 or not math.isfinite(value):
        return 0
    return max(0, min(6, digits - 1 - math.floor(math.log10(abs(value)))))


def significant(value: float, digits: int = 3) -> float:
    """Return a value rounded to significant digits.

    Example:
        >>> significant(12345.0), significant(0.012349)
        (12300.0, 0.0123)
    """
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def fixed(value: float, decimals: int, lang: str) -> str:
    """Return a value with fixed decimals, grouped as the language does.

    Example:
        >>> fixed(12345678.94, 1, "en")
        '12,345,678.9'
        >>> fixed(12345678.94, 1, "ru") == "12\u00a0345\u00a0678,9"
        True
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞" if value < 0 else "?"
    plain = f"{abs(value):,.{decimals}f}"
    if lang == "ru":
        plain = plain.replace(",", NO_BREAK_SPACE).replace(".", ",")
    is_negative = value < 0 and any(c in "123456789" for c in plain)
    return f"{MINUS}{plain}" if is_negative else plain


def number(value: float, lang: str, digits: int = 3) -> str:
    """Return a value to three significant figures, zeros at the end left out.

    Example:
        >>> number(12345.0, "en"), number(0.5, "en"), number(3.0, "en")
        ('12,300', '0.5', '3')
    """
    rounded = significant(value, digits)
    decimals = decimals_for(rounded, digits)
    shown = fixed(rounded, decimals, lang)
    return shown.rstrip("0").rstrip(",.") if decimals else shown


def percent(share: float, lang: str) -> str:
    """Return a share of one in per cent.

    Example:
        >>> percent(0.3741, "en")
        '37.4%'
    """
    shown = number(share * 100, lang)
    return f"{shown}{NO_BREAK_SPACE}%" if lang == "ru" else f"{shown}%"


def scaled(value: float) -> tuple[float, str]:
    """Return a value and the scale word's key (``k``, ``mn``, ``bn``, ``trn`` or empty).

    Example:
        >>> scaled(12_300_000_000.0)
        (12.3, 'bn')
    """
    size = abs(significant(value))
    for least, name in _SCALES:
        if size >= least:
            return value / _FACTORS[name], name
    return value, ""


def money(value_mn: float, currency: str, lang: str) -> str:
    """Return an amount with its scale and currency.

    Args:
        value_mn: amount in millions.
        currency: ISO 4217 code.
        lang: ``en`` or ``ru``.

    Example:
        >>> money(904.27, "RUB", "en"), money(-4681.8, "EUR", "en")
        ('RUB\\xa0904\\xa0mn', 'EUR\\xa0−4.68\\xa0bn')
    """
    value, scale = scaled(value_mn * 1e6)
    name = currency_name(currency, lang)
    word = _SCALE_WORDS[scale][lang == "ru"]
    shown = number(value, lang)
    parts = (shown, word, name) if lang == "ru" else (name, shown, word)
    return NO_BREAK_SPACE.join(part for part in parts if part)


@cache
def _currencies() -> dict[str, Words]:
    source = resources.files("coproduce.records").joinpath("currencies.csv")
    rows = csv.DictReader(source.read_text("utf-8").splitlines())
    return {row["code"]: Words(row["en"], row["ru"]) for row in rows}


def currency_name(code: str, lang: str) -> str:
    """Return how a language writes a currency; a code that has no name stays as it is."""
    return _currencies().get(code, Words(code, code)).in_language(lang)


def in_number(value: float) -> Words:
    """Return a value to three significant figures, in both languages."""
    return Words(number(value, "en"), number(value, "ru"))


def in_full(value: float, decimals: int = 0) -> Words:
    """Return a value with fixed decimals, in both languages, for example ``12,026``."""
    return Words(fixed(value, decimals, "en"), fixed(value, decimals, "ru"))


def in_percent(share: float) -> Words:
    """Return a share of one in per cent, in both languages.

    Example:
        >>> in_percent(0.256).en, in_percent(0.256).ru == "25,6\\u00a0%"
        ('25.6%', True)
    """
    return Words(percent(share, "en"), percent(share, "ru"))


def in_money(value_mn: float, currency: str) -> Words:
    """Return an amount given in millions, in both languages.

    Example:
        >>> in_money(904.27, "RUB").ru.replace("\\u00a0", " ")
        '904 млн руб.'
    """
    return Words(money(value_mn, currency, "en"), money(value_mn, currency, "ru"))


def one_stop(words: Words) -> Words:
    """Return a sentence with one full stop where an abbreviation stands at its end.

    Example:
        >>> one_stop(Words("They pay RUB 5 mn.", "Платят 5 млн руб..")).ru
        'Платят 5 млн руб.'
    """
    return Words(words.en.replace("..", "."), words.ru.replace("..", "."))


def lower_first(text: str) -> str:
    """Return a name as it stands within a sentence.

    Example:
        >>> lower_first("Produces alone"), lower_first("API of the host")
        ('produces alone', 'API of the host')
    """
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
