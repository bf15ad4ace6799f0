"""The room's one call: from a programme and its law to a plan with proof."""

from __future__ import annotations

import numpy as np
import polars as pl

from coproduce.engines import lp
from coproduce.network.case import Case, Floats
from coproduce.network.cash import objective
from coproduce.network.checks import check_inputs, result_warnings
from coproduce.network.distribute import distribute
from coproduce.network.explain import (
    assumed_share,
    binding_table,
    cuts_table,
    finding,
    reasons,
    rejected_table,
)
from coproduce.network.freight import FreightPrices, freight_prices
from coproduce.network.limits import add_limits, raise_conflict
from coproduce.network.model import Assembly, Model
from coproduce.network.pooled import Pooled, inland_charged, read, start_overpaid, tonnes_moved
from coproduce.network.prepare import prepare
from coproduce.network.printed import figures
from coproduce.network.search import Found, search
from coproduce.network.tables import plan_tables
from coproduce.network.types import Inputs, Options, Result
from coproduce.records.errors import ModelError, VerificationFailed
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof


def run(inputs: Inputs, options: Options) -> Result:
    """Return the plan of highest expected after-tax net present value, with its proof.

    Raises:
        InfeasiblePlan: the limits conflict; names the smallest set found.
        ModelError: a table of the programme or of the law lacks what the plan needs; or time or
            Ctrl-C ended the search before any plan was found (``N021``).
        VerificationFailed: the cash of the tables and the solver's value differ.

    Source: the model is derived in ``docs/method/network.md``.
    """
    check_inputs(inputs)
    programme = inputs.programme
    case = prepare(inputs, options)
    try:
        pool = _Pool(case, programme["limits"])
    except KeyboardInterrupt:
        raise _too_early(True, options) from None
    model = pool.model
    # A part of the gap is left for freight, which the pool only bounds from below.
    answers = search(case, model, options, 0.7 * options.gap_share, pool.reprice)
    _refuse_without_answer(model, answers[0], programme, options)
    drawn = [_draw(case, pool, found) for found in answers]
    found, pooled, tables = max(drawn, key=lambda one: objective(case, one[2]["cash"]))
    proof = _proof(case, tables["cash"], found, options, programme)
    rejected = rejected_table(case, pooled)
    binding = binding_table(case, model, found, programme["limits"])
    share = assumed_share(tables["cash"])
    return Result(
        finding=finding(programme, tables, proof),
        tables=tables,
        proof=proof,
        binding=binding,
        left_out=cuts_table(case),
        rejected=rejected.filter(pl.col("needed_rise_share") > 0),
        assumed_share=share,
        reasons=reasons(programme, case, tables, rejected),
        warnings=result_warnings(case, options, proof, share, found.was_interrupted),
        figures=figures(programme, inputs.law, case, tables, proof, share),
    )


def _draw(case: Case, pool: _Pool, found: Found) -> tuple[Found, Pooled, dict[str, pl.DataFrame]]:
    """Return an answer with its plan distributed by zone, freight exact."""
    pooled = read(case, pool.model.columns, found.x)
    tables = plan_tables(case, pooled, distribute(case, pooled))
    _agree(case, pooled, pool.freight, tables, found, pool.model)
    return found, pooled, tables


class _Pool:
    """The model of a case with freight prices that follow where the plan tends."""

    def __init__(self, case: Case, limits: pl.DataFrame) -> None:
        self.case, self.limits = case, limits
        self.freight = freight_prices(case)
        self.model = assemble(case, self.freight, limits)

    def reprice(self, x: Floats) -> Model:
        """Return the model under freight prices that are tight for what moves at `x`."""
        moved = tonnes_moved(self.case, self.model.columns, x)
        self.freight = freight_prices(self.case, moved)
        self.model = assemble(self.case, self.freight, self.limits)
        return self.model


def assemble(case: Case, freight: FreightPrices, limits: pl.DataFrame) -> Model:
    """Return the model of a case with the user's limits."""
    assembly = Assembly(case, freight)
    assembly.add_all()
    add_limits(assembly, limits)
    return assembly.model()


def _refuse_without_answer(
    model: Model, found: Found, programme: Programme, options: Options
) -> None:
    if found.x.size:
        return
    if found.status == "infeasible" and model.is_limited:
        raise_conflict(model, programme["limits"], seed=options.seed, threads=options.threads)
    raise _too_early(found.was_interrupted, options)


def _too_early(was_interrupted: bool, options: Options) -> ModelError:
    if was_interrupted:
        return ModelError("stopped before any plan was found; give it more time", code="N021")
    return ModelError(
        f"no plan was found within {options.time_limit_s:g} s; allow more time or a wider gap",
        code="N021",
    )


def _proof(
    case: Case, cash: pl.DataFrame, found: Found, options: Options, programme: Programme
) -> Proof:
    value, bound = objective(case, cash), found.bound
    if abs(bound - value) <= 1e-6:
        bound = value  # both are nothing but rounding apart
    bound = max(bound, value)
    gap = abs(bound - value) / max(1e-9, abs(value))
    settings = programme.settings
    return Proof(
        status="optimal" if gap <= options.gap_share else "feasible",
        objective=value,
        bound=bound,
        gap_share=gap,
        seconds=found.seconds,
        seed=options.seed,
        engine=lp.engine_version(),
        unit=f"{settings.currency} mn of {settings.base_year}",
    )


def _agree(
    case: Case,
    pooled: Pooled,
    freight: FreightPrices,
    tables: dict[str, pl.DataFrame],
    found: Found,
    model: Model,
) -> None:
    """The tables' cash must be the solver's value less the freight that the pool left out."""
    charged = inland_charged(case, pooled, freight)
    paid = _inland_paid(case, tables, pooled)
    worth = case.discount_by_year.copy()
    worth[-1] += case.annuity * case.discount_by_year[-1]
    worth *= 1.0 - case.trade_rate_by_year
    expected = found.value - float(((paid - charged) * worth).sum())
    overpaid = start_overpaid(case, pooled, model.columns, found.x)
    kept = case.discount_by_year * (1.0 - case.trade_rate_by_year)
    expected += float((overpaid * kept).sum())
    value = objective(case, tables["cash"])
    scale = max(1.0, abs(found.value), float(tables["cash"]["value_mn"].abs().sum()) * 1e-3)
    if abs(expected - value) > 1e-6 * scale:
        raise VerificationFailed(
            f"the plan's cash is worth {value:.6f}, the model says {expected:.6f}", code="N022"
        )


def _inland_paid(case: Case, tables: dict[str, pl.DataFrame], pooled: Pooled) -> Floats:
    out = np.zeros(len(case.years))
    for year, paid in tables["flows"].select("year", "freight_mn").iter_rows():
        out[case.years.index(year)] += paid
    for (key, source_id), bought in pooled.buy.items():
        supply = next(s for s in case.parts[key].supplies if s.source_id == source_id)
        out -= bought * supply.freight_by_year
    return out
