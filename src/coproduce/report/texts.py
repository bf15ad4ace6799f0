"""The report's own words in both languages, with plural forms; numbers and units put in them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from markupsafe import Markup

from coproduce.records import words
from coproduce.records.errors import UsageError
from coproduce.records.programme import FINISHED_GOODS
from coproduce.report import numbers

LANGS = ("en", "ru")
FINISHED_UNIT = words.Words(FINISHED_GOODS["unit.en"], FINISHED_GOODS["unit.ru"])
EARLIEST_YEAR = 1900
"""A number of years above this is a calendar year, below it a span of time."""


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """Return every text: key → language → text or its plural forms."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    source = resources.files("coproduce.report").joinpath("catalogue.yaml")
    text = source.read_text("utf-8")
    found: dict[str, dict[str, Any]] = yaml.load(text, Loader=loader)  # noqa: S506 (both safe)
    return found


def plural_form(count: float, lang: str) -> str:
    """Return which plural form a count takes: ``one``, ``few`` or ``many``.

    Source: Unicode CLDR plural rules for English and Russian, whole numbers.

    Example:
        >>> [plural_form(n, "ru") for n in (1, 2, 5, 11, 21, 22)]
        ['one', 'few', 'many', 'many', 'one', 'few']
    """
    if count != int(count):
        return "few" if lang == "ru" else "many"
    whole = abs(int(count))
    if lang == "en":
        return "one" if whole == 1 else "many"
    if whole % 10 == 1 and whole % 100 != 11:
        return "one"
    is_few = whole % 10 in (2, 3, 4) and whole % 100 not in (12, 13, 14)
    return "few" if is_few else "many"


class Texts:
    """The catalogue in one language.

    Args:
        lang: ``en`` or ``ru``.
        currency: ISO 4217 code of the programme's base currency.
        base_year: year of its price base.
        finished: the unit in which the programme counts its finished good.

    Raises:
        UsageError: for another language.
    """

    def __init__(
        self,
        lang: str,
        currency: str = "",
        base_year: int = 0,
        finished: words.Words = FINISHED_UNIT,
    ) -> None:
        if lang not in LANGS:
            raise UsageError(
                f"there is no report in {lang!r}; allowed: {', '.join(LANGS)}", code="U201"
            )
        self.lang = lang
        self.currency = currency
        self.base_year = base_year
        self.finished = finished.ru if lang == "ru" else finished.en

    def __call__(self, key: str, **values: Any) -> str:
        """Return a text with its values put in.

        Raises:
            KeyError: if the catalogue lacks it.
        """
        text = str(catalogue()[key][self.lang]).replace("{finished}", self.finished)
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """True if the catalogue holds the text."""
        return key in catalogue()

    def html(self, key: str, **values: Any) -> Markup:
        """Return a text as HTML; values are escaped unless they are HTML of ours."""
        # Safe: the template is our own file; `Markup.format` escapes every value.
        said = Markup(catalogue()[key][self.lang]).format(**values)  # noqa: S704
        return said.replace("..", ".")  # an abbreviation at the end brings its own full stop

    def n(self, key: str, count: float) -> str:
        """Return a text in the plural form that a count takes, the count put in."""
        forms = catalogue()[key][self.lang]
        said = self.whole(count) if count == int(count) else self.number(count)
        return str(forms[plural_form(count, self.lang)]).format(n=said)

    def number(self, value: float) -> str:
        """Return a number to three significant figures."""
        return numbers.number(value, self.lang)

    def whole(self, value: float) -> str:
        """Return a count in full."""
        return numbers.fixed(value, 0, self.lang)

    def percent(self, share: float) -> str:
        """Return a share in per cent."""
        return numbers.percent(share, self.lang)

    def currency_name(self, code: str) -> str:
        """Return how a currency is written."""
        return words.currency_name(code, self.lang)

    def money(self, value_mn: float, currency: str = "") -> str:
        """Return an amount given in millions, with scale and currency, no price base."""
        return words.money(value_mn, currency or self.currency, self.lang)

    def prices(self) -> str:
        """Return the price base in words."""
        return self("prices_of", year=self.base_year)

    def unit(self, unit: str) -> str:
        """Return a unit in the report's language; unknown units stay as they are."""
        return self(f"unit.{unit}") if self.has(f"unit.{unit}") else unit

    def quantity(self, value: float | None, unit: str) -> str:
        """Return a value with its unit in the form that suits the unit."""
        if value is None:
            return self("not_defined")
        kind = unit.split(",")[0].strip()
        if kind == "share" or kind.startswith(("share ", "share/")):
            return self.percent(value)
        code = numbers.currency_in(kind)
        if code and kind in (f"{code} mn", f"mn {code}"):
            return self.money(value, code)
        if kind in ("", "count"):
            return self.whole(value)
        if kind == "year" and value > EARLIEST_YEAR:
            return f"{value:.0f}"
        counted = f"n.{kind.removesuffix('s')}s"
        if self.has(counted):
            return self.n(counted, value).replace(" ", numbers.NO_BREAK_SPACE)
        return f"{self.number(value)}{numbers.NO_BREAK_SPACE}{self.unit(kind)}"

    def interval(self, low: float | None, high: float | None, unit: str) -> str:
        """Return ``low–high`` with the unit, or an empty string where no range is known."""
        if low is None or high is None:
            return ""
        first, second = self.quantity(low, unit), self.quantity(high, unit)
        return f"{first}{numbers.EN_DASH}{second}"
