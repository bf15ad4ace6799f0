"""What it would do to make one stage at home while its inputs still come from where they do."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coproduce.records.errors import UsageError
from coproduce.records.programme import Programme
from coproduce.resilience.expected import run
from coproduce.resilience.measures.balance import full_cycle
from coproduce.resilience.types import Inputs, Options


@dataclass(frozen=True, slots=True)
class LocalStage:
    """One stage made at home in full, in all products that have stages before it.

    Attributes:
        stage_id: the stage.
        products: product_id, home_before, home_after (of the stage), bottleneck_before,
            bottleneck_after, bottleneck_stage_id (after), shortage_before, shortage_after,
            is_bottleneck_moved (the least home share of the chain rose).
        home_before, home_after, bottleneck_before, bottleneck_after, shortage_before,
            shortage_after: means by packs (share).
    """

    stage_id: str
    products: pl.DataFrame
    home_before: float
    home_after: float
    bottleneck_before: float
    bottleneck_after: float
    shortage_before: float
    shortage_after: float


def local_stage(
    programme: Programme, exposures: pl.DataFrame, stage_id: str, options: Options | None = None
) -> LocalStage:
    """Return what changes if a stage is made at home from the inputs of today.

    The home share of the stage becomes 1; every other stage keeps its makers. So the bottleneck
    rises only where the stage itself was the bottleneck.

    Args:
        programme: the programme.
        exposures: table `Exposures` of today.
        stage_id: the stage to make at home.
        options: as for the room's `run`.

    Raises:
        UsageError: S133 if no product has the stage with another one before it.
    """
    numbers = programme["stages"].select("product_id", "stage_id", "stage_no")
    at = numbers.filter(pl.col("stage_id") == stage_id).select("product_id", place="stage_no")
    has_inputs = (
        numbers.join(at, on="product_id")
        .filter(pl.col("stage_no") < pl.col("place"))["product_id"]
        .unique()
    )
    today = exposures.filter(pl.col("product_id").is_in(has_inputs.implode()))
    if today.is_empty():
        raise UsageError(
            f"no product has a stage {stage_id!r} with another one before it; stages are "
            f"{', '.join(programme.settings.stage_ids)}",
            code="S133",
        )
    host = str(programme["parties"].filter(pl.col("role") == "host")["country_id"][0])
    changed = _made_at_home(today, stage_id, host)
    found = run(Inputs(programme=programme, before=today, after=changed), options)
    inside = {host, *programme["countries"].filter("is_in_bloc")["country_id"]}
    rows = _rows(today, changed, inside, stage_id)
    short = found.shortages.pivot("when", index="product_id", values="shortage_share")
    packs = programme["demand"].group_by("product_id").agg(weight=pl.col("quantity").sum())
    table = (
        rows.join(
            short.rename({"before": "shortage_before", "after": "shortage_after"}),
            on="product_id",
        )
        .join(packs, on="product_id")
        .sort("product_id")
    )

    def mean(name: str) -> float:
        total = float(table["weight"].sum())
        return float((table[name] * table["weight"]).sum()) / total if total > 0 else 0.0

    return LocalStage(
        stage_id=stage_id,
        products=table.drop("weight"),
        home_before=mean("home_before"),
        home_after=mean("home_after"),
        bottleneck_before=mean("bottleneck_before"),
        bottleneck_after=mean("bottleneck_after"),
        shortage_before=mean("shortage_before"),
        shortage_after=mean("shortage_after"),
    )


def _made_at_home(exposures: pl.DataFrame, stage_id: str, host: str) -> pl.DataFrame:
    is_stage = pl.col("stage_id") == stage_id
    one = (
        exposures.filter(is_stage)
        .unique("product_id", keep="first", maintain_order=True)
        .with_columns(
            country_id=pl.lit(host),
            direct_share=pl.lit(1.0),
            chain_share=pl.lit(1.0),
            hhi=pl.lit(1.0),
        )
    )
    return pl.concat([exposures.filter(~is_stage), one]).sort(
        "product_id", "stage_id", "country_id"
    )


def _rows(
    today: pl.DataFrame, changed: pl.DataFrame, inside: set[str], stage_id: str
) -> pl.DataFrame:
    before, after = _home(today, inside), _home(changed, inside)
    rows = []
    for product, home in before.items():
        old, new = full_cycle(home), full_cycle(after[product])
        rows.append(
            {
                "product_id": product,
                "home_before": home.get(stage_id, 0.0),
                "home_after": after[product].get(stage_id, 0.0),
                "bottleneck_before": old.bottleneck_share,
                "bottleneck_after": new.bottleneck_share,
                "bottleneck_stage_id": new.bottleneck_stage,
                "is_bottleneck_moved": new.bottleneck_share > old.bottleneck_share + 1e-9,
            }
        )
    return pl.DataFrame(rows)


def _home(exposures: pl.DataFrame, inside: set[str]) -> dict[str, dict[str, float]]:
    """Return product → stage → home share."""
    is_home = pl.col("country_id").is_in(sorted(inside))
    shares = exposures.group_by("product_id", "stage_id").agg(
        home=pl.col("chain_share").filter(is_home).sum()
    )
    found: dict[str, dict[str, float]] = {}
    for product, stage, home in shares.sort("product_id", "stage_id").iter_rows():
        found.setdefault(product, {})[stage] = min(1.0, home)
    return found


__all__ = ["LocalStage", "local_stage"]
