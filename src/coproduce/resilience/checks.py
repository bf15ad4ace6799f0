"""Named checks before the work: what is wrong raises, what is doubtful warns."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from coproduce.records.errors import ModelError, UsageError
from coproduce.records.words import Words, in_percent
from coproduce.resilience.rates import Rates
from coproduce.resilience.types import Inputs, Options

DEFAULT_CAPACITY_FACTOR = 1.25
PARAMETER = "supplier_capacity_factor"
TOLERANCE_SHARE = 0.02


def capacity_factor(inputs: Inputs, options: Options) -> tuple[float, bool]:
    """Return the capacity factor and whether it comes from the programme or the caller.

    Raises:
        UsageError: if it is below 1.
    """
    if options.capacity_factor is not None:
        factor, is_given = options.capacity_factor, True
    else:
        rows = inputs.programme["parameters"].filter(pl.col("parameter_id") == PARAMETER)
        is_given = rows.height > 0
        factor = float(rows["value"][0]) if is_given else DEFAULT_CAPACITY_FACTOR
    if not factor >= 1.0:
        raise UsageError(
            f"the capacity factor is {factor}; suppliers can make at least what they sell, so it "
            "must be 1 or more",
            code="S001",
        )
    return factor, is_given


def rates_cover_stages(inputs: Inputs, rates: Rates) -> None:
    """Raise if a stage of an exposure has no failure rate of any country."""
    stages = {
        *inputs.before["stage_id"].unique().to_list(),
        *inputs.after["stage_id"].unique().to_list(),
    }
    missing = sorted(stages - rates.stage_ids)
    if missing:
        raise ModelError(
            f"disruptions has no row for the stage {', '.join(missing)}; add at least one country",
            code="S002",
            where="disruptions.csv",
        )


def doubts(inputs: Inputs, rates: Rates, *, is_factor_given: bool) -> Iterator[Words]:
    """Return what a reader must know: stand-ins, unknown supply, a default."""
    if rates.stood_in:
        pairs = ", ".join(f"{country} {stage}" for country, stage in sorted(rates.stood_in))
        yield Words(
            f"No failure rate of their own, so the least reliable maker of the stage stands in: "
            f"{pairs}.",
            f"Своих данных об отказах нет, взят наименее надёжный производитель той же стадии: "
            f"{pairs}.",
        )
    for name_en, name_ru, table in (
        ("today", "сегодня", inputs.before),
        ("with the plan", "по плану", inputs.after),
    ):
        known = table.group_by("product_id", "stage_id").agg(pl.col("chain_share").sum())
        short = known.filter(pl.col("chain_share") < 1 - TOLERANCE_SHARE)
        if short.height:
            worst = short.sort("chain_share", "product_id").row(0, named=True)
            share = in_percent(worst["chain_share"])
            stage = inputs.programme.settings.stage_name(worst["stage_id"])
            product = _product(inputs, worst["product_id"])
            yield Words(
                f"Of {known.height} stages, {short.height} have suppliers that do not add up to "
                f"the whole {name_en} (least: {product.en}, {stage.en}, "
                f"{share.en}); the known ones stand for all.",
                f"Из {known.height} стадий у {short.height} поставщики в сумме не дают целого "
                f"({name_ru}; меньше всего: {product.ru}, {stage.ru}, "
                f"{share.ru}); за всех отвечают известные.",
            )
    if not is_factor_given:
        yield Words(
            f"Suppliers are taken to be able to make {DEFAULT_CAPACITY_FACTOR:.2f} times what "
            f"they sell today; set the parameter {PARAMETER} to change it.",
            f"Принято, что поставщики могут производить в "
            f"{f'{DEFAULT_CAPACITY_FACTOR:.2f}'.replace('.', ',')} раза больше, чем продают "
            f"сегодня; иное задаёт параметр {PARAMETER}.",
        )


def _product(inputs: Inputs, product_id: str) -> Words:
    row = inputs.programme["products"].filter(pl.col("product_id") == product_id)
    return Words(row["name_en"][0], row["name_ru"][0] or row["name_en"][0])


__all__ = ["capacity_factor", "doubts", "rates_cover_stages"]
