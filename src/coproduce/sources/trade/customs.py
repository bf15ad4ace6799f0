"""Rows of customs declarations by month, ten-digit code and region → the bench.

Layout of the published dumps (old and new names of columns): direction, period MM/YYYY, partner
in two letters of ISO, code of ten digits, unit, statistical value in USD, net kilograms, quantity
in the unit, region, federal district. Codes beyond six digits are national and summed to six.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from coproduce.records.errors import SourceError
from coproduce.sources.trade import reference
from coproduce.sources.trade.files import Table
from coproduce.sources.trade.staging import Bench, Reason, first_reason, is_missing

SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "direction": ("napr", "direction"),
        "period": ("period",),
        "partner": ("strana", "country"),
        "code": ("tnved", "hs", "hs10"),
        "value": ("stoim", "value"),
        "weight": ("netto", "netweight"),
    }
)
IMPORTS = ("IMP", "IM", "ИМ", "ИМПОРТ", "IMPORT", "1")
EXPORTS = ("EXP", "EX", "ЭК", "ЭКСПОРТ", "EXPORT", "2")
ENCODING = "cp1251"
KILOGRAMS_PER_T = 1000


def load(bench: Bench, table: Table, reporter: int, usd_per_unit: float) -> None:
    """Put the rows of a file on the bench.

    Args:
        bench: where to.
        table: the file.
        reporter: numeric code of the country whose customs it is.
        usd_per_unit: 1 if values are dollars, 1000 if thousands.

    Raises:
        SourceError: S130 if a column is missing; S113, S115, S116 as `Bench.load`.
    """
    places = {word.strip().lower(): at for at, word in enumerate(table.header)}
    cell = {}
    for column, spellings in SPELLINGS.items():
        found = next((word for word in spellings if word in places), None)
        if found is None:
            message = (
                f"column {' or '.join(word.upper() for word in spellings)} is missing; the file "
                f"has {', '.join(table.header)}"
            )
            raise SourceError(message, code="S130", where=table.name)
        cell[column] = f"c{places[found]}"
    _letters(bench)
    partner = f"coalesce(getvariable('letters2')[upper(trim({cell['partner']}))], -1)"
    way = f"upper(trim({cell['direction']}))"
    imports, exports = (", ".join(f"'{word}'" for word in words) for words in (IMPORTS, EXPORTS))
    raw = (
        f"case when {way} in ({imports}) then 1 when {way} in ({exports}) then 2 end as way, "
        f"trim({cell['period']}) as period, {_decimal(cell['weight'])} as kg"
    )
    code = f"trim({cell['code']})"
    select = {
        "y": "try_cast(regexp_extract(period, '([12][0-9]{3})', 1) as smallint)",
        "month": "try_cast(coalesce("
        "nullif(regexp_extract(period, '^([0-9]{1,2})[/.]', 1), ''), "
        "regexp_extract(period, '^[0-9]{4}-([0-9]{1,2})', 1)) as utinyint)",
        "e": f"case way when 1 then {partner} else {reporter} end",
        "m": f"case way when 1 then {reporter} else {partner} end",
        "p": f"case when regexp_full_match({code}, '[0-9]{{5,10}}') "
        f"then lpad({code}, (length({code}) + length({code}) % 2)::int, '0') end",
        "v": f"{_decimal(cell['value'])} * {usd_per_unit}",
        "q": f"nullif(kg, 0) / {KILOGRAMS_PER_T}",
        "flags": "0",
        "side": "way",
        "detail": "false",
        "padded": f"length({code}) % 2 = 1",
    }
    reason = first_reason(
        (Reason.DIRECTION, "side is null"),
        (Reason.YEAR, "y is null or month is null or month not between 1 and 12"),
        (Reason.UNKNOWN_COUNTRY, "e < 0 or m < 0"),
        (Reason.HS, "p is null"),
        (Reason.VALUE, "v is null or not isfinite(v) or v <= 0"),
        (
            Reason.QUANTITY,
            f"({_decimal(cell['weight'])} is null and not {is_missing(cell['weight'])}) "
            "or not q between 0 and 1e30",
        ),
        (Reason.SELF, "e = m"),
    )
    bench.load(table, select, reason, raw)


def _decimal(cell: str) -> str:
    """Return the SQL expression of a number that may have a decimal comma and blanks."""
    plain = f"replace(replace(replace(trim({cell}), ' ', ''), '\u00a0', ''), ',', '.')"
    return f"try_cast({plain} as double)"


def _letters(bench: Bench) -> None:
    known = reference.areas().filter(
        pl.col("iso2").is_not_null() & (pl.col("source") == "ISO 3166-1")
    )
    keys = ", ".join(f"'{each}'" for each in known["iso2"])
    codes = ", ".join(str(each) for each in known["source_code"])
    bench.run(f"set variable letters2 = map([{keys}], [{codes}])")
