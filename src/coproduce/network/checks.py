"""Checks before the work and warnings after it."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from coproduce.network.case import Case
from coproduce.network.types import Inputs, Options
from coproduce.records.errors import ModelError
from coproduce.records.handover import LAW_TABLES
from coproduce.records.proof import Proof
from coproduce.records.words import Words, in_percent


def check_inputs(inputs: Inputs) -> None:
    """Refuse what would make a plan without meaning.

    Raises:
        ModelError: a law table is missing (``N030``); a technology with a site has no module
            (``N031``); a bill of materials names a stage that does not exist or goes round in a
            circle (``N032``); a product with demand has no last stage (``N033``).
    """
    _has_law(inputs)
    _has_modules(inputs)
    _has_sound_bom(inputs)
    _has_stages(inputs)


def _has_law(inputs: Inputs) -> None:
    missing = [name for name in LAW_TABLES if name not in inputs.law]
    if missing:
        raise ModelError(f"the law tables lack {', '.join(missing)}", code="N030")
    taxed = set(inputs.law["site_tax"]["year"].to_list())
    gaps = [str(year) for year in inputs.programme.settings.years if year not in taxed]
    if gaps:
        raise ModelError(f"the law tables have no profit tax for {', '.join(gaps)}", code="N030")


def _has_modules(inputs: Inputs) -> None:
    sold = set(inputs.programme["modules"]["technology_id"].to_list())
    wanted = set(inputs.programme["site_technologies"]["technology_id"].to_list())
    if wanted - sold:
        raise ModelError(
            f"modules.csv has no size of {', '.join(sorted(wanted - sold))}, which "
            "site_technologies.csv puts at a site; add one",
            code="N031",
        )


def _has_sound_bom(inputs: Inputs) -> None:
    order = {
        (product, stage): number
        for product, stage, number in inputs.programme["stages"]
        .select("product_id", "stage_id", "stage_no")
        .iter_rows()
    }
    bom = inputs.programme["bom"]
    for row in bom.iter_rows(named=True):
        key = (row["product_id"], row["stage_id"])
        source = (row["input_product_id"], row["input_stage_id"])
        for name in (key, source):
            if name not in order:
                raise ModelError(
                    f"bom.csv names {'|'.join(name)}, which stages.csv does not have", code="N032"
                )
        if order[source] >= order[key]:
            raise ModelError(
                f"bom.csv: {'|'.join(key)} needs {'|'.join(source)}, which is not an earlier "
                "stage; inputs must have a smaller stage_no",
                code="N032",
            )


def _has_stages(inputs: Inputs) -> None:
    demanded = set(inputs.programme["demand"]["product_id"].to_list())
    staged = set(inputs.programme["stages"]["product_id"].to_list())
    if demanded - staged:
        raise ModelError(
            f"stages.csv has no stage of {', '.join(sorted(demanded - staged))}, which "
            "demand.csv asks for",
            code="N033",
        )


def result_warnings(
    case: Case, options: Options, proof: Proof, share: float, was_interrupted: bool
) -> tuple[Words, ...]:
    """Return what a reader of the plan must know before relying on it."""
    return tuple(_warnings(case, options, proof, share, was_interrupted))


def _warnings(
    case: Case, options: Options, proof: Proof, share: float, was_interrupted: bool
) -> Iterable[Words]:
    gap, asked = in_percent(proof.gap_share), in_percent(options.gap_share)
    if was_interrupted:
        yield Words(
            f"The search was stopped by hand; the plan is the best so far, proven to {gap.en}.",
            f"Поиск остановлен вручную; план — лучший из найденных, доказанный разрыв {gap.ru}.",
        )
    elif proof.status != "optimal" and proof.seconds < 0.9 * options.time_limit_s:
        yield Words(
            f"The search ended at a gap of {gap.en}, wider than the {asked.en} asked for: freight "
            "inside the host is only bounded there, and the plan pays more of it.",
            f"Поиск закончен при разрыве {gap.ru}, больше запрошенных {asked.ru}: перевозки "
            "внутри принимающей стороны в нём лишь оценены снизу, а план платит за них больше.",
        )
    elif proof.status != "optimal":
        yield Words(
            f"Time ran out at a gap of {gap.en}, wider than the {asked.en} asked for.",
            f"Время вышло при разрыве {gap.ru}, больше запрошенных {asked.ru}.",
        )
    if not case.lines:
        yield Words(
            "No site and technology can give output within the horizon; the plan builds nothing.",
            "Ни одна пара площадки и технологии не даёт выпуска в срок; план ничего не строит.",
        )
    if share > 0.5:
        yield Words(
            f"Of all the plan's payments in and out, {in_percent(share).en} rest on assumed "
            "figures.",
            f"Из всех платежей плана, входящих и исходящих, {in_percent(share).ru} опираются на "
            "допущения.",
        )


def statuses(frame: pl.DataFrame) -> list[str]:
    """Return the statuses of a table's rows."""
    return [str(status) for status in frame["status"].to_list()]
