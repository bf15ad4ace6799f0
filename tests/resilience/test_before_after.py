"""Today, the plan and the plan with each safeguard: one answer, reckoned in more than one way."""

from __future__ import annotations

import polars as pl
import pytest

from coproduce import dependence, resilience
from coproduce.records.programme import Programme
from coproduce.resilience.measures.cuts import smallest_cut
from coproduce.resilience.measures.programme_graph import graphs
from coproduce.resilience.measures.supply_graph import Maker, SupplyGraph
from coproduce.resilience.safeguards import compare, read_safeguards
from coproduce.resilience.with_safeguard import Change, Supply, graph_with, is_cut_by_one
from tests import worlds
from tests.report.made import plan_tables

VALUE_MN = 1000.0
FACTOR = 1.25


def exposures(
    world: Programme, *, with_plan: bool = False, year: int | None = None
) -> pl.DataFrame:
    plan = plan_tables() if with_plan else None
    options = dependence.Options(year=year, is_explained=False)
    return dependence.run(dependence.Inputs(world, plan), options).exposures


def compared(world: Programme) -> resilience.Safety:
    today, after = exposures(world), exposures(world, with_plan=True)
    weakest = resilience.run(
        resilience.Inputs(world, today, after), resilience.Options(capacity_factor=FACTOR)
    ).weakest
    by_year = {year: exposures(world, with_plan=True, year=year) for year in (2027, 2032)}
    return resilience.safety(
        resilience.SafetyInputs(world, today, after, weakest, plan_tables(), by_year, VALUE_MN),
        resilience.Options(capacity_factor=FACTOR),
    )


@pytest.fixture(scope="module")
def world() -> Programme:
    return worlds.programme()


@pytest.fixture(scope="module")
def found(world: Programme) -> resilience.Safety:
    return compared(world)


def state(found: resilience.Safety, state_id: str) -> dict[str, float]:
    return found.states.row(by_predicate=pl.col("state_id") == state_id, named=True)


def test_today_and_the_plan_come_first_and_have_no_cost(found: resilience.Safety) -> None:
    assert found.states["state_id"].to_list()[:2] == ["today", "plan"]
    assert found.states["cost_mn"].to_list()[:2] == [0.0, 0.0]


def test_the_headline_and_the_comparison_say_the_same(
    world: Programme, found: resilience.Safety
) -> None:
    headline = resilience.run(
        resilience.Inputs(world, exposures(world), exposures(world, with_plan=True)),
        resilience.Options(capacity_factor=FACTOR),
    )
    assert headline.before
    assert headline.after
    assert state(found, "today")["shortage_share"] == pytest.approx(headline.before.shortage_share)
    assert state(found, "plan")["shortage_share"] == pytest.approx(headline.after.shortage_share)


def test_what_is_avoided_is_the_difference_to_the_plan(found: resilience.Safety) -> None:
    plan = state(found, "plan")["shortage_share"]
    for row in found.states.filter(pl.col("avoided_share").is_not_null()).iter_rows(named=True):
        assert row["avoided_share"] == pytest.approx(plan - row["shortage_share"])
        assert row["cost_mn"] == pytest.approx(VALUE_MN * row["cost_share"])


def test_the_cheapest_for_a_target_reaches_it_and_none_cheaper_does(
    found: resilience.Safety,
) -> None:
    for row in found.states.filter(pl.col("cheapest_for") != "").iter_rows(named=True):
        for target in map(float, row["cheapest_for"].split()):
            assert row["shortage_share"] <= target
            others = found.states.filter(
                (pl.col("state_id") != "today") & (pl.col("shortage_share") <= target)
            )
            assert others["cost_share"].min() == pytest.approx(row["cost_share"])


@pytest.mark.parametrize("kind", ["second_source", "local_stage"])
def test_new_sources_are_put_where_the_comparison_puts_them(world: Programme, kind: str) -> None:
    """The shares with the safeguard, reckoned as a state of their own, give its shortage."""
    after = exposures(world, with_plan=True)
    supply = Supply(world, after, FACTOR)
    for one in (one for one in read_safeguards() if one.kind == kind):
        stages = world.settings.stage_ids if kind == "local_stage" else ("",)
        for stage_id in stages:
            rows = []
            for product, old in supply.stages.items():
                change = supply.change(product, one, stage_id)
                new = supply.changed(product, change) if change else old
                rows += [
                    (product, stage, country, share)
                    for stage, sources in new.items()
                    for country, share in sources.items()
                ]
            columns = ["product_id", "stage_id", "country_id", "chain_share"]
            state = pl.DataFrame(rows, schema=columns, orient="row")
            other = compare(world, after, safeguards=[one], capacity_factor=FACTOR)
            options = other.local_stages if stage_id else other.options
            said = next(option for option in options if option.stage_id == stage_id)
            alone = compare(world, state, safeguards=(), capacity_factor=FACTOR)
            assert alone.shortage_share == pytest.approx(said.shortage_share)


def test_stock_and_contracts_do_not_change_who_supplies(found: resilience.Safety) -> None:
    plan = state(found, "plan")
    kept = ("products_cut_by_one_source", "effective_sources", "bottleneck_share")
    for row in found.states.filter(
        pl.col("kind").is_in(["stock", "mandated_stock", "framework", "penalty"])
    ).iter_rows(named=True):
        assert [row[name] for name in kept] == [pytest.approx(plan[name]) for name in kept]


def test_a_local_stage_from_imported_inputs_leaves_the_bottleneck_where_it_is(
    found: resilience.Safety,
) -> None:
    assert found.local_stage_id == "api"
    rows = found.local_stage
    assert (rows["home_after"] == 1.0).all()
    assert rows["bottleneck_after"].to_list() == rows["bottleneck_before"].to_list()
    assert "api" not in set(rows["bottleneck_stage_id"]), "another stage is the narrow one"


def test_one_failure_is_found_without_a_solver_as_with_one(world: Programme) -> None:
    for plan in (None, plan_tables()):
        for graph in graphs(world, plan).by_product.values():
            assert is_cut_by_one(graph) == (smallest_cut(graph).size == 1)


def test_a_second_source_lifts_a_cut_of_one() -> None:
    need = ("HO", "p", "s")
    graph = SupplyGraph(need, {need: (Maker("a", "A"),)})
    assert is_cut_by_one(graph)
    assert not is_cut_by_one(graph_with(graph, Change("s", "B", 0.3)))
    assert is_cut_by_one(graph_with(graph, Change("s", "HO", 1.0, is_only_home=True)))


def test_the_years_run_from_today_to_the_plan(found: resilience.Safety) -> None:
    then = found.over_time.filter(pl.col("state") == "after").sort("time")
    assert then["mean"][-1] == pytest.approx(state(found, "plan")["shortage_share"])
    assert (then["low"] <= then["mean"]).all()


def test_without_failure_rates_nothing_is_compared_and_that_is_said() -> None:
    bare = worlds.programme(disruptions=lambda rows: rows.clear())
    found = resilience.safety(
        resilience.SafetyInputs(
            bare,
            exposures(bare),
            exposures(bare),
            pl.DataFrame(),
            plan_tables(),
            {},
            VALUE_MN,
        )
    )
    assert found.states.is_empty()
    assert "not compared" in found.finding.en


def test_costs_are_marked_as_assumed(found: resilience.Safety) -> None:
    costs = [one for one in found.figures if one.figure_id.endswith(".cost")]
    assert costs
    assert {one.status for one in costs} <= {"assumed", "synthetic"}
    assert all("assumed" in one.note for one in costs)
