"""Section: the law that the plan took, leaf by leaf, with its dates, status and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from markupsafe import Markup

from coproduce.report.context import Context
from coproduce.report.lawwords import LawWords
from coproduce.report.view import Table, spoken

GLYPHS = {
    "enacted": "●",
    "adopted_not_in_force": "◔",
    "proposed": "△",
    "expected": "△",
    "assumed": "○",
    "seen": "●",
    "inferred": "◐",
    "conflict": "≠",
}
"""Status or evidence of a rule → its glyph; shapes differ, and the word always stands beside."""

DOUBTFUL = ("conflict", "assumed", "adopted_not_in_force", "proposed", "expected", "inferred")
"""What a reader must see first, the most doubtful first."""


def build(ctx: Context) -> tuple[tuple[str, ...], Table | None]:
    """Return sentences that count the doubtful rules, and the table of all rules used."""
    rules = sorted(ctx.run.rule_values, key=_order)
    if not rules:
        return (), None
    marks = [mark for rule in rules for mark in dict.fromkeys(_marks(rule))]
    counts = [
        f"{GLYPHS[mark]} {ctx.texts(f'status.{mark}')}: {marks.count(mark)}"
        for mark in DOUBTFUL
        if mark in marks
    ]
    says = [ctx.texts("law.used", n=ctx.texts.n("n.rules", len(rules)))]
    if counts:
        says.append(ctx.texts("law.doubtful", counts="; ".join(counts)))
    return tuple(says), _table(ctx, rules)


def _order(rule: Mapping[str, Any]) -> tuple[int, str]:
    """Doubtful rules come first, each kind by the name of its leaf."""
    places = [DOUBTFUL.index(mark) for mark in _marks(rule) if mark in DOUBTFUL]
    return (min(places, default=len(DOUBTFUL)), str(rule["rule_id"]))


def _marks(rule: Mapping[str, Any]) -> tuple[str, ...]:
    return str(rule.get("status") or ""), str(rule.get("evidence") or "")


def _table(ctx: Context, rules: Sequence[Mapping[str, Any]]) -> Table:
    words = LawWords(ctx)
    has_evidence = any(rule.get("evidence") for rule in rules)
    texts = ctx.texts
    frame = pl.DataFrame({"leaf_id": [rule["leaf_id"] for rule in rules]})
    names = ["leaf_id", "law_value", "effect_from", "published", "law_status"]
    names += ["law_evidence"] if has_evidence else []
    names += ["reference", "checked"]
    shown = ctx.table(
        "law",
        frame.with_columns(pl.lit("").alias(name) for name in names[1:]),
        [ctx.column(name) for name in names],
        export="figures",
        most=len(rules),
        is_open=False,
    )
    rows = tuple(
        tuple(
            cell
            for name, cell in (
                ("leaf_id", _labelled(ctx, words, rule)),
                ("law_value", words.value(rule)),
                ("effect_from", _day(rule.get("effect_from"), texts("law.open"))),
                ("published", _day(rule.get("known"), texts("law.unknown"))),
                ("law_status", _marked(ctx, str(rule.get("status") or ""))),
                ("law_evidence", _marked(ctx, str(rule.get("evidence") or ""))),
                ("reference", _references(ctx, rule)),
                ("checked", _day(rule.get("checked"), "")),
            )
            if name in names
        )
        for rule in rules
    )
    return Table(shown.table_id, shown.title, shown.columns, rows)


def _day(day: str | None, otherwise: str) -> Markup:
    """Return a day that does not part at the end of a line."""
    return (
        Markup('<span class="fig">{}</span>').format(day)
        if day
        else Markup("{}").format(otherwise)
    )


def _labelled(ctx: Context, words: LawWords, rule: Mapping[str, Any]) -> Markup:
    note = str(rule.get("note") or "")
    tail = Markup('<br><span class="quiet" lang="en">{}</span>').format(note) if note else ""
    return Markup('{}<br><code lang="en">{}</code>{}').format(
        words.label(rule), rule["rule_id"], tail
    )


def _marked(ctx: Context, mark: str) -> Markup:
    """Return a status or a kind of evidence as glyph and word."""
    if not mark:
        return Markup("")
    word = ctx.texts(f"status.{mark}") if ctx.texts.has(f"status.{mark}") else mark
    tone = "st-assumed" if mark in DOUBTFUL else ""
    return Markup('<span class="law-mark {}"><span aria-hidden="true">{}</span> {}</span>').format(
        tone, GLYPHS.get(mark, "?"), word
    )


def _references(ctx: Context, rule: Mapping[str, Any]) -> Markup:
    said = []
    for reference in rule.get("references", ()):
        href, title = reference.get("href") or "", reference.get("title") or ""
        if href.startswith(("https://", "http://")):
            said.append(
                Markup('<a href="{}" rel="noreferrer">{}</a>').format(href, spoken(title or href))
            )
        else:
            method = reference.get("method") or ""
            said.append(spoken(f"{title}: {method}" if title and method else title or method))
    return Markup("<br>").join(said)


__all__ = ["build"]
