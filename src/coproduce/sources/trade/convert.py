"""Products from one revision of the Harmonised System to another, with what is lost on the way.

A concordance lists pairs of codes. A code with one successor keeps its value (1:1, or n:1 where
several codes merge); one with several is split by weights (1:n, or n:m where these successors
have other sources too). Split values are estimates and flagged. Without weights in the file the
successors get equal parts, which the report says. Several steps are chained.
"""

# ruff: noqa: S608  (queries are put together from our own words, numbers and checked codes)

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from coproduce.records.errors import SourceError, UsageError
from coproduce.sources.trade.comtrade import REVISIONS
from coproduce.sources.trade.staging import Bench, Reason, quoted

STEPS = re.compile(r"^\s*(\d{4})\s+to\s+(\d{4})\s*$")
KEPT = "reason is null"
SUM_TOLERANCE = 1e-6
Step = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Concordance:
    """How codes of one revision pass into another.

    Attributes:
        pairs: from_code, to_code, weight (of each from_code they add up to 1), relation (1:1,
            n:1, 1:n, n:m).
        is_equal_split: some code was split into equal parts for want of weights.
    """

    pairs: pl.DataFrame
    is_equal_split: bool


def revision_name(text: str) -> str:
    """Return the name of a revision, ``HS17`` for H5, HS17, HS2017 or 2017.

    Raises:
        UsageError: U107 if there is no such revision.
    """
    word = text.strip().upper()
    known = {*REVISIONS.values()}
    short = re.sub(r"^(?:HS)?(?:19|20)(\d\d)$", r"HS\1", word)
    name = REVISIONS.get(word, short)
    if name not in known:
        message = f"{text!r} is no revision of the Harmonised System; there are {_joined(known)}"
        raise UsageError(message, code="U107")
    return name


def _joined(names: Collection[str]) -> str:
    return ", ".join(sorted(names, key=lambda name: (name[2:] < "88", name)))


def read_concordances(paths: Sequence[Path]) -> dict[Step, pl.DataFrame]:
    """Return pairs from_code, to_code, weight (null if unknown) by step (from, to).

    Layouts: ``code.after, code.before, Relationship, adjustment`` (all steps in one file, both
    directions used), ``H5, H4, weight`` (weights, one direction), or ``from_revision,
    to_revision, from_code, to_code[, weight]``. Lost leading zeros are put back. Weights take
    the place of pairs without.

    Raises:
        SourceError: S140 if a file has none of these layouts, S141 if weights of a code do not
            add up to 1.
    """
    steps: dict[Step, pl.DataFrame] = {}
    for path in paths:
        try:
            raw = pl.read_csv(path, infer_schema=False, null_values=["", "NA"])
        except (OSError, pl.exceptions.PolarsError) as error:
            message = f"the concordance cannot be read ({str(error).splitlines()[0]})"
            raise SourceError(message, code="S140", where=path.name) from None
        for step, pairs in _steps(raw, path.name).items():
            has_weights = pairs["weight"].null_count() == 0
            if step not in steps or has_weights:
                steps[step] = _checked(pairs, path.name)
    return steps


def _steps(raw: pl.DataFrame, file: str) -> dict[Step, pl.DataFrame]:
    columns = {name.strip().lower(): name for name in raw.columns}
    if {"code.after", "code.before", "adjustment"} <= set(columns):
        return _consolidated(raw)
    if {"from_revision", "to_revision", "from_code", "to_code"} <= set(columns):
        weight = pl.col("weight") if "weight" in raw.columns else pl.lit(None, pl.String)
        grouped = raw.with_columns(weight=weight).group_by("from_revision", "to_revision")
        return {
            (revision_name(str(old)), revision_name(str(new))): _pairs(
                rows, "from_code", "to_code"
            )
            for (old, new), rows in grouped
        }
    if len(raw.columns) >= 3 and raw.columns[2].strip().lower() == "weight":
        old, new = raw.columns[:2]
        return {(revision_name(old), revision_name(new)): _pairs(raw, old, new)}
    message = (
        f"no layout of a concordance has the columns {', '.join(raw.columns)}; allowed are "
        "code.after, code.before, Relationship, adjustment; H5, H4, weight; from_revision, "
        "to_revision, from_code, to_code, weight"
    )
    raise SourceError(message, code="S140", where=file)


def _consolidated(raw: pl.DataFrame) -> dict[Step, pl.DataFrame]:
    known = set(REVISIONS.values())
    found: dict[Step, pl.DataFrame] = {}
    bare = raw.with_columns(weight=pl.lit(None, pl.String))
    for (words,), rows in bare.group_by("adjustment"):
        years = STEPS.match(str(words))
        names = [f"HS{year[2:]}" for year in years.groups()] if years else []
        if names and set(names) <= known and years and int(years[2]) >= 1992:
            old, new = names
            found[old, new] = _pairs(rows, "code.after", "code.before")
            found[new, old] = _pairs(rows, "code.before", "code.after")
    return found


def _pairs(rows: pl.DataFrame, old: str, new: str) -> pl.DataFrame:
    return rows.select(
        from_code=pl.col(old).str.strip_chars().str.zfill(6),
        to_code=pl.col(new).str.strip_chars().str.zfill(6),
        weight=pl.col("weight").cast(pl.Float64, strict=False),
    ).drop_nulls(["from_code", "to_code"])


def _checked(pairs: pl.DataFrame, file: str) -> pl.DataFrame:
    six = r"^\d{6}$"
    is_bad = ~pl.col("from_code").str.contains(six) | ~pl.col("to_code").str.contains(six)
    bad = pairs.filter(is_bad | (pl.col("weight") < 0))
    if not bad.is_empty():
        message = f"{bad.row(0)}: codes have six digits, weights are not negative"
        raise SourceError(message, code="S141", where=file)
    if pairs["weight"].null_count() == 0:
        sums = pairs.group_by("from_code").agg(pl.col("weight").sum())
        off = sums.filter((pl.col("weight") - 1).abs() > SUM_TOLERANCE).sort("from_code")
        if not off.is_empty():
            code, total = off.row(0)
            message = f"the weights of code {code} add up to {total:g}, not to 1"
            raise SourceError(message, code="S141", where=file)
        return pairs.filter(pl.col("weight") > 0)
    return pairs.unique(["from_code", "to_code"])


def between(steps: Mapping[Step, pl.DataFrame], old: str, new: str) -> Concordance:
    """Return the concordance from one revision to another over the fewest steps.

    Codes that lose a part of their successors on the way are left out whole.

    Raises:
        SourceError: S142 if the files do not lead from one to the other.
    """
    route = _route(steps, old, new)
    first = steps[route[0]]
    is_equal = False
    chained = pl.DataFrame({"from_code": first["from_code"].unique()}).with_columns(
        to_code=pl.col("from_code"), weight=pl.lit(1.0)
    )
    for step in route:
        rows = steps[step]
        if rows["weight"].null_count():
            is_equal |= bool(rows.select(pl.col("from_code").is_duplicated().any()).item())
            rows = rows.with_columns(weight=1.0 / pl.len().over("from_code"))
        joined = chained.join(
            rows.rename({"from_code": "to_code", "to_code": "next", "weight": "part"}),
            on="to_code",
            how="inner",
        )
        chained = joined.group_by("from_code", to_code=pl.col("next")).agg(
            weight=(pl.col("weight") * pl.col("part")).sum()
        )
    whole = (pl.col("weight").sum().over("from_code") - 1).abs() <= SUM_TOLERANCE
    return Concordance(_related(chained.filter(whole)).sort("from_code", "to_code"), is_equal)


def _related(pairs: pl.DataFrame) -> pl.DataFrame:
    counted = pairs.with_columns(
        targets=pl.len().over("from_code"), sources=pl.len().over("to_code")
    )
    most = pl.col("sources").max().over("from_code")
    relation = (
        pl.when(pl.col("targets") == 1)
        .then(pl.when(most == 1).then(pl.lit("1:1")).otherwise(pl.lit("n:1")))
        .otherwise(pl.when(most == 1).then(pl.lit("1:n")).otherwise(pl.lit("n:m")))
    )
    return counted.with_columns(relation=relation).drop("targets", "sources")


def _route(steps: Mapping[Step, pl.DataFrame], old: str, new: str) -> list[Step]:
    routes: list[list[Step]] = [[step] for step in steps if step[0] == old]
    seen = {old}
    while routes:
        for route in routes:
            if route[-1][1] == new:
                return route
        seen |= {route[-1][1] for route in routes}
        routes = [
            [*route, step]
            for route in routes
            for step in steps
            if step[0] == route[-1][1] and step[1] not in seen
        ]
    there = "; ".join(f"{a} to {b}" for a, b in sorted(steps)) or "none"
    message = f"no way leads from {old} to {new}; the concordances given have: {there}"
    raise SourceError(message, code="S142")


def apply(
    bench: Bench, steps: Mapping[Step, pl.DataFrame], found: Collection[str], target: str
) -> dict[str, Any]:
    """Make the table ``passage`` on the bench; return the report on losses.

    Args:
        bench: rows of six digits.
        steps: as `read_concordances`.
        found: revisions of the rows.
        target: revision wanted.

    Raises:
        SourceError: S142 if a revision cannot be reached, S143 if rows do not say theirs.
    """
    others = sorted(set(found) - {target})
    frames, equal = [], []
    for old in others:
        if old not in REVISIONS.values():
            message = f"rows say no revision ({old or 'empty'}); they cannot be converted"
            raise SourceError(message, code="S143")
        made = between(steps, old, target)
        frames.append(made.pairs.with_columns(rev=pl.lit(old)))
        equal += [old] if made.is_equal_split else []
    empty = {"from_code": pl.String, "to_code": pl.String, "weight": pl.Float64}
    all_pairs = pl.concat(frames) if frames else pl.DataFrame(
        schema=empty | {"relation": pl.String, "rev": pl.String}
    )  # fmt: skip
    path = bench.work / "passage.parquet"
    all_pairs.write_parquet(path)
    bench.run(f"create table passage as from read_parquet({quoted(path)})")
    bench.mark(
        Reason.NO_SUCCESSOR,
        f"rev <> '{target}' and rowid not in (select s.rowid from staged s semi join passage c "
        "on s.rev = c.rev and s.p = c.from_code)",
    )
    return {
        "to": target,
        "from": others,
        "equal_split": equal,
        "relations": _shares(bench, target),
    }


def _shares(bench: Bench, target: str) -> list[dict[str, Any]]:
    relation = "(select distinct rev, from_code, relation from passage)"
    rows = bench.rows(
        f"select coalesce(c.relation, 'same revision') as r, count(*), fsum(s.v) from staged s "
        f"left join {relation} c on s.rev = c.rev and s.p = c.from_code and s.rev <> '{target}' "
        f"where s.{KEPT} group by r order by r"
    )
    lost = bench.rows(
        f"select count(*), coalesce(fsum(v), 0) from staged where reason = "
        f"{int(Reason.NO_SUCCESSOR)}"
    )[0]
    listed = [*rows, ("no successor", *lost)]
    total = sum(row[2] for row in listed) or 1.0
    return [
        {"relation": name, "rows": count, "value_usd": value, "value_share": value / total}
        for name, count, value in listed
    ]
