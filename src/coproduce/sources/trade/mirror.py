"""Mirror data: what partners report of a country that stopped publishing.

Partners' exports are the country's imports (FOB already); partners' imports are its exports, CIF,
and are divided by the CIF/FOB factor that the user gives. Flows with partners that do not publish
either are missing, and goods that pass through a third country appear as that country's.
"""

# ruff: noqa: S608  (queries are put together from our own words, numbers and checked codes)

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coproduce.records.errors import SourceError, UsageError
from coproduce.sources.trade import reference
from coproduce.sources.trade.staging import Bench

KEPT = "reason is null"
MOST_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class Mirror:
    """A country of which partners' reports are used.

    Attributes:
        country_id: ISO 3166 alpha-3.
        codes: numeric codes under which it appears.
        since: first year without reports of its own; None: every year in which the files have
            none.
    """

    country_id: str
    codes: tuple[int, ...]
    since: int | None


def parse(text: str) -> Mirror:
    """Return the mirror that ``AAA`` or ``AAA:2022`` names.

    Raises:
        UsageError: U102 unknown country, U104 the year is none.
    """
    country, _, year = text.partition(":")
    reference.country_code(country)
    if year and not (year.isdigit() and 1900 <= int(year) <= 2200):
        message = f"{text!r}: give a country, or a country and the first year, as in AAA:2022"
        raise UsageError(message, code="U104")
    country_id = country.strip().upper()
    codes = reference.areas().filter(country_id=country_id)["source_code"].to_list()
    return Mirror(country_id, tuple(codes), int(year) if year else None)


def check_factor(factor: float) -> None:
    """Refuse a CIF/FOB factor that is none.

    Raises:
        UsageError: U105 if it is not between 1 and 2.
    """
    if not 1.0 <= factor <= MOST_FACTOR:
        message = (
            f"a CIF/FOB factor lies between 1 and {MOST_FACTOR:g} (imports with freight and "
            f"insurance ÷ the same goods at the border of the exporter), not {factor:g}"
        )
        raise UsageError(message, code="U105")


def apply(bench: Bench, mirror: Mirror, factor: float, *, is_reconciled: bool) -> dict[str, Any]:
    """Flag what partners report of a country, take freight off; return the report on it.

    Args:
        bench: rows after the choice of sides.
        mirror: the country.
        factor: CIF ÷ FOB.
        is_reconciled: the source has already joined both sides' reports (BACI): every flow of
            the country since the given year is flagged, no value is changed.

    Raises:
        SourceError: S160 if the files hold nothing about the country.
        UsageError: U106 if the first year is needed and not given, or a factor makes no sense.
    """
    codes = ", ".join(str(code) for code in mirror.codes)
    own = f"((m in ({codes}) and side = 1) or (e in ({codes}) and side = 2))"
    silent = f"y not in (select y from staged where {own} and raw is null)"
    since = f"y >= {mirror.since}" if mirror.since else silent
    if is_reconciled and (mirror.since is None or factor != 1.0):
        message = (
            f"this source has already joined both sides' reports, at FOB: say since when "
            f"{mirror.country_id} does not publish ({mirror.country_id}:2022), and no --cif-fob"
        )
        raise UsageError(message, code="U106")
    about = f"(e in ({codes}) or m in ({codes}))"
    if not bench.one(f"select count(*) from staged where {KEPT} and {about}"):
        raise SourceError(f"the files hold no flow of {mirror.country_id}", code="S160")
    if is_reconciled:
        is_mirrored = f"(e in ({codes}) or m in ({codes})) and {since}"
    else:
        is_mirrored = (
            f"((m in ({codes}) and side = 2) or (e in ({codes}) and side = 1)) and {since}"
        )
    taken_off = 0.0
    if factor != 1.0:
        cif = f"{KEPT} and {is_mirrored} and side = 1"
        taken_off = float(
            bench.one(f"select coalesce(fsum(v - v / {factor}), 0) from staged where {cif}")
        )
        bench.run(f"update staged set v = v / {factor} where {cif}")
    bench.run(f"update staged set flags = flags | 1 where {KEPT} and {is_mirrored}")
    return _report(bench, mirror, factor, taken_off)


def _report(bench: Bench, mirror: Mirror, factor: float, taken_off: float) -> dict[str, Any]:
    codes = ", ".join(str(code) for code in mirror.codes)
    own = f"((m in ({codes}) and side = 1) or (e in ({codes}) and side = 2))"
    years = bench.rows(
        f"select y, count(*) filter (flags & 1 > 0), coalesce(fsum(v) filter (flags & 1 > 0), 0), "
        f"count(distinct case when e in ({codes}) then m else e end) filter (flags & 1 > 0), "
        f"count(*) filter ({own}) from staged where {KEPT} and (e in ({codes}) or m in ({codes})) "
        "group by y order by y"
    )
    names = ("year", "rows", "value_usd", "partners", "own_rows")
    return {
        "country_id": mirror.country_id,
        "since": mirror.since,
        "cif_fob": factor,
        "value_taken_off_usd": taken_off,
        "years": [dict(zip(names, row, strict=True)) for row in years],
        "partners_without_report": _silent(bench, codes),
        "hubs": _hubs(bench, codes),
    }


def _silent(bench: Bench, codes: str) -> list[str]:
    """Return partners known from some year that report nothing at all in a mirrored year."""
    found = bench.rows(
        f"""with seen as (select distinct case when e in ({codes}) then m else e end as c
          from staged where {KEPT} and (e in ({codes}) or m in ({codes}))),
        mirrored as (select distinct y from staged where {KEPT} and flags & 1 > 0),
        told as (select distinct y, case when side = 1 then m else e end as c from staged
          where side > 0)
        select distinct seen.c from seen, mirrored where not exists
          (from told where told.y = mirrored.y and told.c = seen.c)
          and exists (from told) order by 1"""
    )
    names = dict(reference.areas().select("source_code", "country_id").iter_rows())
    return sorted({names.get(row[0], f"X{row[0]}") for row in found})


def _hubs(bench: Bench, codes: str) -> list[dict[str, Any]]:
    """Return hubs through which goods of others may have come, with their share by year."""
    kinds = dict(reference.hubs().group_by("country_id").agg("kind").iter_rows())
    areas = reference.areas()
    listed = []
    for country_id, kind in sorted(kinds.items()):
        own = ", ".join(str(code) for code in areas.filter(country_id=country_id)["source_code"])
        years = bench.rows(
            f"select y, fsum(v) filter (e in ({own})) / fsum(v) from staged where {KEPT} "
            f"and m in ({codes}) group by y order by y"
        )
        shares = {str(year): share for year, share in years if share}
        if shares:
            listed.append(
                {"country_id": country_id, "kind": ", ".join(kind), "share_of_imports": shares}
            )
    return listed
