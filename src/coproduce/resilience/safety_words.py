"""Sentences and figures of today, the plan and the plan with each safeguard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from coproduce.records.figures import Figure, row_ref, weakest
from coproduce.records.programme import Programme
from coproduce.records.words import Words, in_percent, number
from coproduce.resilience.evidence import Evidence, supply, weight
from coproduce.resilience.explain import WHEN
from coproduce.resilience.measures.local_stage import LocalStage
from coproduce.resilience.measures.study import Measures
from coproduce.resilience.safeguards import Comparison, Safeguard
from coproduce.resilience.types import Safety

SAME = 1e-4
"""Two shortages that differ by less than this share of demand are called the same."""


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences and figures."""

    finding: Words
    reasons: tuple[Words, ...]
    figures: tuple[Figure, ...]


def nothing_compared() -> Safety:
    """Return the empty answer of a programme that lacks failure rates, demand or suppliers."""
    why = Words(
        "Safeguards were not compared: failure rates, demand or suppliers are missing.",
        "Меры защиты не сравнивались: нет данных об отказах, спросе или поставщиках.",
    )
    empty = pl.DataFrame()
    return Safety(empty, empty, empty, empty, empty, empty, "", why, (), (why,), ())


def name_of(programme: Programme, safeguards: Sequence[Safeguard], stage_id: str = "") -> Words:
    """Return the name of a safeguard at its level, or of several together."""
    parts = [_one_name(programme, one, stage_id) for one in safeguards]
    return Words(" + ".join(one.en for one in parts), " + ".join(one.ru for one in parts))


def _one_name(programme: Programme, one: Safeguard, stage_id: str) -> Words:
    if one.kind == "local_stage":
        stage = programme.settings.stage_name(stage_id)
        return Words(f"{one.name_en}: {stage.en}", f"{one.name_ru}: {stage.ru}")
    level = _level(one)
    return Words(f"{one.name_en}: {level.en}", f"{one.name_ru}: {level.ru}")


def _level(one: Safeguard) -> Words:
    if one.unit == "years of use":
        months = one.level * 12
        return Words(
            f"{number(months, 'en')} {'month' if round(months, 6) == 1 else 'months'}",
            f"{number(months, 'ru')} мес.",
        )
    share = in_percent(one.level)
    if one.unit == "share of supply":
        return Words(f"{share.en} of supply", f"{share.ru} поставок")
    if one.unit == "capacity against need":
        return Words(f"{share.en} of the need", f"{share.ru} потребности")
    if one.unit == "factor on recovery":
        return Words(f"repairs in {share.en} of the time", f"восстановление за {share.ru} времени")
    return Words(f"{one.level:g} {one.unit}", f"{number(one.level, 'ru')} {one.unit}")


def tell(
    programme: Programme,
    states: pl.DataFrame,
    measured: Mapping[str, Measures],
    local: LocalStage | None,
    after: Comparison,
) -> Told:
    """Return finding, reasons and figures."""
    figures = [*_state_figures(programme, states)]
    figures += _measure_figures(programme, measured)
    reasons = [*_targets(programme, after)]
    if local is not None:
        reasons.insert(0, _about_local(programme, local))
        figures += _local_figures(programme, local)
    return Told(reasons[-1], tuple(reasons), tuple(figures))


def _targets(programme: Programme, after: Comparison) -> Iterator[Words]:
    """Say what reaches each target at least cost, the hardest target last."""
    for target, option in sorted(after.cheapest.items(), reverse=True):
        goal = in_percent(target)
        if option is None:
            yield Words(
                f"Nothing offered brings the expected shortage with the plan to {goal.en}.",
                f"Ни одна из мер не снижает ожидаемую нехватку по плану до {goal.ru}.",
            )
        elif not option.safeguards:
            yield Words(
                f"With the plan the expected shortage is below {goal.en} without any safeguard.",
                f"По плану ожидаемая нехватка ниже {goal.ru} и без мер защиты.",
            )
        else:
            name = name_of(programme, option.safeguards, option.stage_id)
            cost = in_percent(option.cost_share)
            left = in_percent(option.shortage_share)
            yield Words(
                f"Cheapest to reach {goal.en}: {name.en}; it leaves {left.en} of demand short "
                f"and costs {cost.en} of yearly purchases (assumed).",
                f"Дешевле всего достичь {goal.ru}: {name.ru}; остаётся нехватка {left.ru} "
                f"спроса, цена — {cost.ru} годовых закупок (предположение).",
            )


def _about_local(programme: Programme, local: LocalStage) -> Words:
    """Say what a stage made at home from bought inputs does, and what it does not."""
    stage = programme.settings.stage_name(local.stage_id)
    home, full = in_percent(local.home_before), in_percent(local.home_after)
    was, now = in_percent(local.bottleneck_before), in_percent(local.bottleneck_after)
    short, then = in_percent(local.shortage_before), in_percent(local.shortage_after)
    start = Words(
        f"Stage “{stage.en}” made at home from imported inputs: its home share goes from "
        f"{home.en} to {full.en}, ",
        f"Стадия «{stage.ru}» дома из ввозимого сырья: её внутренняя доля растёт с {home.ru} "
        f"до {full.ru}, ",
    )
    if local.bottleneck_after > local.bottleneck_before + SAME:
        neck = Words(
            f"the least home share of the chain from {was.en} to {now.en}",
            f"наименьшая внутренняя доля цепочки — с {was.ru} до {now.ru}",
        )
    else:
        neck = Words(
            f"the least home share of the chain stays at {now.en}",
            f"наименьшая внутренняя доля цепочки остаётся {now.ru}",
        )
    if local.shortage_after < local.shortage_before - SAME:
        end = Words(
            f"; the expected shortage falls from {short.en} to {then.en}, because the host's "
            "makers of this stage fail less often, not because inputs are safer.",
            f"; ожидаемая нехватка снижается с {short.ru} до {then.ru} — потому что свои "
            "производители этой стадии надёжнее, а не потому что надёжнее сырьё.",
        )
    else:
        moves = Words("goes from", "меняется с")
        end = Words(
            f", and the expected shortage {moves.en} {short.en} to {then.en} of demand. It does "
            "not raise resilience.",
            f", а ожидаемая нехватка {moves.ru} {short.ru} до {then.ru} спроса. Устойчивость "
            "от этого не растёт.",
        )
    return Words(start.en + neck.en + end.en, start.ru + neck.ru + end.ru)


# --- figures ---------------------------------------------------------------------------------


def _state_figures(programme: Programme, states: pl.DataFrame) -> Iterator[Figure]:
    settings = programme.settings
    prices = Evidence(
        (row_ref("demand", "*"), row_ref("prices", "*")),
        weakest({*programme["demand"]["status"], *programme["prices"]["status"]}),
    )
    common = ("resilience.expected_shortage.after",)
    for row in states.filter(~pl.col("kind").is_in(["today", "plan"])).iter_rows(named=True):
        name = f"resilience.state.{row['state_id']}"
        en, ru = row["name_en"], row["name_ru"]
        status = weakest((row["status"], "assumed"))
        yield Figure(
            figure_id=f"{name}.shortage",
            value=row["shortage_share"],
            unit="share of demand",
            label_en=f"Expected shortage with the plan and: {en}",
            label_ru=f"Ожидаемая нехватка по плану и с мерой: {ru}",
            status=status,
            parts=common,
            method="the plan's chains with the safeguard put in, each product at its weakest "
            "stage; same formula as without",
            low=row["shortage_low_share"],
            high=row["shortage_share"],
        )
        yield Figure(
            figure_id=f"{name}.avoided",
            value=row["avoided_share"],
            unit="share of demand",
            label_en=f"Shortage avoided against the plan: {en}",
            label_ru=f"Предотвращённая нехватка против плана: {ru}",
            status=status,
            parts=(*common, f"{name}.shortage"),
            method="shortage with the plan less shortage with the plan and the safeguard",
        )
        yield Figure(
            figure_id=f"{name}.cost",
            value=row["cost_mn"],
            unit=f"{settings.currency} mn, {settings.price_base}",
            label_en=f"Cost a year: {en}",
            label_ru=f"Цена в год: {ru}",
            status=weakest((row["status"], prices.status)),
            rows=prices.rows,
            method=f"{row['cost_share']:.4g} of the yearly value bought; the share comes from "
            "our own list of safeguards",
            note="the cost share is assumed; no source gives it for this programme",
        )


MEASURES: tuple[tuple[str, str, str, str, str], ...] = (
    ("products_cut_by_one_source", "count", "Products that one failure stops",
     "Продукты, которые останавливает один сбой",
     "smallest set of failed makers that stops the product, proven by integer programming"),
    ("products_cut_by_one_country", "count", "Products that the loss of one country stops",
     "Продукты, которые останавливает потеря одной страны",
     "the same with all makers of a country failing together"),
    ("products_halved_by_one_country", "count",
     "Products of which one country holds half of a stage",
     "Продукты, у которых одна страна держит половину стадии",
     "largest chain share of a country over the stages, one half or more"),
    ("effective_sources", "", "Effective sources at the narrowest stage",
     "Эффективное число источников на самой узкой стадии",
     "1 / Σ share², least over the stages; mean over products by quantity"),
    ("soft_full_cycle_share", "share", "Full-cycle share, stages matched at random",
     "Доля полного цикла, стадии сочетаются случайно",
     "product of the stages' home shares; mean over products by quantity"),
    ("bottleneck_share", "share", "Upper bound of the full cycle: the stage least made at home",
     "Верхняя граница полного цикла: стадия с наименьшей внутренней долей",
     "least home share over the stages; no matching of stages can do better"),
    ("self_sufficiency_share", "share", "For comparison: last stage made at home",
     "Для сравнения: последняя стадия дома",
     "home share of the last stage; mean over products by quantity"),
)  # fmt: skip
"""Name, unit, label in both languages and method of each measure, in the order of the page."""


def _measure_figures(programme: Programme, measured: Mapping[str, Measures]) -> Iterator[Figure]:
    for when, found in measured.items():
        names = found.products["product_id"].to_list()
        basis = supply(programme, names) + weight(programme, names)
        totals = {**found.totals, "effective_sources": _effective(found)}
        en_state, ru_state = WHEN[when]
        for name, unit, en, ru, method in MEASURES:
            yield Figure(
                figure_id=f"resilience.measure.{name}.{when}",
                value=totals[name],
                unit=unit or "sources",
                label_en=f"{en} {en_state}",
                label_ru=f"{ru} {ru_state}",
                status=basis.status,
                rows=basis.rows,
                method=method,
            )


def _effective(found: Measures) -> float:
    least = found.tiers.group_by("product_id").agg(pl.col("effective_sources").min())
    rows = found.products.select("product_id", "weight_packs_mn").join(least, on="product_id")
    total = float(rows["weight_packs_mn"].sum())
    value = (rows["effective_sources"] * rows["weight_packs_mn"]).sum()
    return float(value) / total if total > 0 else 0.0


def _local_figures(programme: Programme, local: LocalStage) -> Iterator[Figure]:
    stage = programme.settings.stage_name(local.stage_id)
    names = local.products["product_id"].to_list()
    basis = supply(programme, names) + weight(programme, names)
    status = weakest((basis.status, *programme["disruptions"]["status"]))
    for what, en, ru in (
        ("home", "home share of the stage", "внутренняя доля стадии"),
        ("bottleneck", "least home share of the chain", "наименьшая внутренняя доля цепочки"),
        ("shortage", "expected shortage", "ожидаемая нехватка"),
    ):
        for when, en_state, ru_state in (
            ("before", "today", "сегодня"),
            ("after", "with the stage made at home", "со стадией дома"),
        ):
            is_shortage = what == "shortage"
            yield Figure(
                figure_id=f"resilience.local_stage.{what}.{when}",
                value=getattr(local, f"{what}_{when}"),
                unit="share of demand" if is_shortage else "share",
                label_en=f"“{stage.en}” from imported inputs: {en} {en_state}",
                label_ru=f"«{stage.ru}» из ввозимого сырья: {ru} {ru_state}",
                status=status if is_shortage else basis.status,
                rows=(*basis.rows, row_ref("disruptions", "*")) if is_shortage else basis.rows,
                method="the stage made wholly by the host, every other stage as today; "
                + ("mean by quantity and criticality" if is_shortage else "mean by quantity"),
            )


__all__ = ["MEASURES", "Told", "name_of", "nothing_compared", "tell"]
