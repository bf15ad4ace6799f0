"""The report on what became of the rows: it adds up, or it is not written."""

# ruff: noqa: S608  (queries are put together from our own words, numbers and checked codes)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coproduce.records.errors import VerificationFailed
from coproduce.sources.trade import reference
from coproduce.sources.trade.finish import TOLERANCE_SHARE, TOLERANCE_USD, Written
from coproduce.sources.trade.staging import WORDS, Bench, Reason
from coproduce.sources.trade.store import Flag

KEPT = "reason is null"


def report(
    bench: Bench,
    written: Written,
    adjustments: Mapping[str, float],
    extra: Mapping[str, Any],
    notes: Sequence[str],
) -> dict[str, Any]:
    """Return the quality report as a tree of JSON.

    Args:
        bench: judged rows.
        written: what stands in the file of flows.
        adjustments: value taken off the rows kept, USD, by what took it off.
        extra: reports on conversion and mirror data.
        notes: sentences.

    Raises:
        VerificationFailed: V102 if rows or value do not add up.
    """
    rejected = _rejected(bench)
    rows_in = sum(each.rows for each in bench.loaded)
    value_in = sum(each.value_usd for each in bench.loaded)
    kept = int(bench.one(f"select count(*) from staged where {KEPT}"))
    lost = sum(each["rows"] for each in rejected)
    value_lost = sum(each["value_usd"] for each in rejected)
    rest = value_in - written.value_usd - value_lost - sum(adjustments.values())
    if rows_in != kept + lost or abs(rest) > TOLERANCE_USD + TOLERANCE_SHARE * abs(value_in):
        message = (
            f"{rows_in} rows of {value_in!r} USD are not {kept} kept and {lost} rejected "
            f"({rest!r} USD unaccounted for); nothing was written"
        )
        raise VerificationFailed(message, code="V102")
    return {
        "rows_in": rows_in,
        "rows_kept": kept,
        "rows_rejected": lost,
        "flows_written": written.flows,
        "value_in_usd": value_in,
        "value_kept_usd": written.value_usd,
        "value_rejected_usd": value_lost,
        "adjustments_usd": dict(adjustments),
        "rejected": rejected,
        "files": _files(bench),
        **_shares(bench, written.value_usd, extra),
        "re_export_hubs": _hubs(bench),
        "codes_padded": bench.one(f"select count(*) from staged where {KEPT} and padded"),
        "quantities_missing": bench.one(f"select count(*) from staged where {KEPT} and q is null"),
        **extra,
        "notes": list(notes),
    }


def _rejected(bench: Bench) -> list[dict[str, Any]]:
    rows = bench.rows(
        "select reason, count(*), coalesce(fsum(v) filter (isfinite(v)), 0), min(rowid) "
        "from staged where reason is not null group by reason order by 2 desc, 1"
    )
    return [
        {
            "reason": WORDS[Reason(code)],
            "rows": count,
            "value_usd": value,
            "first": bench.place(first),
        }
        for code, count, value, first in rows
    ]


def _files(bench: Bench) -> list[dict[str, Any]]:
    kept = dict(bench.rows(f"select file, count(*) from staged where {KEPT} group by file"))
    return [
        {
            "name": each.name,
            "rows_in": each.rows,
            "rows_kept": kept.get(at, 0),
            "value_in_usd": each.value_usd,
        }
        for at, each in enumerate(bench.loaded)
    ]


def _shares(bench: Bench, total: float, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return shares of the value kept; null where the source does not say."""
    one_sided, mirrored = bench.rows(
        f"select coalesce(fsum(v) filter (flags & {int(Flag.ONE_SIDED)} > 0), 0), "
        f"coalesce(fsum(v) filter (flags & {int(Flag.MIRROR)} > 0), 0) from staged where {KEPT}"
    )[0]
    says_side = bench.one(f"select count(*) from staged where {KEPT} and side > 0")
    relations = extra.get("conversion", {}).get("relations", [])
    split = {each["relation"]: each["value_usd"] / total for each in relations}
    return {
        "one_sided_share": one_sided / total if says_side else None,
        "mirror_share": mirrored / total,
        "n_m_converted_share": split.get("n:m", 0.0),
        "one_n_converted_share": split.get("1:n", 0.0),
    }


def _hubs(bench: Bench) -> list[dict[str, Any]]:
    """Return entrepots among the exporters, with their share of all exports in the folder."""
    entrepots = reference.hubs().filter(kind="entrepot")
    found = []
    for country_id in entrepots["country_id"].sort():
        codes = reference.areas().filter(country_id=country_id)["source_code"]
        listed = ", ".join(str(code) for code in codes)
        share = bench.one(
            f"select fsum(v) filter (e in ({listed})) / fsum(v) from staged where {KEPT}"
        )
        if share:
            found.append({"country_id": country_id, "share_of_exports": share})
    return found


def as_text(tree: Mapping[str, Any], title: str) -> str:
    """Return the report to read, in Markdown."""
    lines = [
        f"# {title}",
        "",
        f"- Rows: {tree['rows_in']:,} in = {tree['rows_kept']:,} kept + "
        f"{tree['rows_rejected']:,} rejected; {tree['flows_written']:,} flows written.",
        f"- Value, USD: {tree['value_in_usd']:,.0f} in = {tree['value_kept_usd']:,.0f} kept + "
        f"{tree['value_rejected_usd']:,.0f} rejected{_adjusted(tree)}.",
        f"- Share of the value reported by one side only: {_share(tree['one_sided_share'])}.",
        f"- Share of the value from mirror data: {_share(tree['mirror_share'])}.",
        f"- Share of the value through an n:m conversion: {_share(tree['n_m_converted_share'])}; "
        f"through a 1:n conversion: {_share(tree['one_n_converted_share'])}.",
        f"- HS codes that had lost a leading zero: {tree['codes_padded']:,}; rows without a "
        f"quantity: {tree['quantities_missing']:,}.",
    ]
    if tree["rejected"]:
        lines += ["", "| Rejected because | Rows | Value, USD | First |", "|---|---:|---:|---|"]
        lines += [
            f"| {each['reason']} | {each['rows']:,} | {each['value_usd']:,.0f} | {each['first']} |"
            for each in tree["rejected"]
        ]
    if tree["re_export_hubs"]:
        lines += ["", "| Re-export hub among the exporters | Share of exports |", "|---|---:|"]
        lines += [
            f"| {each['country_id']} | {_share(each['share_of_exports'])} |"
            for each in tree["re_export_hubs"]
        ]
    lines += _conversion(tree) + _mirrors(tree)
    lines += ["", *(f"- {note}" for note in tree["notes"])] if tree["notes"] else []
    return "\n".join(lines) + "\n"


def _adjusted(tree: Mapping[str, Any]) -> str:
    return "".join(f" + {value:,.0f} {name}" for name, value in tree["adjustments_usd"].items())


def _share(share: float | None) -> str:
    return "not told by the source" if share is None else f"{100 * share:.2f} %"


def _conversion(tree: Mapping[str, Any]) -> list[str]:
    told = tree.get("conversion")
    if not told:
        return []
    head = f"| Conversion {', '.join(told['from'])} → {told['to']} | Rows | Value, USD | Share |"
    rows = [
        f"| {each['relation']} | {each['rows']:,} | {each['value_usd']:,.0f} | "
        f"{_share(each['value_share'])} |"
        for each in told["relations"]
    ]
    equal = [f"- Split into equal parts for want of weights: {', '.join(told['equal_split'])}."]
    return [
        "",
        head,
        "|---|---:|---:|---:|",
        *rows,
        *(["", *equal] if told["equal_split"] else []),
    ]


def _mirrors(tree: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for each in tree.get("mirror", []):
        head = f"| Mirror data of {each['country_id']} | Rows | Value, USD | Partners | Own rows |"
        lines += ["", head, "|---|---:|---:|---:|---:|"]
        lines += [
            f"| {year['year']} | {year['rows']:,} | {year['value_usd']:,.0f} | "
            f"{year['partners']} | {year['own_rows']:,} |"
            for year in each["years"]
        ]
        silent = ", ".join(each["partners_without_report"]) or "none"
        lines += ["", f"- Partners that report nothing either: {silent}."]
        lines += [
            f"- Hub {hub['country_id']} ({hub['kind']}): "
            + ", ".join(f"{year} {_share(part)}" for year, part in hub["share_of_imports"].items())
            + " of its imports."
            for hub in each["hubs"]
        ]
    return lines
