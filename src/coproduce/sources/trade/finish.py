"""Judged rows on the bench → the files of a trade data folder, checked after they were written."""

# ruff: noqa: S608  (queries are put together from our own words, numbers and checked codes)

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from coproduce.records.errors import SourceError, VerificationFailed
from coproduce.sources.trade import settle, store
from coproduce.sources.trade.staging import WORDS, Bench, quoted

KEPT = "reason is null"
TOLERANCE_USD = 0.5
TOLERANCE_SHARE = 1e-13


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the files of flows.

    Attributes:
        flows: rows.
        value_usd: their sum, read back from the file.
        years: in which there are flows.
    """

    flows: int
    value_usd: float
    years: tuple[int, ...]


def write(
    bench: Bench,
    fresh: Path,
    areas: pl.DataFrame,
    descriptions: pl.DataFrame,
    target: str | None,
    *,
    is_summed: bool,
) -> Written:
    """Write flows, countries, products and rejected rows.

    Args:
        bench: judged rows.
        fresh: folder to write to.
        areas: source_code, country_id, iso2, name of every area that may occur.
        descriptions: product_id, description, as far as known.
        target: revision to pass into by the table ``passage``; None: as it is.
        is_summed: several rows may make one flow.

    Raises:
        SourceError: S118 if no row is left.
        VerificationFailed: V101 if the file does not hold the value of the rows kept.
    """
    _clean(bench, target)
    if not bench.one(f"select count(*) from staged where {KEPT}"):
        _refuse_nothing(bench)
    countries = _countries(bench, areas)
    products = _products(bench, descriptions)
    store.write_tables(fresh, countries, products)
    path = fresh / store.FLOWS
    _copy(bench, path, products.height, is_summed=is_summed)
    if not is_summed and _has_double(bench, path):
        # a row given twice, or two codes of one country in the same file
        settle.repeats(bench)
        _copy(bench, path, products.height, is_summed=True)
    _write_rejected(bench, fresh)
    return _verified(bench, path)


def _refuse_nothing(bench: Bench) -> None:
    reasons = bench.rows(
        "select reason, count(*) c from staged group by 1 order by c desc limit 3"
    )
    said = "; ".join(f"{WORDS[code]}: {count:,} rows" for code, count in reasons)
    message = f"no row of the files can be used ({said})"
    raise SourceError(message, code="S118", where=bench.place(0))


def _clean(bench: Bench, target: str | None) -> None:
    """Make the view of kept rows with the products of the target revision."""
    plain = f"select y, e, m, p, v, q, flags from staged where {KEPT}"
    if target is not None:
        split = "case when c.relation in ('1:n', 'n:m') then 2 else 0 end"
        plain = (
            f"{plain} and rev = '{target}' union all select s.y, s.e, s.m, c.to_code, "
            f"s.v * c.weight, s.q * c.weight, (s.flags | {split})::utinyint "
            "from staged s join passage c on s.rev = c.rev and s.p = c.from_code "
            f"where s.{KEPT} and s.rev <> '{target}'"
        )
    bench.run(f"create view clean as {plain}")


def _put(bench: Bench, frame: pl.DataFrame, name: str) -> None:
    path = bench.work / f"{name}.parquet"
    frame.write_parquet(path)
    bench.run(f"create table {name} as from read_parquet({quoted(path)})")


def _countries(bench: Bench, areas: pl.DataFrame) -> pl.DataFrame:
    seen = {row[0] for row in bench.rows("select distinct e from clean union select m from clean")}
    found = areas.filter(pl.col("source_code").is_in(list(seen))).sort("country_id", "source_code")
    ids = found["country_id"].unique(maintain_order=True)
    numbers = {country_id: at for at, country_id in enumerate(ids)}
    index = found.select(
        code="source_code",
        i=pl.col("country_id").replace_strict(numbers, return_dtype=pl.UInt16),
    )
    _put(bench, index, "area_index")
    return found.unique("country_id", keep="first", maintain_order=True)


def _products(bench: Bench, descriptions: pl.DataFrame) -> pl.DataFrame:
    codes = sorted(row[0] for row in bench.rows("select distinct p from clean"))
    kind = store.product_types(len(codes))["index"]
    frame = pl.DataFrame({"product_id": codes}, schema={"product_id": pl.String})
    _put(bench, frame.with_columns(i=pl.int_range(pl.len()).cast(kind)), "product_index")
    unique = descriptions.unique("product_id", keep="first")
    return frame.join(unique, on="product_id", how="left", maintain_order="left")


def _copy(bench: Bench, path: Path, products: int, *, is_summed: bool) -> None:
    kept = (
        "select c.y as year, a.i as exporter, b.i as importer, k.i as product, c.v as value_usd, "
        "c.q::float as quantity_t, c.flags from clean c join area_index a on c.e = a.code "
        "join area_index b on c.m = b.code join product_index k on c.p = k.product_id"
    )
    if is_summed:
        # a partly missing quantity must not look like a whole one
        kept = (
            "select year, exporter, importer, product, fsum(value_usd) as value_usd, "
            "(case when count(quantity_t) = count(*) then sum(quantity_t::double) end)::float as "
            f"quantity_t, flags from ({kept}) group by year, exporter, importer, product, flags"
        )
    order = "exporter, importer, product, year, flags"
    if products <= store.MOST_SHORT_INDICES:
        order = PACKED  # one number sorts faster than five
    bench.run(
        f"copy (select * from ({kept}) order by {order}) to {quoted(path)} "
        f"(format parquet, compression zstd, row_group_size {store.ROWS_PER_GROUP})"
    )


PACKED = (
    "(((exporter::bigint * 65536 + importer) * 65536 + product) * 1024 + (year - 1700)) * 16 "
    "+ flags"
)


def _has_double(bench: Bench, path: Path) -> bool:
    """Return whether two neighbours in the sorted file are the same flow."""
    key = "(exporter, importer, product, year, flags)"
    return bool(
        bench.one(
            f"select count(*) from (select {key} as k, lag({key}) over () as before "
            f"from read_parquet({quoted(path)})) where k = before"
        )
    )


def _write_rejected(bench: Bench, fresh: Path) -> None:
    files = pl.DataFrame(
        [(at, each.name, each.first) for at, each in enumerate(bench.loaded)],
        schema={"file": pl.UInt16, "name": pl.String, "first": pl.Int64},
        orient="row",
    )
    words = pl.DataFrame(
        [(int(code), text) for code, text in WORDS.items()],
        schema={"reason": pl.UInt8, "words": pl.String},
        orient="row",
    )
    _put(bench, files, "file_names")
    _put(bench, words, "reason_words")
    row = "coalesce(raw, concat_ws(',', y, e, m, p, v, q))"
    bench.run(
        f"copy (select f.name as file, s.rowid - f.first + 2 as line, w.words as reason, "
        f"{row} as row, case when isfinite(s.v) then s.v end as value_usd "
        "from staged s join file_names f using (file) join reason_words w using (reason) "
        f"order by s.rowid) to {quoted(fresh / store.REJECTED)} (format parquet, compression zstd)"
    )


def _verified(bench: Bench, path: Path) -> Written:
    file = f"read_parquet({quoted(path)})"
    flows, value, least = bench.rows(
        f"select count(*), fsum(value_usd), min(value_usd) from {file}"
    )[0]
    kept = float(bench.one(f"select coalesce(fsum(v), 0) from staged where {KEPT}"))
    allowed = TOLERANCE_USD + TOLERANCE_SHARE * abs(kept)
    if abs(value - kept) > allowed or least <= 0:
        message = (
            f"the rows kept are worth {kept!r} USD, the file holds {value!r}; nothing written"
        )
        raise VerificationFailed(message, code="V101", where=path.name)
    years = bench.rows(f"select distinct year from {file} order by 1")
    return Written(flows, float(value), tuple(row[0] for row in years))
