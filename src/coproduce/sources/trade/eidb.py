"""Tables of an export-import data bank by fiscal year (US$ million, HS codes) → the bench.

Two layouts: the page as saved (S.No., HSCode, Commodity, a column of values for each fiscal year
``2023 - 2024``, %Share, %Growth) and the long one (flow, fy_start, hs_code, cur_year_usd_mn; the
previous year's column is left aside, it repeats the table before). The page names neither
reporter, partner nor direction, so the caller must. A fiscal year is filed under the calendar
year in which it begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from coproduce.records.errors import SourceError, UsageError
from coproduce.sources.trade.files import Table
from coproduce.sources.trade.staging import Bench, Reason, first_reason, is_missing

FISCAL = re.compile(r"^\s*(\d{4})\s*-\s*(?:\d{4}|\d{2})\b")
USD_PER_UNIT = 1_000_000
OTHER_MONEY = re.compile(r"lakh|lacs|crore|\brs\b|₹", re.IGNORECASE)
FLOWS = {"import": 1, "export": 2}


@dataclass(frozen=True, slots=True)
class Who:
    """What the page does not say.

    Attributes:
        reporter, partner: numeric codes; partner 0 is the world.
        flow: import or export, as the reporter sees it; empty if a column says it.
    """

    reporter: int
    partner: int
    flow: str


def load(bench: Bench, table: Table, who: Who) -> None:
    """Put the values of a file on the bench, a row for each product and fiscal year.

    Raises:
        SourceError: S130 a column is missing or the money is not USD; S113, S115, S116 as
            `Bench.load`.
        UsageError: U110 if neither the file nor the caller says import or export.
    """
    names = {re.sub(r"[^a-z0-9]", "", name.lower()): at for at, name in enumerate(table.header)}
    money = [name for name in table.header if OTHER_MONEY.search(name)]
    if money:
        message = f"column {money[0]!r} is not in US dollars; save the page in US$ million"
        raise SourceError(message, code="S130", where=table.name)
    code = next((f"c{names[word]}" for word in ("hscode", "hs", "itchs") if word in names), "")
    values = _values(table.header, names)
    if not code or not values:
        message = (
            "this is no table by product and fiscal year: a column HSCode and values by year "
            f"(2023 - 2024) are needed; the file has {', '.join(table.header)}"
        )
        raise SourceError(message, code="S130", where=table.name)
    side = _side(table, names, who)
    for turn, (year, cell) in enumerate(values):
        _load_year(bench, table, (code, year, cell, side), who, is_again=turn > 0)


def _values(header: tuple[str, ...], names: dict[str, int]) -> list[tuple[str, str]]:
    """Return year and value, as SQL, of each column of values."""
    if "fystart" in names and "curyearusdmn" in names:
        return [(f"try_cast(c{names['fystart']} as smallint)", f"c{names['curyearusdmn']}")]
    fiscal = [(FISCAL.match(name), at) for at, name in enumerate(header)]
    return [(year[1], f"c{at}") for year, at in fiscal if year]


def _side(table: Table, names: dict[str, int], who: Who) -> str:
    """Return the SQL expression of the side: 1 imports, 2 exports."""
    if "flow" in names:
        cell = f"lower(trim(c{names['flow']}))"
        return f"case when {cell} like 'import%' then 1 when {cell} like 'export%' then 2 end"
    if who.flow not in FLOWS:
        message = "the page does not say whether it shows imports or exports; add --flow import"
        raise UsageError(message, code="U110", where=table.name)
    return str(FLOWS[who.flow])


def _load_year(
    bench: Bench, table: Table, cells: tuple[str, str, str, str], who: Who, *, is_again: bool
) -> None:
    code, year, value, side = cells
    is_import = f"({side}) = 1"
    padded = f"lpad(trim({code}), (length(trim({code})) + length(trim({code})) % 2)::int, '0')"
    digits = f"regexp_full_match(trim({code}), '[0-9]{{1,8}}')"
    total = f"coalesce(trim({code}), '') = ''"
    select = {
        "y": year,
        "e": f"case when {is_import} then {who.partner} else {who.reporter} end",
        "m": f"case when {is_import} then {who.reporter} else {who.partner} end",
        "p": f"case when {digits} then {padded} when {total} then 'TOTAL' end",
        "v": f"try_cast(replace(trim({value}), ',', '') as double) * {USD_PER_UNIT}",
        "flags": "0",
        "side": side,
        "key": f"concat_ws('|', {side}, {code})",
        "detail": "false",
        "padded": f"length(trim({code})) % 2 = 1",
    }
    reason = first_reason(
        (Reason.DIRECTION, "side is null"),
        (Reason.YEAR, "y is null or y not between 1900 and 2200"),
        (Reason.HS, "p is null"),
        (Reason.VALUE, f"{is_missing(value)} or v is null or not isfinite(v) or v <= 0"),
        (Reason.SELF, "e = m"),
    )
    bench.load(table, select, reason, is_again=is_again)
