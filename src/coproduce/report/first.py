"""The first screen: one sentence that answers, how sure it is, and five cards."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from markupsafe import Markup

from coproduce.records.words import lower_first
from coproduce.report.context import Context
from coproduce.report.proven import forms_for_both, untold
from coproduce.report.sections.dependence import exposures

LEAST_MOVE_SHARE = 0.005
"""A product's exposure that moves by less than half a point has not moved."""


@dataclass(frozen=True, slots=True)
class Card:
    """One of the five cards: what it is, and its lines of figures."""

    title: str
    lines: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class FirstScreen:
    """What a minister reads in a minute."""

    sentence: Markup
    leaning: Markup
    proof: Markup
    cards: tuple[Card, ...]


def first_screen(ctx: Context, hangs_on: str) -> FirstScreen:
    """Return the sentence, the cards and the proof line.

    Args:
        ctx: run and words; `add_figures` has been called.
        hangs_on: name of the fact that the answer hangs on most; empty if none is uncertain.
    """
    show = ctx.register.show
    return FirstScreen(
        sentence=_sentence(ctx, hangs_on),
        leaning=_leaning(ctx),
        proof=ctx.texts.html(
            "proof_line",
            gap=show("summary.gap"),
            value=show("summary.value"),
            engine=ctx.run.network.proof.engine,
            prices=ctx.texts.prices(),
            instant=ctx.programme.settings.rule_instant.isoformat(),
        ),
        cards=_cards(ctx),
    )


def _sentence(ctx: Context, hangs_on: str) -> Markup:
    show = ctx.register.show
    openings = ctx.plan("openings")
    if openings.is_empty():
        return ctx.texts.html("answer_nothing", value=show("summary.value"))
    gain = _gain(ctx)
    tail = ctx.texts.html("hangs_most", what=hangs_on) if hangs_on else Markup("")
    return ctx.texts.html(
        "answer",
        what=_made(ctx),
        sites=ctx.texts.n("n.at_sites", openings["site_id"].n_unique()),
        year=int(openings["first_output_year"].to_numpy().min()),
        moves=_moves(ctx),
        gain=gain,
        tail=tail,
    )


def _gain(ctx: Context) -> Markup:
    """Say who gains, and whether one payment would leave both sides better off."""
    parties = ctx.run.appraisal.parties
    gaining = parties.filter(pl.col("gain_mn") > 0)["party_id"].to_list()
    unsure = untold(ctx)
    sums = (
        Markup(" {} ")
        .format(ctx.texts("and"))
        .join(
            Markup("{} {}").format(_within(ctx, party), ctx.register.show(f"summary.gain.{party}"))
            for party in parties["party_id"]
        )
    )
    payment = ctx.register.value("appraisal.fair_payment")
    other = best_mutual_deal(ctx)
    key = "gain_some" if gaining else "gain_none"
    if unsure:
        key = "gain_untold"
    elif len(gaining) == parties.height:
        key = "gain_all"
    elif other:
        key = "gain_other_deal"
    elif gaining and payment:
        key = "gain_zone"
    return ctx.texts.html(
        key,
        sums=sums,
        who=f" {ctx.texts('and')} ".join(_within(ctx, party) for party in unsure or gaining),
        gaps=ctx.register.show("summary.gaps") if unsure else "",
        payment=ctx.register.show("summary.fair_payment") if key == "gain_zone" else "",
        deal=ctx.names.of("deal", ctx.programme.settings.deal_id),
        other=ctx.names.of("deal", other),
    )


def _forms(ctx: Context) -> tuple[Markup, ...]:
    """Say under how many forms of deal both sides gain."""
    counted = forms_for_both(ctx)
    if counted is None:
        return ()
    return (ctx.texts.html("card_forms", n=counted[0], all=counted[1]),)


def _within(ctx: Context, party: str) -> str:
    """Return a party's name as it stands within a sentence: English keeps its capital."""
    name = ctx.names.of("party", party)
    return lower_first(name) if ctx.texts.lang == "ru" else name


def best_mutual_deal(ctx: Context) -> str | None:
    """Return the form of deal under which the same plan leaves the worse-off side best off.

    None if there is no form that leaves every side better off as written.
    """
    deals = getattr(ctx.run.appraisal, "deals", None)
    if not isinstance(deals, pl.DataFrame) or deals.is_empty():
        return None
    mutual = (
        deals.filter(pl.col("is_mutual"))
        .group_by("deal_id", maintain_order=True)
        .agg(pl.col("gain_mn").min())
        .sort("gain_mn", descending=True, maintain_order=True)
    )
    return str(mutual["deal_id"][0]) if mutual.height else None


def _moves(ctx: Context) -> Markup:
    """Say plainly how import exposure and expected shortage move, small moves as small."""
    exposure, shortage = (
        ctx.texts.html(
            f"{name}.{_way(ctx, name)}",
            before=ctx.register.show(f"summary.{figure}.before"),
            after=ctx.register.show(f"summary.{figure}.after"),
        )
        for name, figure in (("moves", "exposure"), ("shortage", "expected_shortage"))
    )
    return ctx.texts.html("moves", exposure=exposure, products=_products(ctx), shortage=shortage)


def _way(ctx: Context, name: str) -> str:
    """Return which way a share moves: ``not``, ``down``, ``down_slightly``, ``up`` …

    Exposure is of the order of one: less than a point is no change, less than three are slight.
    Shortage is small: less than a hundredth of itself is no change, less than a tenth is slight.
    """
    figure = "exposure" if name == "moves" else "expected_shortage"
    before = ctx.register.value(f"summary.{figure}.before") or 0.0
    after = ctx.register.value(f"summary.{figure}.after") or 0.0
    none, slight = (0.01, 0.03) if name == "moves" else (0.01 * before, 0.1 * before)
    change = round(after - before, 6)
    if abs(change) < none or change == 0:
        return "not"
    way = "down" if change < 0 else "up"
    return f"{way}_slightly" if abs(change) < slight else way


def _products(ctx: Context) -> Markup:
    """Say for how many products exposure moves where the mean hides that more of them rise."""
    both = exposures(ctx)
    moved = (both["after"] - both["before"]).to_numpy()
    risen = int((moved > LEAST_MOVE_SHARE).sum())
    fallen = int((moved < -LEAST_MOVE_SHARE).sum())
    if risen <= fallen or _way(ctx, "moves").startswith("up"):
        return Markup("")
    return ctx.texts.html("moves.products", risen=risen, fallen=fallen, all=both.height)


def _made(ctx: Context) -> str:
    """Say how many products are made at each stage: ``9 substances and 14 finished forms``."""
    by_stage = dict(
        ctx.plan("production")
        .group_by("stage_id")
        .agg(pl.col("product_id").n_unique())
        .iter_rows()
    )
    said = []
    for stage in ctx.programme.settings.stage_ids:
        if by_stage.get(stage):
            key = f"n.stage.{stage}"
            count = by_stage[stage]
            said.append(
                ctx.texts.n(key, count)
                if ctx.texts.has(key)
                else f"{ctx.texts.n('n.products', count)} ({ctx.names.stage(stage)})"
            )
    if len(said) < 2:
        return "".join(said)
    return f"{', '.join(said[:-1])} {ctx.texts('and')} {said[-1]}"


def _leaning(ctx: Context) -> Markup:
    share = ctx.register.value("summary.assumed_share") or 0.0
    if share <= 0:
        return Markup("")
    return ctx.texts.html("leaning", share=ctx.register.show("summary.assumed_share"))


def _cards(ctx: Context) -> tuple[Card, ...]:
    show, texts = ctx.register.show, ctx.texts
    parties = ctx.run.appraisal.parties["party_id"].to_list()
    change = texts.html("arrow")
    worth = tuple(
        texts.html(
            "card_party",
            party=ctx.names.of("party", party),
            gain=show(f"summary.gain.{party}"),
            npv=show(f"summary.npv.{party}"),
            best=show(f"summary.best_alternative.{party}"),
        )
        for party in parties
    )

    def pair(name: str) -> Markup:
        return Markup('<span class="big">{}{}{}</span>').format(
            show(f"summary.{name}.before"), change, show(f"summary.{name}.after")
        )

    capex = Markup('<span class="big">{}</span>').format(show("summary.capex"))
    gap = Markup('<span class="big">{}</span>').format(show("summary.gap"))
    return (
        Card(
            texts("card.value"),
            (
                *worth,
                *_forms(ctx),
                Markup('<span class="quiet">{}</span>').format(texts.prices()),
            ),
        ),
        Card(
            texts("card.sufficiency"),
            (
                pair("self_sufficiency"),
                *(
                    texts.html(
                        f"card_{depth}",
                        before=show(f"summary.self_sufficiency_{depth}.before"),
                        after=show(f"summary.self_sufficiency_{depth}.after"),
                    )
                    for depth in ("soft", "whole")
                ),
            ),
        ),
        Card(
            texts("card.shortage"),
            (pair("expected_shortage"), Markup("{}").format(texts("card_shortage"))),
        ),
        Card(
            texts("card.investment"),
            (
                capex,
                Markup("{}").format(
                    texts.n("n.at_sites", ctx.plan("openings")["site_id"].n_unique())
                ),
                Markup('<span class="quiet">{}</span>').format(texts.prices()),
            ),
        ),
        Card(
            texts("card.gap"),
            (
                gap,
                texts.html("card_value", value=show("summary.value")),
                texts.html(
                    "card_beyond", share=show("summary.beyond_horizon"), year=ctx.years[-1]
                ),
            ),
        ),
    )
