"""BACI of CEPII: zip or CSV files of one release → rows on the bench.

Source: Gaulier and Zignago (2010), BACI: International Trade Database at the Product-Level, CEPII
Working Paper 2010-23. Columns t (year), i (exporter), j (importer), k (HS code of six digits),
v (thousand current USD, FOB), q (metric tons), bound by name since releases order them
differently. Traps: quantities are padded text with "NA", codes lose their leading zero, the
table of countries is Latin-1, country codes are not those of ISO and differ between releases.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from coproduce.records.errors import SourceError
from coproduce.sources.trade import reference
from coproduce.sources.trade.files import Member, Table, copy_out, open_table
from coproduce.sources.trade.staging import (
    Bench,
    Reason,
    first_reason,
    is_missing,
    number,
)

FILE_NAME = re.compile(r"BACI_(?P<revision>HS\d{2})_Y(?P<year>\d{4})_V(?P<version>\d{6}[a-z]?)")
ANY_NAME = re.compile(r"BACI_(?P<revision>HS\d{2})_V(?P<version>\d{6}[a-z]?)")
USD_PER_UNIT = 1000.0
# the release's own names, and those of tables that others made from it
SPELLINGS = {
    "t": ("t", "year"),
    "i": ("i", "exporter", "exporter_iso3c"),
    "j": ("j", "importer", "importer_iso3c"),
    "k": ("k", "hs6", "product"),
    "v": ("v", "value", "total_v"),
    "q": ("q", "quantity", "total_q"),
}
COUNTRY_COLUMNS = {
    "baci_code": ("country_code", "i"),
    "name": ("country_name_full", "country_name", "country_name_abbreviation"),
    "iso2": ("iso_2digit_alpha", "country_iso2"),
    "iso3": ("iso_3digit_alpha", "country_iso3"),
}


@dataclass(frozen=True, slots=True)
class Release:
    """What the names of the files say; empty where they say nothing.

    Attributes:
        revision: of the Harmonised System, ``HS12``.
        version: of the release, ``202301``.
    """

    revision: str
    version: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of a release, told apart.

    Attributes:
        flows: tables of flows.
        countries, products: reference tables, if there.
    """

    flows: tuple[Member, ...]
    countries: Member | None
    products: Member | None


def parts(members: Sequence[Member]) -> Parts:
    """Return the files told apart by their names.

    A table of countries of the same release that lies beside a CSV file is used, too.

    Raises:
        SourceError: S120 if no table of flows is there, S121 if there are two country tables.
    """
    tables = [each for each in members if each.leaf.lower().endswith(".csv")]
    countries = [each for each in tables if each.leaf.lower().startswith("country_codes")]
    products = [each for each in tables if each.leaf.lower().startswith("product_codes")]
    flows = tuple(each for each in tables if each not in countries and each not in products)
    if not flows:
        names = ", ".join(each.leaf for each in members)
        message = f"no table of flows (BACI_HS.._Y...._V.......csv) among {names}"
        raise SourceError(message, code="S120")
    for found in (countries, products):
        if len({each.leaf for each in found}) > 1:
            names = ", ".join(each.name for each in found)
            message = f"{names}: tables of more than one release; never mix releases"
            raise SourceError(message, code="S121")
    country, product = (found[0] if found else None for found in (countries, products))
    version = release(flows).version
    return Parts(
        flows,
        country or _beside(flows[0], f"country_codes_V{version}.csv"),
        product or _beside(flows[0], f"product_codes_{release(flows).revision}_V{version}.csv"),
    )


def _beside(member: Member, name: str) -> Member | None:
    path = member.path.parent / name
    return Member(name, path) if not member.inside and path.is_file() else None


def release(flows: Sequence[Member]) -> Release:
    """Return revision and version that all names of files share.

    Raises:
        SourceError: S121 if they differ, since releases and revisions are not comparable.
    """
    named = [FILE_NAME.search(each.leaf) or ANY_NAME.search(each.leaf) for each in flows]
    kinds = {(each["revision"], each["version"]) if each else ("", "") for each in named}
    if len(kinds) > 1:
        said = "; ".join(f"{each.name}" for each in flows[:6])
        message = (
            f"the files belong to different releases or revisions of BACI ({said}); "
            "never mix them: take in one release at a time"
        )
        raise SourceError(message, code="S121")
    return Release(*kinds.pop())


def _missing(file: str, wanted: Sequence[str], found: Sequence[str]) -> SourceError:
    message = (
        f"column {' or '.join(wanted)} is missing; the file has {', '.join(found)}. "
        "Give the CSV file of a BACI release as CEPII publishes it"
    )
    return SourceError(message, code="B002", where=file)


def bind(table: Table) -> dict[str, str]:
    """Return the cell (c0, c1 …) of each of BACI's columns.

    Raises:
        SourceError: B002 if one is missing.
    """
    places = {name.strip().lower(): index for index, name in enumerate(table.header)}
    bound = {}
    for column, spellings in SPELLINGS.items():
        found = next((word for word in spellings if word in places), None)
        if found is None:
            raise _missing(table.name, spellings[:1], table.header)
        bound[column] = f"c{places[found]}"
    return bound


def load(bench: Bench, table: Table, revision: str) -> None:
    """Put the flows of a file on the bench.

    Raises:
        SourceError: B002 a column is missing; S113, S115, S116 as `Bench.load`.
    """
    cell = bind(table)
    named = FILE_NAME.search(table.name)
    year = int(named["year"]) if named else None
    in_letters = table.header[int(cell["i"][1:])].strip().lower().endswith("iso3c")
    select = {
        "y": number(cell["t"], "smallint"),
        "e": _country(cell["i"], in_letters=in_letters),
        "m": _country(cell["j"], in_letters=in_letters),
        "p": f"case when length({cell['k']}) = 6 then {cell['k']} "
        f"when length({cell['k']}) = 5 then concat('0', {cell['k']}) else trim({cell['k']}) end",
        "v": f"{number(cell['v'])} * {USD_PER_UNIT}",
        "q": number(cell["q"]),
        "flags": "0",
        "side": "0",
        "rev": f"'{revision or _stated(bench, table)}'",
        "padded": f"length({cell['k']}) = 5",
    }
    if in_letters:
        _letters(bench)
    bench.load(table, select, judged(cell, year))


def _stated(bench: Bench, table: Table) -> str:
    """Return the revision that a column ``hs_version`` states, if it is one and the same."""
    places = {name.strip().lower(): index for index, name in enumerate(table.header)}
    if "hs_version" not in places:
        return ""
    found = bench.cells(table, f"c{places['hs_version']}")
    if len(found) > 1:
        message = f"the rows are of the revisions {', '.join(sorted(found))}; never mix them"
        raise SourceError(message, code="S121", where=table.name)
    only = found.pop() if found else ""
    return only if re.fullmatch(r"HS\d{2}", only) else ""


def judged(cell: dict[str, str], year: int | None) -> str:
    """Return the SQL expression of the reason to leave out a row of BACI, null for none."""
    other_year = f"y <> {year}" if year is not None else "false"
    between = f"= {year}" if year is not None else "between 1900 and 2200"
    return first_reason(
        (Reason.YEAR, "y is null or y not between 1900 and 2200"),
        (Reason.OTHER_YEAR, other_year),
        (Reason.COUNTRY, "e is null or m is null"),
        (Reason.UNKNOWN_COUNTRY, "e < 0 or m < 0"),
        (Reason.HS, "p is null or length(p) <> 6 or try_cast(p as int) is null"),
        (Reason.VALUE, "v is null or not isfinite(v) or v <= 0"),
        (
            Reason.QUANTITY,
            f"(q is null and not {is_missing(cell['q'])}) or not q between 0 and 1e30",
        ),
        (Reason.SELF, "e = m"),
        fine=f"y {between} and e >= 0 and m >= 0 and e <> m and length(p) = 6 "
        "and try_cast(p as int) >= 0 and v > 0 and v < 1e300 and q >= 0 and q < 1e30",
    )


def _country(cell: str, *, in_letters: bool) -> str:
    if in_letters:
        return f"coalesce(getvariable('letters')[trim({cell})], -1)"
    return number(cell, "int")


def _letters(bench: Bench) -> None:
    """Give the bench the codes of countries that are written in letters."""
    known = (
        reference.areas().sort(pl.col("source") != "ISO 3166-1").unique("country_id", keep="first")
    )
    keys = ", ".join(f"'{each}'" for each in known["country_id"])
    codes = ", ".join(str(each) for each in known["source_code"])
    bench.run(f"set variable letters = map([{keys}], [{codes}])")


def read_countries(path: Path) -> pl.DataFrame:
    """Return the country table that comes with a BACI release.

    Args:
        path: ``country_codes_V….csv``; UTF-8 or Latin-1.

    Returns:
        Columns baci_code (whole number), name, iso2, iso3; "N/A" is null but "NA" is Namibia.

    Raises:
        SourceError: B002 if a column is missing, B001 if a code is no whole number.
    """
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    raw = pl.read_csv(text.encode(), infer_schema=False, null_values=["", "N/A"])
    chosen = {}
    for name, spellings in COUNTRY_COLUMNS.items():
        found = next((word for word in spellings if word in raw.columns), None)
        if found is None:
            raise _missing(path.name, spellings, raw.columns)
        chosen[name] = pl.col(found)
    frame = raw.select(**chosen)
    codes = frame["baci_code"].cast(pl.Int32, strict=False)
    if codes.null_count():
        bad = frame.filter(codes.is_null())["baci_code"][0]
        message = f"country code {bad!r} is no whole number; this is not BACI's country table"
        raise SourceError(message, code="B001", where=path.name)
    return frame.with_columns(codes)


def countries(member: Member | None, work: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the countries of a release: source_code, country_id, iso2, name; and notes on them.

    The release says which codes there are; what they are called comes from our own table, since
    several of its codes share letters with a country of today, and older releases err in some.
    """
    ours = reference.areas()
    if member is None:
        return ours, ("The release's own table of countries was not there; ours was used.",)
    path = work / "country_codes.csv"
    copy_out(member, path)
    theirs = read_countries(path if member.inside else member.path)
    named = theirs.rename({"baci_code": "source_code"}).join(
        ours.select("source_code", "country_id", own_iso2="iso2", own_name="name"),
        on="source_code",
        how="left",
    )
    unknown = "X" + pl.col("source_code").cast(pl.String)
    is_new = pl.col("iso3").is_not_null() & ~pl.col("iso3").is_in(ours["country_id"].implode())
    full = named.with_columns(
        country_id=pl.coalesce(
            "country_id", pl.when(is_new).then(pl.col("iso3")).otherwise(unknown)
        ),
        iso2=pl.coalesce("own_iso2", pl.when(is_new).then(pl.col("iso2"))),
        name=pl.coalesce("own_name", "name"),
    )
    differs = named.filter(
        pl.col("country_id").is_not_null()
        & ~pl.col("country_id").str.starts_with("X")
        & pl.col("iso3").is_not_null()
        & (pl.col("iso3") != pl.col("country_id"))
    )
    notes = tuple(
        f"The release's table calls code {code} {iso3}; it was read as {ours_id}."
        for code, iso3, ours_id in differs.select("source_code", "iso3", "country_id").iter_rows()
    )
    return full.select("source_code", "country_id", "iso2", "name"), notes


def read_products(member: Member, work: Path) -> pl.DataFrame:
    """Return a table of products: product_id (six digits), description.

    Raises:
        SourceError: B002 if a column is missing.
    """
    table = open_table(member, work)
    frame = pl.read_csv(
        table.path, infer_schema=False, separator=table.delimiter, truncate_ragged_lines=True
    )
    names = {name.strip().lower(): name for name in frame.columns}
    code = next((names[word] for word in ("code", "k", "id", "hs6") if word in names), None)
    text = next((names[word] for word in ("description", "text") if word in names), None)
    if code is None or text is None:
        raise _missing(member.name, ("code and description",), frame.columns)
    digits = pl.col(code).str.strip_chars()
    return (
        frame.select(product_id=digits.str.zfill(6), description=pl.col(text))
        .filter(pl.col("product_id").str.contains(r"^\d{6}$"))
        .unique("product_id", keep="first", maintain_order=True)
    )
