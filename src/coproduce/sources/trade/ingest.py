"""Trade files in, one trade data folder out: the steps in order.

Read every row on the bench → leave out what is no flow → choose between totals, levels, sides →
convert, mirror → write, read back, report. All of it happens in a folder beside the target, which
takes the target's place only when everything is written and adds up.
"""

# ruff: noqa: S608  (queries are put together from our own words, numbers and checked codes)

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from coproduce.records.errors import SourceError, UsageError
from coproduce.sources.trade import (
    baci,
    comtrade,
    convert,
    customs,
    eidb,
    finish,
    mirror,
    quality,
    reference,
    settle,
    store,
)
from coproduce.sources.trade.files import PREVIEW_ROWS, Member, members, open_table
from coproduce.sources.trade.staging import Bench

Source = Literal["baci", "comtrade", "eidb", "customs"]
Tell = Callable[[str, int, int], None]
PRODUCT_LEVELS = (0, 2, 4, 6)
YEARS_TO_FINAL = 2
FULL_LEVEL, CHAPTERS = 6, 2
KEPT = "reason is null"


@dataclass(frozen=True, slots=True)
class Options:
    """How files are taken in.

    Attributes:
        revision: of the Harmonised System to convert to; empty: as it is.
        concordances: files that say how codes pass from one revision to another.
        mirrors: countries of which partners' reports are used, ``AAA`` or ``AAA:2022``.
        cif_fob: factor by which partners' imports are divided for these countries.
        blocs: the user's own table of blocs.
        products: table of the valid products; None: that of the release, if it has one.
        level: digits of the product codes, 0 (all goods), 2, 4, 6; None: the finest.
        wants_world: take totals with the world instead of partners.
        keeps_re_exports: keep re-exports as flagged rows, taken off the exports.
        prefer: whose report counts if both sides report a pair.
        reporter, partner, flow: for files that do not say; partner None is the world.
        usd_per_unit: worth of one unit of value in customs rows.
        threads, memory_mb: limits of the engine.
    """

    revision: str = ""
    concordances: tuple[Path, ...] = ()
    mirrors: tuple[str, ...] = ()
    cif_fob: float = 1.0
    blocs: Path | None = None
    products: Path | None = None
    level: int | None = None
    wants_world: bool = False
    keeps_re_exports: bool = False
    prefer: settle.Side = "importer"
    reporter: str | None = None
    partner: str | None = None
    flow: str = ""
    usd_per_unit: float = 1.0
    threads: int = 1
    memory_mb: int = 1024


@dataclass(frozen=True, slots=True)
class Ingested:
    """What was written.

    Attributes:
        folder: where.
        meta: what it holds.
        quality: the report, as in ``quality.json``.
    """

    folder: Path
    meta: store.Meta
    quality: dict[str, Any]


@dataclass(slots=True)
class _Job:
    """What the readers found out; filled step by step."""

    areas: pl.DataFrame
    descriptions: pl.DataFrame
    revision: str = ""
    version: str = ""
    tariff_files: tuple[int, ...] = ()
    products: frozenset[str] | None = None
    notes: tuple[str, ...] = ()


def ingest(
    source: Source, paths: Sequence[Path], out: Path, options: Options | None = None,
    tell: Tell = lambda what, done, total: None,
) -> Ingested:  # fmt: skip
    """Return what was taken in from trade files and written to a trade data folder.

    Args:
        source: baci, comtrade, eidb or customs.
        paths: CSV, JSON (Comtrade) or zips of them.
        out: folder to write; a trade data folder there is replaced, anything else refused.
        options: None: the defaults.
        tell: called with a step in words, steps done, and steps in all.

    Raises:
        UsageError: the options make no sense together; U101 ``out`` holds something else.
        SourceError: a file is not what it claims to be, or cannot be decided upon; the message
            says file, line and what to do. Nothing is written then.
        VerificationFailed: V101, V102 rows or value do not add up. Nothing is written then.
    """
    options = options or Options()
    _check(source, options)
    own_blocs = reference.read_blocs(options.blocs) if options.blocs else None
    found = members(paths)
    with store.writing(out) as fresh:
        work = fresh / "work"
        work.mkdir()
        bench = Bench(work, threads=options.threads, memory_mb=options.memory_mb)
        try:
            meta, report = _run(source, found, bench, fresh, options, tell)
        finally:
            bench.close()
        shutil.rmtree(work)
        if own_blocs is not None and options.blocs:
            shutil.copyfile(options.blocs, fresh / reference.BLOCS)
        title = f"Quality of {out.name}: {source} {meta.revision} {meta.version}".rstrip()
        store.write_texts(fresh, meta, report, quality.as_text(report, title))
    return Ingested(out, meta, report)


def _check(source: Source, options: Options) -> None:
    mirror.check_factor(options.cif_fob)
    for each in options.mirrors:
        mirror.parse(each)
    if options.cif_fob != 1.0 and not options.mirrors:
        message = "a CIF/FOB factor is for mirror data; add --mirror REPORTER"
        raise UsageError(message, code="U105")
    if options.mirrors and source in ("eidb", "customs"):
        message = "these files hold one country's own reports; mirror data need partners' reports"
        raise UsageError(message, code="U108")
    if options.revision:
        convert.revision_name(options.revision)
    if options.revision and not options.concordances:
        message = "a conversion needs a concordance; add --concordance FILE"
        raise UsageError(message, code="U107")
    if options.level is not None and options.level not in PRODUCT_LEVELS:
        allowed = ", ".join(str(each) for each in PRODUCT_LEVELS)
        raise UsageError(f"--level is one of {allowed}", code="U109")
    if source in ("eidb", "customs") and not options.reporter:
        message = "the file does not say whose statistics it is; add --reporter AAA"
        raise UsageError(message, code="U110")
    if source == "eidb" and not options.partner and not options.wants_world:
        message = "the page does not name the partner; add --partner AAA, or --world if it is all"
        raise UsageError(message, code="U110")


def _run(
    source: Source,
    found: list[Member],
    bench: Bench,
    fresh: Path,
    options: Options,
    tell: Tell,
) -> tuple[store.Meta, dict[str, Any]]:
    job = _read(source, found, bench, options, tell)
    total = len(found) + 3
    tell("choosing between totals, parts and sides", len(found), total)
    level, provisional, off = _settle(source, bench, job, options)
    target, extra = _passages(bench, level, options)
    mirrors = [
        mirror.apply(bench, mirror.parse(each), options.cif_fob, is_reconciled=source == "baci")
        for each in options.mirrors
    ]
    tell("sorting and writing", len(found) + 1, total)
    is_summed = source != "baci" or target is not None
    written = finish.write(bench, fresh, job.areas, job.descriptions, target, is_summed=is_summed)
    tell("reconciling", len(found) + 2, total)
    adjustments = {
        "taken off exports, in re-exports": off,
        "freight taken off mirror data": sum(each["value_taken_off_usd"] for each in mirrors),
    }
    told = {name: value for name, value in adjustments.items() if value}
    extra |= {"mirror": mirrors} if mirrors else {}
    report = quality.report(bench, written, told, extra, job.notes)
    meta = _meta(source, bench, job, written, options, level, provisional)
    tell("done", total, total)
    return replace(meta, revision=target or meta.revision), report


def _read(source: Source, found: list[Member], bench: Bench, options: Options, tell: Tell) -> _Job:
    empty = pl.DataFrame(schema={"product_id": pl.String, "description": pl.String})
    job = _Job(reference.areas().filter(pl.col("kind") != "aggregate"), empty)
    if source == "baci":
        found = _prepare_baci(found, bench, job)
    if options.products:
        named = Member(options.products.name, options.products)
        members([options.products])
        job.descriptions = baci.read_products(named, bench.work)
    if not job.descriptions.is_empty():
        job.products = frozenset(job.descriptions["product_id"])
    for at, member in enumerate(found):
        tell(f"reading {member.leaf}", at, len(found) + 3)
        _load(source, member, bench, job, options)
    return job


def _prepare_baci(found: list[Member], bench: Bench, job: _Job) -> list[Member]:
    told = baci.parts(found)
    named = baci.release(told.flows)
    job.revision, job.version = named.revision, named.version
    job.areas, job.notes = baci.countries(told.countries, bench.work)
    if not named.version:
        job.notes += ("The file names do not say which release and revision this is.",)
    if told.products:
        job.descriptions = baci.read_products(told.products, bench.work)
    return list(told.flows)


def _load(source: Source, member: Member, bench: Bench, job: _Job, options: Options) -> None:
    encoding = customs.ENCODING if source == "customs" else "latin-1"
    table = open_table(member, bench.work, encoding=encoding)
    if source == "baci":
        baci.load(bench, table, job.revision)
    elif source == "comtrade":
        if comtrade.load(bench, table):
            job.tariff_files += (len(bench.loaded) - 1,)
        rows = bench.loaded[-1].rows
        if rows in PREVIEW_ROWS:
            note = f"{table.name} has exactly {rows:,} rows, where the service cuts answers off."
            job.notes += (note,)
    elif source == "customs":
        customs.load(bench, table, _code(options.reporter), options.usd_per_unit)
    else:
        partner = _code(options.partner) if options.partner else 0
        eidb.load(bench, table, eidb.Who(_code(options.reporter), partner, options.flow))
    if member.inside:
        table.path.unlink()


def _code(country_id: str | None) -> int:
    return reference.country_code(country_id or "")


def _settle(
    source: Source, bench: Bench, job: _Job, options: Options
) -> tuple[int, tuple[int, ...], float]:
    """Return product level, years that are not whole, and what was taken off exports."""
    settle.unknown_areas(bench, {*job.areas["source_code"], *_aggregates()})
    if source == "baci":
        _settle_baci(bench, job, options)
        return FULL_LEVEL, (), 0.0
    settle.worlds(bench, wants_world=options.wants_world)
    short = settle.months(bench)
    settle.totals(bench, job.tariff_files)
    if source != "customs":
        settle.repeats(bench)
    off = settle.re_exports(bench, keep=options.keeps_re_exports)
    level = settle.levels(bench, options.level)
    if job.products is not None and level == FULL_LEVEL:
        settle.unknown_products(bench, job.products)
    settle.sides(bench, options.prefer)
    if source == "comtrade":
        found, notes = settle.revisions(bench, level)
        job.notes += notes
        job.revision = _revision(found, level, options)
    return level, short, off


def _aggregates() -> list[int]:
    return reference.areas().filter(kind="aggregate")["source_code"].to_list()


def _settle_baci(bench: Bench, job: _Job, options: Options) -> None:
    if options.level not in (None, FULL_LEVEL) or options.wants_world or options.keeps_re_exports:
        message = "BACI has flows of six digits between partners only; leave the option out"
        raise UsageError(message, code="U109")
    if not job.revision:
        stated = {row[0] for row in bench.rows(f"select distinct rev from staged where {KEPT}")}
        job.revision = stated.pop() if len(stated) == 1 else ""
    settle.six_digits(bench, job.products)
    if options.revision:
        # a conversion sums rows; without one, repeats are found in the sorted file
        settle.repeats(bench)


def _revision(found: tuple[str, ...], level: int, options: Options) -> str:
    """Return the one revision of the rows, empty if they do not say it.

    Raises:
        SourceError: S123 if there are several and no conversion is asked for.
    """
    if options.revision or (len(found) > 1 and level <= CHAPTERS):
        return ""
    if len(found) > 1:
        message = (
            f"the files mix the revisions {', '.join(found)}, whose codes mean different goods; "
            "add --revision TO and --concordance FILE to bring them to one"
        )
        raise SourceError(message, code="S123")
    return found[0] if found and found[0] in comtrade.REVISIONS.values() else ""


def _passages(bench: Bench, level: int, options: Options) -> tuple[str | None, dict[str, Any]]:
    """Return the revision to convert to, if any, and the report on it."""
    if not options.revision:
        return None, {}
    target = convert.revision_name(options.revision)
    if level != FULL_LEVEL:
        message = (
            f"a concordance is of six digits, the products have {level}; leave --revision out"
        )
        raise UsageError(message, code="U107")
    found = [row[0] or "" for row in bench.rows(f"select distinct rev from staged where {KEPT}")]
    steps = convert.read_concordances(options.concordances)
    return target, {"conversion": convert.apply(bench, steps, found, target)}


def _meta(
    source: Source,
    bench: Bench,
    job: _Job,
    written: finish.Written,
    options: Options,
    level: int,
    provisional: tuple[int, ...],
) -> store.Meta:
    if source == "baci" and job.version:
        last = int(job.version[:4]) - YEARS_TO_FINAL
        provisional = tuple(year for year in written.years if year >= last)
    sides = {row[0] for row in bench.rows(f"select distinct side from staged where {KEPT}")}
    valuation: Literal["fob", "cif", "mixed"] = "mixed"
    if len(sides) == 1:
        valuation = "cif" if sides == {1} else "fob"
    return store.Meta(
        source=source,
        revision=job.revision,
        version=job.version,
        years=written.years,
        is_provisional_years=provisional,
        valuation=valuation,
        period="fiscal" if source == "eidb" else "calendar",
        files=tuple(store.FileMeta(each.name, each.sha256, each.rows) for each in bench.loaded),
        partners="world" if options.wants_world else "countries",
        level=level,
        notes=job.notes,
    )
