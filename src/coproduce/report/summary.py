"""The summary's own figures: what the first screen prints, each with what it is made of."""

from __future__ import annotations

from typing import Any

import polars as pl

from coproduce.records.figures import Figure, row_ref, weakest
from coproduce.records.words import Words, lower_first
from coproduce.report.context import Context
from coproduce.report.look import UNSURE
from coproduce.report.proven import beyond_horizon_share, gaps_mn
from coproduce.report.sections.dependence import exposures

MOST_ROWS_NAMED = 400


def add_figures(ctx: Context) -> None:
    """Add the summary's own figures to the register; each names what it is made of."""
    for make in _MAKERS:
        for figure in make(ctx):
            ctx.register.add(figure)


def _figure(
    name: str, value: float | None, unit: str, words: Words, method: str, **more: object
) -> Figure:
    return Figure(
        figure_id=f"summary.{name}",
        value=value,
        unit=unit,
        label_en=words.en,
        label_ru=words.ru,
        method=method,
        **{"status": "observed", **more},  # type: ignore[arg-type]
    )


def _words(ctx: Context, key: str, **values: str) -> Words:
    """Return a catalogue text in both languages, so that figures can be traced in either."""
    from coproduce.report.texts import Texts

    both = [Texts(lang)(key, **values) for lang in ("en", "ru")]
    return Words(*both)


def money_unit(ctx: Context) -> str:
    """Return the unit of base-currency millions, price base named."""
    settings = ctx.programme.settings
    return f"{settings.currency} mn, {settings.price_base}"


def _plan_figures(ctx: Context) -> list[Figure]:
    openings = ctx.plan("openings")
    proof = ctx.run.network.proof
    statuses, rows = _module_facts(ctx, openings)
    cash_status = weakest(ctx.plan("cash")["status"].unique().to_list())
    own = {
        what: (f"network.{what}",) if f"network.{what}" in ctx.register.figures else ()
        for what in ("npv", "sites", "gap")
    }
    return [
        _figure(
            "sites",
            float(openings["site_id"].n_unique()),
            "count",
            _words(ctx, "fig.sites"),
            "number of sites with a module ordered in plan_openings",
            status=cash_status,
            parts=own["sites"],
        ),
        _figure(
            "capex",
            float(openings["capex_mn"].sum()),
            money_unit(ctx),
            _words(ctx, "fig.capex"),
            "sum of capex_mn in plan_openings, undiscounted",
            status=weakest(statuses),
            rows=rows,
        ),
        _figure(
            "value",
            proof.objective,
            money_unit(ctx),
            _words(ctx, "fig.value"),
            "sum of plan_cash, discounted to the base year",
            status=cash_status,
            parts=own["npv"],
        ),
        _figure(
            "gap",
            proof.gap_share,
            "share",
            _words(ctx, "fig.gap"),
            "|bound - objective| / max(1e-9, |objective|)",
            note=proof.engine,
            parts=own["gap"],
        ),
    ]


def _module_facts(ctx: Context, openings: pl.DataFrame) -> tuple[list[str], tuple[str, ...]]:
    used = ctx.programme["modules"].join(
        openings.select("technology_id", "module_id").unique(),
        on=["technology_id", "module_id"],
        how="semi",
    )
    refs = [row_ref("modules", *key) for key in used.select("technology_id", "module_id").rows()]
    hosts = ctx.programme["site_technologies"].join(
        openings.select("site_id", "technology_id").unique(),
        on=["site_id", "technology_id"],
        how="semi",
    )
    refs += [
        row_ref("site_technologies", *key)
        for key in hosts.select("site_id", "technology_id").rows()
    ]
    statuses = [*used["status"].to_list(), *hosts["status"].to_list()]
    return statuses, tuple(refs)


def _matching(ctx: Context, starts: str, *words: str) -> tuple[str, ...]:
    """Return ids of a room's figures whose name holds all of the words, shortest first."""
    found = [
        name
        for name in ctx.register.figures
        if name.startswith(starts) and all(word in name for word in words)
    ]
    return tuple(sorted(found, key=len))


def _sufficiency(ctx: Context) -> list[Figure]:
    found = []
    for when, result in (("before", ctx.run.today), ("after", ctx.run.after)):
        state = "today" if when == "before" else "after"
        for kind, value in (
            ("self_sufficiency", result.totals.full_packs_share),
            ("self_sufficiency_soft", result.totals.soft_packs_share),
            ("self_sufficiency_whole", result.totals.whole_packs_share),
        ):
            word = kind.removeprefix("self_sufficiency").strip("_") or "full"
            parts = _matching(ctx, f"{state}.dependence.{word}_packs")[:1]
            found.append(
                _figure(
                    f"{kind}.{when}",
                    value,
                    "share",
                    _words(ctx, f"fig.{kind}.{when}"),
                    f"mean of {word} shares, by number of goods, over {state}_self_sufficiency",
                    parts=parts,
                    **_facts(ctx, parts, "sources", "demand"),
                )
            )
    return found


def _facts(ctx: Context, parts: tuple[str, ...], *tables: str) -> dict[str, object]:
    """Return rows and status of whole tables, where no figure of a room names them already."""
    if parts:
        return {}
    refs: list[str] = []
    statuses: list[str] = []
    for table in tables:
        frame = ctx.programme[table]
        statuses += frame["status"].unique().to_list()
        keys = _KEYS[table]
        refs += [row_ref(table, *key) for key in frame.select(keys).rows()]
    return {"rows": tuple(refs[:MOST_ROWS_NAMED]), "status": weakest(statuses)}


_KEYS = {
    "sources": ["source_id"],
    "demand": ["product_id", "zone_id", "segment_id"],
    "disruptions": ["country_id", "stage_id"],
}


def _weights(ctx: Context) -> pl.DataFrame:
    return ctx.run.today.self_sufficiency.select("product_id", weight=pl.col("value_mn"))


def weighted(frame: pl.DataFrame, column: str) -> float:
    """Return the mean of a column weighted by ``weight``; zero for no weight."""
    total = float(frame["weight"].sum())
    return float((frame[column] * frame["weight"]).sum()) / total if total else 0.0


def _exposure(ctx: Context) -> list[Figure]:
    both = exposures(ctx).join(_weights(ctx), on="product_id")
    found = []
    for when in ("before", "after"):
        state = "today" if when == "before" else "after"
        parts = _matching(ctx, f"{state}.dependence.bottleneck.")
        found.append(
            _figure(
                f"exposure.{when}",
                weighted(both, when),
                "share",
                _words(ctx, f"fig.exposure.{when}"),
                "largest share of one outside country over the stages of each product, "
                "weighted by the value of demand",
                parts=parts,
                **_facts(ctx, parts, "sources", "demand"),
            )
        )
    return found


def _shortage(ctx: Context) -> list[Figure]:
    found = []
    for when in ("before", "after"):
        name = ctx.register.find(f"resilience.expected_shortage.{when}")
        parts = (name,) if name else ()
        value = ctx.register.value(name)
        if value is None:
            rows = ctx.run.resilience.shortages.filter(pl.col("when") == when)
            value = weighted(rows.join(_weights(ctx), on="product_id"), "shortage_share")
        found.append(
            _figure(
                f"expected_shortage.{when}",
                value,
                "share",
                _words(ctx, f"fig.expected_shortage.{when}"),
                "expected unmet share of demand, mean over products",
                parts=parts,
                **_facts(ctx, parts, "disruptions"),
            )
        )
    return found


def _parties(ctx: Context) -> list[Figure]:
    found = []
    status = weakest(ctx.plan("cash")["status"].unique().to_list())
    columns = {"npv": "npv_mn", "best_alternative": "best_alternative_npv_mn", "gain": "gain_mn"}
    for row in ctx.run.appraisal.parties.iter_rows(named=True):
        party = row["party_id"]
        names = ctx.programme["parties"].filter(pl.col("party_id") == party)
        both = Words(names["name_en"][0], names["name_ru"][0])
        for what, column in columns.items():
            label = Words(
                _words(ctx, f"fig.{what}").en.format(party=both.en),
                _words(ctx, f"fig.{what}").ru.format(party=both.ru),
            )
            name = ctx.register.find(f"appraisal.{what}.{party}")
            parts = (name,) if name else ()
            found.append(
                _figure(
                    f"{what}.{party}",
                    row[column],
                    money_unit(ctx),
                    label,
                    f"{column} of {party} in appraisal_parties",
                    status=status,
                    parts=parts,
                )
            )
    return [*found, *_payments(ctx)]


def _payments(ctx: Context) -> list[Figure]:
    """Return the payments between the sides by their size, the payer named."""
    found = []
    host, partner = _sides(ctx)
    payment = ctx.register.value("appraisal.fair_payment")
    if payment is not None:
        found.append(
            _figure(
                "fair_payment",
                abs(payment),
                money_unit(ctx),
                _named(ctx, "fig.fair_payment", host if payment >= 0 else partner),
                "size of appraisal.fair_payment; its sign says who pays",
                parts=("appraisal.fair_payment",),
            )
        )
    for party, end, sign in ((host, "high", 1.0), (partner, "low", -1.0)):
        name = f"appraisal.zone.payment_{end}"
        most = ctx.register.value(name)
        if most is not None and most * sign > 0:
            found.append(
                _figure(
                    f"payment_most.{party['party_id']}",
                    most * sign,
                    money_unit(ctx),
                    _named(ctx, "fig.payment_most", party),
                    f"size of {name}: what this side can pay once and still not lose",
                    parts=(name,),
                )
            )
    return found


def _sides(ctx: Context) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows of the host and of the partner."""
    rows = {row["role"]: row for row in ctx.programme["parties"].iter_rows(named=True)}
    return rows["host"], rows["partner"]


def _named(ctx: Context, key: str, party: dict[str, Any]) -> Words:
    """Return a catalogue text that names a party, in both languages."""
    text = _words(ctx, key)
    return Words(
        text.en.format(party=party["name_en"]),
        text.ru.format(party=lower_first(party["name_ru"])),
    )


def assumed_share(cash: pl.DataFrame) -> float:
    """Return the part of the plan's gross cash that rests on assumed or synthetic facts.

    What plants and trade pay one another is left out: no money comes in or goes out by it.

    Args:
        cash: plan table `cash`.

    Example:
        >>> frame = pl.DataFrame(
        ...     {
        ...         "item": ["inputs", "revenue", "transfer"],
        ...         "status": ["assumed", "observed", "assumed"],
        ...         "value_mn": [-1.0, 3.0, 9.0],
        ...     }
        ... )
        >>> assumed_share(frame)
        0.25
    """
    cash = cash.filter(pl.col("item") != "transfer")
    total = float(cash["value_mn"].abs().sum())
    unsure = cash.filter(pl.col("status").is_in(UNSURE))
    return float(unsure["value_mn"].abs().sum()) / total if total else 0.0


def _assumed(ctx: Context) -> list[Figure]:
    return [
        _figure(
            "assumed_share",
            assumed_share(ctx.plan("cash")),
            "share",
            _words(ctx, "fig.assumed_share"),
            "gross cash whose weakest fact is assumed or synthetic, over all gross cash "
            "(sum of |value_mn| in plan_cash without the item transfer)",
            parts=_matching(ctx, "network.assumed_share"),
        )
    ]


def _proven(ctx: Context) -> list[Figure]:
    """Return what the proofs leave open, and how much of the worth lies after the horizon."""
    gap = _matching(ctx, "alone.network.gap")[:1]
    status = weakest(ctx.plan("cash")["status"].unique().to_list())
    return [
        _figure(
            "gaps",
            gaps_mn(ctx),
            money_unit(ctx),
            _words(ctx, "fig.gaps"),
            "bound less worth of the joint plan, and the same of the host alone, added",
            parts=("summary.gap", *gap),
        ),
        _figure(
            "beyond_horizon",
            beyond_horizon_share(ctx),
            "share",
            _words(ctx, "fig.beyond_horizon"),
            "residual_value in plan_cash, discounted to the base year, over the plan's worth",
            status=status,
            parts=("summary.value",),
        ),
    ]


_MAKERS = (_plan_figures, _sufficiency, _exposure, _shortage, _parties, _assumed, _proven)
