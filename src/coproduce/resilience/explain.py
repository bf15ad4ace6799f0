"""The room's sentences in both languages and its figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from coproduce.records.figures import Figure, row_ref, weakest
from coproduce.records.handover import OTHER_TABLES
from coproduce.records.programme import Programme
from coproduce.records.words import Words, in_percent
from coproduce.resilience.chains import Chain
from coproduce.resilience.checks import PARAMETER
from coproduce.resilience.evidence import Evidence, supply, weight
from coproduce.resilience.rates import Rates
from coproduce.resilience.types import Result, Totals

WHEN = {"before": ("today", "сегодня"), "after": ("with the plan", "по плану")}
METHOD = (
    "stages in series, independent sources standing in for one another, each with its own stock; "
    "cautious"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was reckoned; see `types.Result`."""

    states: Mapping[str, Sequence[Chain]]
    weights: Mapping[str, float]
    before: Totals | None
    after: Totals | None
    rates: Rates
    capacity_factor: float
    is_factor_given: bool
    has_own_weights: bool
    more_stock_years: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Sentences and figures of the room."""

    finding: Words
    reasons: tuple[Words, ...]
    figures: tuple[Figure, ...]


def explain(programme: Programme, answer: Answer) -> Explanation:
    """Return the finding, the reasons and every figure."""
    return Explanation(
        _finding(answer), tuple(_reasons(programme, answer)), tuple(_figures(programme, answer))
    )


def no_rates() -> Result:
    """Return the empty answer of a programme without failure rates, which says so."""
    why = Words(
        "Fragility was not reckoned: the programme has no failure rates (table disruptions).",
        "Устойчивость не оценена: в программе нет данных об отказах (таблица disruptions).",
    )
    text, number = pl.String, pl.Float64
    keys = {"product_id": text, "when": text, "stage_id": text}
    stages = {**keys, "shortage_share": number, "availability_share": number, "sources": pl.Int64}
    links = {**keys, "country_id": text} | dict.fromkeys(
        ("shortage_share", "without_share", "saved_share"), number
    )
    figures = tuple(
        Figure(
            figure_id=f"resilience.expected_shortage.{when}",
            value=None,
            unit="share of demand",
            label_en=f"Expected shortage {en}",
            label_ru=f"Ожидаемая нехватка {ru}",
            status="observed",
            note="not defined: the table disruptions is empty",
        )
        for when, (en, ru) in WHEN.items()
    )
    return Result(
        shortages=OTHER_TABLES["shortages"].create_empty(),
        stages=pl.DataFrame(schema=stages),
        weakest=pl.DataFrame(schema=links),
        before=None,
        after=None,
        finding=why,
        reasons=(),
        warnings=(why,),
        figures=figures,
    )


def _finding(answer: Answer) -> Words:
    if answer.before is None or answer.after is None:
        return Words(
            "Fragility was not reckoned: no product with demand has known suppliers.",
            "Устойчивость не оценена: ни у одного продукта со спросом не известны поставщики.",
        )
    now, then = answer.before.shortage_share, answer.after.shortage_share
    if in_percent(now).en == in_percent(then).en:
        return Words(
            f"The expected shortage stays at {in_percent(now).en} of demand with the plan.",
            f"Ожидаемая нехватка по плану остаётся на уровне {in_percent(now).ru} спроса.",
        )
    moves = Words("rises", "растёт") if then > now else Words("falls", "снижается")
    return Words(
        f"The expected shortage {moves.en} from {in_percent(now).en} of demand today "
        f"to {in_percent(then).en} with the plan.",
        f"Ожидаемая нехватка {moves.ru} с {in_percent(now).ru} спроса сегодня "
        f"до {in_percent(then).ru} по плану.",
    )


def _reasons(programme: Programme, answer: Answer) -> Iterator[Words]:
    if answer.before is None or answer.after is None:
        return
    yield from _worst_links(programme, answer)
    yield from _movers(programme, answer)
    yield from _hollow(programme, answer)
    stocked = in_percent(answer.after.shortage_more_stock_share)
    months = f"{answer.more_stock_years * 12:.0f}"
    after = answer.after
    yield Words(
        f"More stock at every stage ({months} {'month' if months == '1' else 'months'}) would "
        f"bring the shortage with the plan down to {stocked.en}.",
        f"Дополнительный запас на каждой стадии (месяцев: {months}) снизил бы нехватку "
        f"по плану до {stocked.ru}.",
    )
    yield Words(
        f"These are cautious figures; the worst stage of each product alone gives "
        f"{in_percent(after.shortage_low_share).en} with the plan.",
        f"Это осторожные оценки; худшая стадия каждого продукта сама по себе даёт по плану "
        f"{in_percent(after.shortage_low_share).ru}.",
    )


def _worst_links(programme: Programme, answer: Answer) -> Iterator[Words]:
    """Name the stage and country that add most over all products, with the product they hit."""
    countries = _names(programme, "countries", "country_id")
    for when, (en, ru) in WHEN.items():
        saved: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        total = sum(answer.weights.get(one.product_id, 0.0) for one in answer.states[when])
        for one in answer.states[when]:
            part = answer.weights.get(one.product_id, 0.0) / total
            for link in one.links:
                saved[link.stage_id, link.country_id][one.product_id] = part * (
                    one.shortage_share - link.without_share
                )
        (stage_id, country_id), parts = max(
            saved.items(), key=lambda item: (sum(item[1].values()), item[0])
        )
        value = sum(parts.values())
        name_en, name_ru = countries[country_id]
        stage = _stage(programme, max(parts, key=lambda one: (parts[one], one)), stage_id)
        yield Words(
            f"The weakest link {en} is {name_en} at the {stage.en}: without its failures the "
            f"shortage would be {in_percent(value).en} of demand less.",
            f"Самое слабое звено {ru} — {name_ru}, {stage.ru}: без её сбоев нехватка была бы "
            f"меньше на {in_percent(value).ru} спроса.",
        )


def _stage(programme: Programme, product_id: str, stage_id: str) -> Words:
    """Return a stage's name and, as an example, what a product calls it."""
    stage = programme.settings.stage_name(stage_id)
    rows = programme["stages"].filter(
        (pl.col("product_id") == product_id) & (pl.col("stage_id") == stage_id)
    )
    if rows.is_empty():
        return Words(f"stage “{stage.en}”", f"стадия «{stage.ru}»")
    named = rows.row(0, named=True)
    return Words(
        f"stage “{stage.en}” (for example {named['name_en']})",
        f"стадия «{stage.ru}» (например, {named['name_ru']})",
    )


def _movers(programme: Programme, answer: Answer) -> Iterator[Words]:
    products = _names(programme, "products", "product_id")
    before = {one.product_id: one.shortage_share for one in answer.states["before"]}
    change = [
        (one.shortage_share - before[one.product_id], one.product_id)
        for one in answer.states["after"]
        if one.product_id in before and answer.weights.get(one.product_id, 0.0) > 0
    ]
    better, worse = min(change, default=(0.0, "")), max(change, default=(0.0, ""))
    if better[0] < -1e-9:
        name_en, name_ru = products[better[1]]
        yield Words(
            f"Most is gained for {name_en}: {in_percent(-better[0]).en} of demand less missing.",
            f"Больше всего выигрывает {name_ru}: нехватка меньше на {in_percent(-better[0]).ru} "
            f"спроса.",
        )
    if worse[0] > 1e-9:
        name_en, name_ru = products[worse[1]]
        yield Words(
            f"{name_en} becomes more fragile: {in_percent(worse[0]).en} of demand more missing.",
            f"Более уязвимым становится {name_ru}: нехватка больше на {in_percent(worse[0]).ru} "
            f"спроса.",
        )


def _hollow(programme: Programme, answer: Answer) -> Iterator[Words]:
    """Say how often the weakest link stays outside the bloc in spite of the plan."""
    inside = dict(programme["countries"].select("country_id", "is_in_bloc").iter_rows())
    found = [one for one in answer.states["after"] if answer.weights.get(one.product_id, 0.0) > 0]
    outside = [one for one in found if not inside.get(one.links[0].country_id, False)]
    if outside:
        yield Words(
            f"With the plan the weakest link of {len(outside)} of {len(found)} products is still "
            "a maker abroad.",
            f"По плану самое слабое звено у {len(outside)} из {len(found)} продуктов по-прежнему "
            f"за рубежом.",
        )


def _figures(programme: Programme, answer: Answer) -> Iterator[Figure]:
    products = _names(programme, "products", "product_id")
    factor = _factor(programme, answer)
    weighing = "given weights" if answer.has_own_weights else "quantity × criticality"
    for when, (en, ru) in WHEN.items():
        total = answer.before if when == "before" else answer.after
        found = answer.states[when]
        ids = tuple(f"resilience.shortage.{when}.{one.product_id}" for one in found)
        names = [one.product_id for one in found]
        basis = supply(programme, names) + _failures(answer, found) + factor
        if not answer.has_own_weights:
            basis = weight(programme, names) + basis
        for what, value, name_en, name_ru in _measures(total):
            low = total.shortage_low_share if total and what == "expected_shortage" else None
            yield Figure(
                figure_id=f"resilience.{what}.{when}",
                value=value,
                unit="share of demand",
                label_en=f"{name_en} {en}",
                label_ru=f"{name_ru} {ru}",
                status=basis.status,
                rows=basis.rows,
                parts=ids if what == "expected_shortage" else (),
                method=f"mean over products, weighted by {weighing}; {METHOD}",
                low=low,
                high=value if low is not None else None,
                note="" if value is not None else "not defined: no product could be reckoned",
            )
        for one in found:
            name_en, name_ru = products[one.product_id]
            own = supply(programme, [one.product_id]) + _failures(answer, [one]) + factor
            yield Figure(
                figure_id=f"resilience.shortage.{when}.{one.product_id}",
                value=one.shortage_share,
                unit="share of demand",
                label_en=f"{name_en}: expected shortage {en}",
                label_ru=f"{name_ru}: ожидаемая нехватка {ru}",
                status=own.status,
                rows=own.rows,
                method=METHOD,
                low=one.shortage_low_share,
                high=one.shortage_share,
            )


def _failures(answer: Answer, found: Sequence[Chain]) -> Evidence:
    """Return the failure rates that chains used."""
    rates = [
        answer.rates.of(link.country_id, link.stage_id) for one in found for link in one.links
    ]
    rows = tuple(sorted({rate.row for rate in rates}))
    return Evidence(rows, weakest(rate.status for rate in rates))


def _factor(programme: Programme, answer: Answer) -> Evidence:
    """Return where the capacity factor comes from; a default of the code is assumed."""
    if not answer.is_factor_given:
        return Evidence((), "assumed")
    row = programme["parameters"].filter(pl.col("parameter_id") == PARAMETER)
    if row.is_empty():
        return Evidence((), weakest(()))
    return Evidence((row_ref("parameters", PARAMETER),), row["status"][0])


def _measures(total: Totals | None) -> tuple[tuple[str, float | None, str, str], ...]:
    """Return id, value and names of the totals of one state."""
    return (
        (
            "expected_shortage",
            total.shortage_share if total else None,
            "Expected shortage",
            "Ожидаемая нехватка",
        ),
        (
            "availability",
            total.availability_share if total else None,
            "Availability without stock",
            "Доступность без запасов",
        ),
        (
            "more_stock",
            total.shortage_more_stock_share if total else None,
            "Expected shortage with more stock",
            "Ожидаемая нехватка при большем запасе",
        ),
    )


def _names(programme: Programme, table: str, key: str) -> dict[str, tuple[str, str]]:
    rows = programme[table].select(key, "name_en", "name_ru").iter_rows()
    return {name: (en, ru or en) for name, en, ru in rows}


__all__ = ["Answer", "Explanation", "explain", "no_rates"]
