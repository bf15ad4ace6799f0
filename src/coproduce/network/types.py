"""What the network room takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from coproduce.records.figures import Figure
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof
from coproduce.records.words import Words

Mode = Literal["joint", "host_alone"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is planned and the law that it is planned under.

    Attributes:
        programme: settings and tables, valid.
        law: the law tables (`records.handover.LAW_TABLES`) made for this programme.
    """

    programme: Programme
    law: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Options:
    """How to plan.

    Attributes:
        mode: ``joint`` uses what both sides can do and the deal's terms; ``host_alone`` uses the
            host's companies only, at the host's own capital cost and time.
        deal_id: form of the deal; empty: the programme's own choice.
        scenario_id: the future to plan for; empty: the programme's own choice.
        gap_share: how close to the bound is close enough.
        time_limit_s: most wall-clock seconds for the search.
        seed: seed of the search.
        threads: cores for the search.
        progress: told the share done and what is being done.
    """

    mode: Mode = "joint"
    deal_id: str = ""
    scenario_id: str = ""
    gap_share: float = 0.01
    time_limit_s: float = 300.0
    seed: int = 0
    threads: int = 2
    progress: Callable[[float, str], None] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The plan and its proof.

    Attributes:
        finding: the answer in one sentence.
        tables: the plan tables (`records.handover.PLAN_TABLES`), valid.
        proof: objective and bound, base currency mn of the base year, and how they were found.
        binding: what holds the plan back: ``kind`` (limit, capacity, source or demand), ``id``,
            ``year``, ``worth_mn`` (base mn more for one more unit of it), ``unit``, ``step``
            (units that rows are compared by: a line's smallest module, else one); of lines, only
            those with a module.
        left_out: pairs cut before the model: ``kind``, ``id``, ``reason_en``, ``reason_ru``.
        rejected: products that were not made although their stage could be: ``product_id``,
            ``stage_id``, ``margin_mn_per_unit`` and ``needed_rise_share`` (rise of the price of
            the stage's output that would pay for its part of a plant, above nil; what would pay
            at today's price and is kept out by something else is in `reasons`).
        assumed_share: share of all cash, by absolute value, that rests on assumed or
            synthetic facts; payments between plants and trade are left out.
        reasons, warnings: why the plan is as it is; what a reader should know.
        figures: every number that a report may print.
    """

    finding: Words
    tables: Mapping[str, pl.DataFrame]
    proof: Proof
    binding: pl.DataFrame
    left_out: pl.DataFrame
    rejected: pl.DataFrame
    assumed_share: float
    reasons: tuple[Words, ...] = ()
    warnings: tuple[Words, ...] = ()
    figures: tuple[Figure, ...] = ()
