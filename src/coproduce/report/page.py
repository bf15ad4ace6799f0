"""The page: sections in the order of the chain, put into one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from markupsafe import Markup

from coproduce.report import answers, mapdata
from coproduce.report.context import Context
from coproduce.report.draw import to_svg
from coproduce.report.first import first_screen
from coproduce.report.hangs import Hanger
from coproduce.report.lawwords import LawWords
from coproduce.report.look import css_tokens
from coproduce.report.mapping import stage_glyph
from coproduce.report.sections import (
    appraisal,
    dependence,
    forum,
    law,
    network,
    partners,
    projects,
    resilience,
)
from coproduce.report.trace import Ledger, Trace
from coproduce.report.view import Chart, Section, glyph, marked, spoken

_SECTIONS = (
    dependence.build,
    partners.build,
    network.build,
    appraisal.build,
    resilience.build,
    forum.build,
    projects.build,
)
MOST_REASONS = 6
MOST_PARTS = 6
MOST_REFS = 3
MOST_ORIGINS = 5


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page and the specs of its charts by name."""

    html: str
    charts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """A figure in the appendix."""

    number: int
    anchor: str
    figure_id: str
    label: str
    value: str
    glyph: Markup
    lines: tuple[tuple[str, Markup], ...]


def build_page(
    ctx: Context, hangers: Sequence[Hanger], ledger: Ledger, *, other_page: str = ""
) -> Page:
    """Return the report of a run in the context's language.

    Args:
        ctx: run and words; the summary's figures are in its register.
        hangers: uncertain facts, the one that matters most first.
        ledger: figures, rules and tables, for the appendix.
        other_page: file name of the same page in the other language.
    """
    hangs_on = answers.hanger_name(ctx, hangers[0]) if hangers else ""
    first = first_screen(ctx, hangs_on)
    world = mapdata.build(ctx)
    sections = [_drawn(ctx, build(ctx)) for build in _SECTIONS]
    closing = [
        replace(answer, charts=_draw(ctx, answer.charts)) for answer in answers.build(ctx, hangers)
    ]
    charts = [chart for section in sections for chart in section.charts]
    charts += [chart for answer in closing for chart in answer.charts]
    methods = _methods(ctx)
    law_says, law_table = law.build(ctx)
    html = (
        _environment(ctx)
        .get_template("report.html.j2")
        .render(
            ctx=ctx,
            t=ctx.texts,
            lang=ctx.texts.lang,
            settings=ctx.programme.settings,
            title=_in(ctx, ctx.programme.settings.title),
            about=_in(ctx, ctx.programme.settings.summary),
            first=first,
            world=world,
            stage_marks=_stage_marks(ctx),
            sections=sections,
            answers=closing,
            rule_notes=[ctx.say(note) for note in ctx.run.rule_notes],
            law_says=law_says,
            law_table=law_table,
            methods=methods,
            legend=_legend(ctx),
            traces=_traces(ctx, ledger),
            other_page=other_page,
            foot=_foot(ctx),
            most_reasons=MOST_REASONS,
            css=_styles(),
            js=Markup(_asset("report.js")),  # noqa: S704  (our own file)
        )
    )
    return Page(html, {chart.chart_id: chart.spec for chart in charts if chart.spec})


def _environment(ctx: Context) -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("coproduce.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["left_out"] = lambda table: ctx.texts(
        "left_out_rows", rows=ctx.texts.n("n.rows", table.left_out), sheet=table.export
    )
    found.filters["marked"] = lambda text: marked(text, ctx.texts.lang)
    return found


def _asset(name: str) -> str:
    return resources.files("coproduce.report").joinpath("templates", name).read_text("utf-8")


def _styles() -> Markup:
    """Return the style sheet with the tokens of both modes put in."""
    css = _asset("report.css")
    light, dark = css_tokens(0), css_tokens(1)
    css = css.replace("/*LIGHT*/", light).replace("/*DARK*/", dark)
    return Markup(css)  # noqa: S704  (our own file and tokens)


def _in(ctx: Context, words: Mapping[str, str]) -> str:
    return words.get(ctx.texts.lang) or words.get("en") or ""


def _draw(ctx: Context, charts: Sequence[Chart]) -> tuple[Chart, ...]:
    return tuple(
        replace(
            chart,
            svg=to_svg(chart.spec, ctx.texts.lang, chart.chart_id, chart.title, chart.text),
        )
        for chart in charts
    )


def _drawn(ctx: Context, section: Section) -> Section:
    return replace(section, charts=_draw(ctx, section.charts))


def _legend(ctx: Context) -> list[tuple[Markup, str]]:
    shown = ("reported", "estimated", "assumed", "synthetic")
    keys = ("observed", "estimated", "assumed", "synthetic")
    return [
        (glyph(status, ctx.texts), ctx.texts(f"legend.{key}"))
        for status, key in zip(shown, keys, strict=True)
    ]


def _stage_marks(ctx: Context) -> list[tuple[Markup, str]]:
    return [
        (
            Markup(  # noqa: S704  (shapes of our own)
                '<svg class="mark" viewBox="-7 -7 14 14" aria-hidden="true">'
                f'<g class="site host_site">{stage_glyph(number)}</g></svg>'
            ),
            ctx.names.stage(stage),
        )
        for number, stage in enumerate(ctx.programme.settings.stage_ids)
    ]


def _methods(ctx: Context) -> dict[str, Any]:
    proof = ctx.run.network.proof
    texts = ctx.texts
    return {
        "lines": [
            texts("methods.chain"),
            texts(
                "methods.proof",
                gap=texts.percent(proof.gap_share),
                bound=f"{texts.money(proof.bound)} {texts.prices()}",
                engine=proof.engine,
                seed=proof.seed,
                seconds=texts.number(proof.seconds),
            ),
            texts("methods.status"),
            texts("foot.boundaries"),
        ],
        "warnings": [str(issue) for issue in ctx.programme.warnings],
        "seconds": [
            (texts(f"label.{room}") if texts.has(f"label.{room}") else room, texts.number(value))
            for room, value in ctx.run.seconds.items()
        ],
    }


def _foot(ctx: Context) -> str:
    return ctx.texts(
        "foot.made",
        version=ctx.run.manifest.get("coproduce", ""),
        hash=str(ctx.programme.content_hash)[:12] or "-",
        instant=ctx.programme.settings.rule_instant.isoformat(),
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _traces(ctx: Context, ledger: Ledger) -> list[TraceEntry]:
    """Return the appendix: one entry for each figure that the page has shown, by number."""
    numbered = sorted(ctx.register.numbers.items(), key=lambda pair: pair[1])
    return [_entry(ctx, ledger.trace(figure_id), number) for figure_id, number in numbered]


def _entry(ctx: Context, trace: Trace, number: int) -> TraceEntry:
    texts, register = ctx.texts, ctx.register
    figure = register.figures[trace.figure["figure_id"]]
    lines = [
        ("method", _english(figure.method)),
        ("range", Markup("{}").format(texts.interval(figure.low, figure.high, figure.unit))),
        ("note", _english(figure.note)),
        ("parts", _parts(ctx, trace)),
        ("rows", _refs(ctx, [row.ref for row in _all_rows(trace)])),
        ("rules", _rules(ctx, trace)),
        ("origins", _origins(ctx, trace)),
    ]
    return TraceEntry(
        number=number,
        anchor=register.anchor(figure.figure_id),
        figure_id=figure.figure_id,
        label=register.label(figure.figure_id),
        value=texts.quantity(figure.value, figure.unit),
        glyph=glyph(figure.status, texts),
        lines=tuple((texts(f"trace.{name}"), text) for name, text in lines if text),
    )


def _english(text: str) -> Markup:
    """Return a text that rooms write in English alone, marked as such for the ear."""
    return Markup('<span lang="en">{}</span>').format(text) if text else Markup("")


def _all_rows(trace: Trace) -> list[Any]:
    found = {row.ref: row for row in trace.rows}
    for part in trace.parts:
        for row in _all_rows(part):
            found.setdefault(row.ref, row)
    return list(found.values())


_SEMICOLON, _LINE = Markup("; "), Markup("<br>")


def _listed(
    ctx: Context, items: Sequence[Markup], most: int, separator: Markup = _SEMICOLON
) -> Markup:
    shown = separator.join(items[:most])
    if len(items) > most:
        shown += Markup(" {}").format(ctx.texts("trace.more", n=len(items) - most))
    return shown


def _parts(ctx: Context, trace: Trace) -> Markup:
    items = []
    for part in trace.parts:
        name = part.figure["figure_id"]
        label = ctx.register.label(name)
        if name in ctx.register.numbers:
            items.append(Markup('<a href="#{}">{}</a>').format(ctx.register.anchor(name), label))
        else:
            items.append(Markup("{}").format(label))
    return _listed(ctx, items, MOST_PARTS)


def _refs(ctx: Context, refs: Sequence[str]) -> Markup:
    by_table: dict[str, list[str]] = {}
    for ref in refs:
        table, _, key = ref.partition(":")
        by_table.setdefault(table, []).append(key)
    said = []
    for table, keys in by_table.items():
        more = len(keys) - MOST_REFS
        tail = f" {ctx.texts('trace.more', n=more)}" if more > 0 else ""
        said.append(
            Markup('<code lang="en">{}</code> ({}): <code lang="en">{}</code>{}').format(
                table, len(keys), ", ".join(keys[:MOST_REFS]), tail
            )
        )
    return _LINE.join(said)


def _rules(ctx: Context, trace: Trace) -> Markup:
    words = LawWords(ctx)
    said = []
    for rule in trace.rules:
        references = [
            _link(reference.get("title"), reference.get("href"))
            for reference in rule.get("references", ())
        ]
        status = str(rule.get("status") or "")
        word = ctx.texts(f"status.{status}") if ctx.texts.has(f"status.{status}") else status
        said.append(
            Markup('<code lang="en">{}</code> {}: {} ({}). {}').format(
                rule["rule_id"],
                words.label(rule),
                words.value(rule),
                word,
                Markup("; ").join(references),
            )
        )
    return _listed(ctx, said, MOST_ORIGINS, _LINE)


def _origins(ctx: Context, trace: Trace) -> Markup:
    said = []
    for origin in trace.all_origins():
        dated = origin.get("published") or origin.get("accessed") or ""
        said.append(
            Markup('{} <span class="quiet">{} {}</span>').format(
                _link(origin["title"], origin.get("url")), spoken(origin.get("publisher")), dated
            )
        )
    return _listed(ctx, said, MOST_ORIGINS, _LINE)


def _link(title: str | None, href: str | None) -> Markup:
    if href and href.startswith(("https://", "http://")):
        return Markup('<a href="{}" rel="noreferrer">{}</a>').format(href, spoken(title or href))
    return spoken(title)
