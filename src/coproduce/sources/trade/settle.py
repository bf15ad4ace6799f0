"""Which of several rows about the same thing count: totals and parts, levels, repeats, sides.

Every step gives a reason to the rows that it leaves out, and refuses what it cannot decide.
"""

# ruff: noqa: S608  (queries are put together from our own words, numbers and checked codes)

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from coproduce.records.errors import SourceError
from coproduce.sources.trade import reference
from coproduce.sources.trade.staging import Bench, Reason

KEPT = "reason is null"
MOST_LEVEL = 6
SIX_DIGITS = re.compile(r"[0-9]{6}")
LEVEL = "case when p = 'TOTAL' then 0 else length(p) end"
Side = Literal["importer", "exporter"]


def worlds(bench: Bench, *, wants_world: bool) -> None:
    """Keep partners, or totals with the world, never both.

    Raises:
        SourceError: S136 if nothing is left of the kind that is wanted.
    """
    kinds = reference.areas()
    code = {
        kind: kinds.filter(kind=kind)["source_code"].to_list() for kind in ("world", "aggregate")
    }
    world = f"(e in ({_list(code['world'])}) or m in ({_list(code['world'])}))"
    area = _list(code["aggregate"])
    bench.mark(Reason.AGGREGATE_AREA, f"e in ({area}) or m in ({area})")
    totals, partners = bench.rows(
        f"select count(*) filter ({world}), count(*) filter (not {world}) from staged where {KEPT}"
    )[0]
    if wants_world:
        bench.mark(Reason.NOT_WORLD, f"not {world}")
        if not totals:
            raise SourceError("no totals with the world are in the files", code="S136")
        return
    if totals and not partners:
        message = (
            "the files hold only totals with the world and no partners, so nothing can be said "
            "about who depends on whom; add --world to take them in as totals"
        )
        raise SourceError(message, code="S136")
    bench.mark(Reason.WORLD, world)


def _list(codes: Collection[int]) -> str:
    return ", ".join(str(code) for code in codes)


def months(bench: Bench) -> tuple[int, ...]:
    """Return the years of which months are missing, if the rows are monthly.

    Raises:
        SourceError: S133 if months and whole years are mixed.
    """
    monthly, yearly = bench.rows(
        "select count(*) filter (month is not null), count(*) filter (month is null) "
        f"from staged where {KEPT}"
    )[0]
    if monthly and yearly:
        message = "monthly and yearly rows are mixed; take them in apart, or flows count double"
        raise SourceError(message, code="S133")
    if not monthly:
        return ()
    short = f"select y from staged where {KEPT} group by y having count(distinct month) < 12"
    return tuple(sorted(row[0] for row in bench.rows(short)))


def totals(bench: Bench, tariff_files: Collection[int]) -> None:
    """Leave out parts (second partner, customs procedure, transport) of totals that are there.

    Raises:
        SourceError: S134 if there are parts without their total outside of tariff lines: adding
            them up may count the same flow several times.
    """
    if not bench.one(f"select count(*) from staged where detail and {KEPT}"):
        return
    group = "y, e, m, p, side, flags, month"
    bench.run(
        f"create temp table whole as select distinct {group} from staged "
        f"where not detail and {KEPT}"
    )
    same = " and ".join(f"s.{name} is not distinct from w.{name}" for name in group.split(", "))
    bench.mark(
        Reason.DETAIL,
        "detail and rowid in (select s.rowid from staged s semi join whole w on "
        f"{same} where s.detail)",
    )
    bench.run("drop table whole")
    among = f"and file not in ({_list(tariff_files)})" if tariff_files else ""
    left = bench.rows(f"select min(rowid), count(*) from staged where detail and {KEPT} {among}")[
        0
    ]
    if left[1]:
        message = (
            f"{left[1]} rows are parts of a flow by second partner, customs procedure or mode of "
            "transport, and their total is not there; adding parts up may count a flow several "
            "times. Download with partner2Code=0, customsCode=C00, motCode=0"
        )
        raise SourceError(message, code="S134", where=bench.place(left[0]))


def repeats(bench: Bench) -> None:
    """Leave out rows that repeat an earlier one word for word.

    Raises:
        SourceError: B004 if a flow stands there twice with different values.
    """
    key = "y, e, m, p, key, month"
    bench.run(
        f"create temp table twice as select {key}, min(rowid) as first, min(v) as low, "
        f"max(v) as high from staged where {KEPT} group by {key} having count(*) > 1"
    )
    same = " and ".join(f"s.{name} is not distinct from t.{name}" for name in key.split(", "))
    differs = bench.rows(
        "select t.first, min(s.rowid), any_value(s.y), any_value(s.p) from twice t "
        f"join staged s on {same} and s.rowid > t.first and s.reason is null "
        "where t.low <> t.high group by t.first order by t.first limit 1"
    )
    if differs:
        first, second, year, product = differs[0]
        message = (
            f"a flow of {product} in {year} stands here and at {bench.place(first)} with another "
            "value. Never mix releases, years or downloads of different days; where it comes from "
            "parts of a total, the columns that tell them apart (partner2Code, customsCode, "
            "motCode) are needed"
        )
        raise SourceError(message, code="B004", where=bench.place(second))
    bench.mark(
        Reason.REPEAT,
        f"rowid in (select s.rowid from staged s join twice t on {same} where s.rowid > t.first)",
    )
    bench.run("drop table twice")


def levels(bench: Bench, wanted: int | None) -> int:
    """Keep one level of products and return its digits; national digits are cut off at six.

    Args:
        bench: with the rows.
        wanted: 0 (all goods), 2, 4 or 6; None: the finest there is up to six.

    Raises:
        SourceError: S137 if there is no row of the wanted level.
    """
    found = {row[0] for row in bench.rows(f"select distinct {LEVEL} from staged where {KEPT}")}
    if not found:
        return wanted if wanted is not None else MOST_LEVEL
    best = min(max(found), MOST_LEVEL)
    level = best if wanted is None else wanted
    national = sorted(each for each in found if each > MOST_LEVEL)
    if level > 0 and level not in found and national:
        # of several national levels the finest: the others are its totals
        bench.mark(Reason.LEVEL, f"{LEVEL} <> {national[-1]}")
        bench.run(f"update staged set p = left(p, {level}) where {KEPT}")
        return level
    if level not in found:
        there = ", ".join(str(each) for each in sorted(found))
        message = f"no row has products of {level} digits; there are levels {there}"
        raise SourceError(message, code="S137")
    bench.mark(Reason.LEVEL, f"{LEVEL} <> {level}")
    return level


def revisions(bench: Bench, level: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the HS revisions of the rows kept, and notes.

    Raises:
        SourceError: S124 if one reporter's flows of a year stand there in two revisions.
    """
    found = tuple(
        sorted(row[0] for row in bench.rows(f"select distinct rev from staged where {KEPT}"))
    )
    reporter = "case when side = 1 then m else e end"
    double = bench.rows(
        f"select {reporter} as r, y, string_agg(distinct rev, ' and '), max(rowid) from staged "
        f"where {KEPT} and side > 0 group by r, y, side having count(distinct rev) > 1 limit 1"
    )
    if double:
        code, year, revs, row = double[0]
        message = (
            f"reporter {code} stands here for {year} in {revs}; its flows would count double. "
            "Give each reporter and year in one classification"
        )
        raise SourceError(message, code="S124", where=bench.place(row))
    if len(found) > 1 and 0 < level <= 2:
        return found, (
            f"Chapters of {', '.join(found)} stand side by side; they are nearly the same.",
        )
    return found, ()


def re_exports(bench: Bench, *, keep: bool) -> float:
    """Leave re-exports out, or keep them apart from the exports; return what was taken off these.

    Reported exports contain re-exports. If these are kept as rows of their own (flagged), the
    exports are lessened by them, so that the sum over all rows stays the reported total.
    """
    if not keep:
        bench.mark(Reason.RE_EXPORT, "flags & 4 > 0")
        return 0.0
    # what importers bring back is contained in imports in the same way
    group = "y, e, m, p, side, month"
    same = " and ".join(f"s.{name} is not distinct from r.{name}" for name in group.split(", "))
    bench.run(
        f"create temp table again as select {group}, sum(v) as v from staged "
        f"where {KEPT} and flags & 4 > 0 group by {group}"
    )
    bench.run(
        "create temp table lessened as select s.rowid as row, s.v as old, s.v - r.v as v "
        f"from staged s join again r on {same} where s.reason is null and s.flags & 4 = 0"
    )
    bench.mark(Reason.ALL_RE_EXPORT, "rowid in (select row from lessened where v <= 0)")
    off = bench.one("select coalesce(fsum(old - v), 0) from lessened where v > 0")
    bench.run("update staged set v = l.v from lessened l where staged.rowid = l.row and l.v > 0")
    bench.run("drop table again; drop table lessened")
    return float(off)


def sides(bench: Bench, prefer: Side) -> None:
    """Keep one side's report of each pair and year; flag pairs that only one side reports.

    Chosen by pair and not by product: the two sides may class the same goods differently, and
    a mixture would count them twice.
    """
    other = 2 if prefer == "importer" else 1
    bench.run(
        "create temp table pairs as select y, e, m, bool_or(side = 1) and bool_or(side = 2) as "
        f"is_both from staged where {KEPT} and side > 0 group by y, e, m"
    )
    bench.mark(
        Reason.OTHER_SIDE,
        f"side = {other} and rowid in (select s.rowid from staged s join pairs p on s.y = p.y "
        "and s.e = p.e and s.m = p.m where p.is_both)",
    )
    bench.run(
        "update staged set flags = flags | 8 from pairs p where staged.reason is null and "
        "staged.y = p.y and staged.e = p.e and staged.m = p.m and not p.is_both"
    )
    bench.run("drop table pairs")


def unknown_areas(bench: Bench, known: Collection[int]) -> None:
    """Leave out rows with a code of an area that the table of areas does not have."""
    found = bench.rows(
        f"select distinct e from staged where {KEPT} union select distinct m from staged "
        f"where {KEPT}"
    )
    unknown = sorted({row[0] for row in found} - set(known))
    if unknown:
        listed = _list(unknown)
        bench.mark(Reason.UNKNOWN_COUNTRY, f"e in ({listed}) or m in ({listed})")


def six_digits(bench: Bench, known: Collection[str] | None) -> None:
    """Leave out codes that are not six digits (``+12345`` reads as a number), then unknown ones.

    Args:
        bench: with the rows.
        known: the table of products, if there is one.
    """
    found = {row[0] for row in bench.rows(f"select distinct p from staged where {KEPT}")}
    readable = {code for code in found if SIX_DIGITS.fullmatch(code)}
    if readable != found:
        bench.mark(Reason.HS, "not regexp_full_match(p, '[0-9]{6}')")
    if known is not None:
        unknown_products(bench, known, readable)


def unknown_products(
    bench: Bench, known: Collection[str], found: Collection[str] | None = None
) -> None:
    """Leave out rows with a code that the table of products does not have.

    Args:
        bench: with the rows.
        known: codes of the table.
        found: codes of the rows, if they have been looked up.
    """
    if found is None:
        found = {row[0] for row in bench.rows(f"select distinct p from staged where {KEPT}")}
    unknown = sorted(set(found) - set(known))
    if unknown:
        listed = ", ".join(f"'{each}'" for each in unknown)
        bench.mark(Reason.OTHER_REVISION, f"p in ({listed})")
