"""UN Comtrade: legacy CSV (35 columns), API v1 as CSV or JSON (47), tariff lines → the bench.

Columns are bound by name without regard to case, blanks and brackets, since releases spell them
differently. Values are US dollars (imports CIF, exports FOB), weights kilograms, 0 is missing.
Sources: UN Statistics Division, Comtrade API v1 reference; legacy API field list.
"""

# ruff: noqa: S608  (queries are put together from our own words, numbers and checked codes)

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from coproduce.records.errors import SourceError
from coproduce.sources.trade.files import Table
from coproduce.sources.trade.staging import Bench, Reason, first_reason, is_missing, number

REVISIONS: Mapping[str, str] = MappingProxyType(
    {
        "H0": "HS92",
        "H1": "HS96",
        "H2": "HS02",
        "H3": "HS07",
        "H4": "HS12",
        "H5": "HS17",
        "H6": "HS22",
    }
)
SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "year": ("year", "refyear", "yr"),
        "reporter": ("reportercode",),
        "partner": ("partnercode",),
        "flow": ("tradeflowcode", "flowcode", "rgcode"),
        "code": ("commoditycode", "cmdcode"),
        "value": ("tradevalueus", "primaryvalue", "tradevalue"),
        "class": ("classification", "classificationcode"),
    }
)
OPTIONAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "weight": ("netweightkg", "netwgt"),
        "period": ("period",),
        "frequency": ("freqcode",),
        "type": ("typecode",),
        "partner2": ("2ndpartnercode", "partner2code"),
        "customs": ("customsproccode", "customscode"),
        "transport": ("modeoftransportcode", "motcode"),
        "supply": ("moscode",),
        "level": ("aggregatelevel", "aggrlevel"),
    }
)
# each part of a total has another mark than the total's own
TOTALS = {"partner2": "0", "customs": "C00", "transport": "0", "supply": "0"}


def bind(table: Table) -> dict[str, str]:
    """Return the cell (c0, c1 …) of each column, optional ones only where they are.

    Raises:
        SourceError: S130 if a column is missing.
    """
    places = {re.sub(r"[^a-z0-9]", "", word.lower()): at for at, word in enumerate(table.header)}
    bound = {}
    for column, spellings in {**SPELLINGS, **OPTIONAL}.items():
        found = next((word for word in spellings if word in places), None)
        if found is not None:
            bound[column] = f"c{places[found]}"
        elif column in SPELLINGS:
            message = (
                f"column {' or '.join(spellings)} is missing; this is no Comtrade table of goods "
                f"(it has {', '.join(table.header[:8])} …)"
            )
            raise SourceError(message, code="S130", where=table.name)
    return bound


def load(bench: Bench, table: Table) -> bool:
    """Put the rows of a file on the bench; return whether it is a table of tariff lines.

    Raises:
        SourceError: S130 a column is missing, S131 the products are no HS codes or the rows are
            services; S113, S115, S116 as `Bench.load`.
    """
    cell = bind(table)
    select = _select(cell)
    flow = f"upper(trim({cell['flow']}))"
    kind = (
        f"case when {flow} in ('1', 'M') then 1 when {flow} in ('2', 'X') then 2 "
        f"when {flow} in ('3', 'RX') then 3 when {flow} in ('4', 'RM') then 4 "
        f"when regexp_full_match({flow}, '[A-Z]{{2,3}}') then 5 end"
    )
    code = f"upper(trim({cell['code']}))"
    raw = f"{kind} as flow, {code} as code"
    bench.load(table, select, _judged(cell), raw)
    _refuse_other_goods(bench, table, cell)
    return "level" not in cell and "period" in cell


def _select(cell: Mapping[str, str]) -> dict[str, str]:
    reporter, partner = number(cell["reporter"], "int"), number(cell["partner"], "int")
    period = f"trim({cell['period']})" if "period" in cell else "''"
    parts = [f"trim({cell[name]})" for name in TOTALS if name in cell]
    details = [
        f"coalesce(trim({cell[name]}), '') not in ('', '{mark}')"
        for name, mark in TOTALS.items()
        if name in cell
    ]
    cases = " ".join(f"when '{old}' then '{new}'" for old, new in REVISIONS.items())
    weight = number(cell["weight"]) if "weight" in cell else "null"
    return {
        "y": number(cell["year"], "smallint"),
        "e": f"case when flow in (1, 4) then {partner} else {reporter} end",
        "m": f"case when flow in (1, 4) then {reporter} else {partner} end",
        "p": "case when regexp_full_match(code, '[0-9]+') "
        "then lpad(code, (length(code) + length(code) % 2)::int, '0') else code end",
        "v": number(cell["value"]),
        "q": f"nullif({weight}, 0) / 1000",
        "flags": "case when flow in (3, 4) then 4 else 0 end",
        "side": "case when flow in (1, 4) then 1 when flow in (2, 3) then 2 "
        "when flow = 5 then 0 end",
        "rev": f"case upper(trim({cell['class']})) {cases} else upper(trim({cell['class']})) end",
        "key": f"concat_ws('|', flow, {', '.join([period, 'code', *parts])})",
        "detail": " or ".join(details) or "false",
        "month": f"case when length({period}) = 6 then {number(f'right({period}, 2)', 'utinyint')}"
        " end",
        "padded": "regexp_full_match(code, '[0-9]+') and length(code) % 2 = 1",
    }


def _judged(cell: Mapping[str, str]) -> str:
    quantity = (
        f"q is null and not {is_missing(cell['weight'])} "
        f"and coalesce({number(cell['weight'])}, -1) <> 0"
        if "weight" in cell
        else "false"
    )
    return first_reason(
        (Reason.YEAR, "y is null or y not between 1900 and 2200"),
        (Reason.DIRECTION, "side is null"),
        (Reason.PART_FLOW, "side = 0"),
        (Reason.COUNTRY, "e is null or m is null"),
        (Reason.HS, "p is null or not regexp_full_match(p, 'TOTAL|[0-9]{2,12}')"),
        (Reason.VALUE, "v is null or not isfinite(v) or v <= 0"),
        (Reason.QUANTITY, f"({quantity}) or not q between 0 and 1e30"),
        (Reason.SELF, "e = m"),
    )


def _refuse_other_goods(bench: Bench, table: Table, cell: Mapping[str, str]) -> None:
    file = len(bench.loaded) - 1
    known = ", ".join(f"'{name}'" for name in REVISIONS.values())
    other = bench.rows(
        f"select distinct rev from staged where file = ? and rev not in ({known}, 'HS')", [file]
    )
    if other:
        needed = ", ".join(REVISIONS)
        message = f"the products are classified by {other[0][0]!r}; HS is needed ({needed})"
        raise SourceError(message, code="S131", where=table.name)
