"""Few lines in the relaxation, all of them in its bound; what is closed is in no better plan."""

from __future__ import annotations

import polars as pl
import pytest
from tests.network.worlds import shop, shop_law
from tests.worlds import law, programme

from coproduce.engines import lp
from coproduce.network import Inputs, Options
from coproduce.network import by_line as module
from coproduce.network.by_line import ByLine
from coproduce.network.case import Case
from coproduce.network.cuts import Separator
from coproduce.network.freight import freight_prices
from coproduce.network.model import Model
from coproduce.network.plan import assemble
from coproduce.network.prepare import prepare
from coproduce.records.programme import Programme

DEAR = (1.0, 1.1, 1.4, 3.0, 9.0)


def shops() -> Programme:
    """Return the shop with five sites, each dearer than the one before."""
    changes = {
        "sites": lambda t: pl.concat(
            [t.with_columns(site_id=pl.lit(f"s{n}")) for n in range(len(DEAR))]
        ),
        "site_technologies": lambda t: pl.concat(
            [
                t.with_columns(site_id=pl.lit(f"s{n}"), capex_factor=pl.lit(factor))
                for n, factor in enumerate(DEAR)
            ]
        ),
    }
    return shop(**changes)


def made(world: Programme, is_shop: bool) -> tuple[Case, Model]:
    rules = shop_law(world) if is_shop else law(world)
    case = prepare(Inputs(world, rules), Options())
    return case, assemble(case, freight_prices(case), world["limits"])


WORLDS = pytest.mark.parametrize("is_shop", [True, False], ids=["shops", "two regions"])


@WORLDS
@pytest.mark.parametrize("first", [0, 1, 9])
def test_lines_priced_in_give_the_relaxation_of_all_lines(
    is_shop: bool, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_LINES", first)
    case, model = made(shops() if is_shop else programme(), is_shop)
    whole = lp.solve(model.problem.relaxed(), threads=1)
    lines = ByLine(case, model)
    relaxed, priced = lines.relax(lp.Relaxation(model.problem, threads=1))
    assert priced is not None
    assert relaxed.objective == pytest.approx(whole.objective, rel=1e-7, abs=1e-6)
    # Whole modules by line can only sharpen it; they never cut off a plan.
    best = lp.solve(model.problem, threads=1)
    assert priced.bound <= whole.objective + 1e-6
    assert priced.bound >= best.objective - 1e-6


@WORLDS
def test_a_bound_from_few_lines_holds_for_all_of_them(is_shop: bool) -> None:
    case, model = made(shops() if is_shop else programme(), is_shop)
    best = lp.solve(model.problem, threads=1)
    lines = ByLine(case, model)
    lines.closed = set(lines.lines)  # nothing is in the relaxation at all
    relaxation = lp.Relaxation(model.problem, threads=1)
    relaxation.set_upper(lines._columns(lines.closed), 0.0 * lines._columns(lines.closed))
    priced = lines.price(model.problem, relaxation.solve())
    assert priced.bound >= best.objective - 1e-6
    assert priced.entering


@WORLDS
def test_what_is_closed_or_held_keeps_the_best_plan(is_shop: bool) -> None:
    case, model = made(shops() if is_shop else programme(), is_shop)
    best = lp.solve(model.problem, threads=1)
    relaxation = lp.Relaxation(model.problem, threads=1)
    lines = ByLine(case, model)

    def tighten(found: lp.Solution) -> lp.Solution:
        separate = Separator(case, model.columns)
        return relaxation.tighten(found, separate, rounds=5, least_gain_share=0.0)

    _, priced = lines.relax(relaxation, tighten)
    assert priced is not None
    rest = lines.without_hopeless(model, priced, best.objective)
    assert (rest.col_upper <= model.problem.col_upper).all()
    assert (rest.col_lower >= model.problem.col_lower).all()
    assert lp.solve(rest, threads=1).objective == pytest.approx(best.objective)


def test_a_dear_line_never_enters_the_relaxation() -> None:
    case, model = made(shops(), True)
    lines = ByLine(case, model)
    relaxed, priced = lines.relax(lp.Relaxation(model.problem, threads=1))
    assert relaxed.status == "optimal"
    assert priced is not None
    dearest = max(lines.lines, key=lambda n: DEAR[int(case.lines[n].site_id[1:])])
    assert dearest in lines.closed


def test_a_line_with_too_many_schedules_is_never_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SCHEDULES", 1)
    case, model = made(shops(), True)
    best = lp.solve(model.problem, threads=1)
    lines = ByLine(case, model)
    assert not lines.closed
    _, priced = lines.relax(lp.Relaxation(model.problem, threads=1))
    assert priced is not None
    assert not priced.worth
    assert priced.losses() == {}
    rest = lines.without_hopeless(model, priced, best.objective)
    assert lp.solve(rest, threads=1).objective == pytest.approx(best.objective)
