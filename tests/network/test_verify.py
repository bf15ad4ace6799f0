"""The checker finds every planted error and lets an honest plan pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from tests.worlds import law, programme

from coproduce.network import Inputs, Options, Result, run, verify_plan
from coproduce.records.errors import VerificationFailed
from coproduce.records.handover import PLAN_TABLES
from coproduce.records.programme import Programme

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def world() -> Programme:
    return programme()


@pytest.fixture(scope="module")
def rules(world: Programme) -> Tables:
    return law(world)


@pytest.fixture(scope="module")
def plan(world: Programme, rules: Tables) -> Result:
    return run(Inputs(world, rules), Options(threads=1))


@pytest.mark.parametrize("mode", ["joint", "host_alone"])
@pytest.mark.parametrize("gap_share", [0.01, 0.2])
def test_an_honest_plan_passes(
    world: Programme, rules: Tables, mode: str, gap_share: float
) -> None:
    made = run(Inputs(world, rules), Options(mode=mode, gap_share=gap_share, threads=1))  # type: ignore[arg-type]
    verify_plan(world, rules, made.tables, made.proof, mode=mode)
    assert made.proof.gap_share <= gap_share


def test_the_tables_are_what_the_contract_declares(plan: Result) -> None:
    assert set(plan.tables) == set(PLAN_TABLES)
    for name, schema in PLAN_TABLES.items():
        assert schema.is_valid(plan.tables[name]), name
        assert plan.tables[name].height > 0, name


def test_the_cash_discounted_is_the_stated_value(world: Programme, plan: Result) -> None:
    rate = world["parties"].filter(pl.col("role") == "host")["discount_rate_share"][0]
    years = plan.tables["cash"]["year"] - world.settings.base_year
    worth = (plan.tables["cash"]["value_mn"] / (1 + rate) ** years).sum()
    assert worth == pytest.approx(plan.proof.objective, rel=1e-9)


def _scaled(table: str, column: str, factor: float = 1.01) -> Callable[[Tables], Tables]:
    def change(tables: Tables) -> Tables:
        frame = tables[table].with_row_index("at")
        first = pl.col("at") == 0
        changed = frame.with_columns(
            pl.when(first).then(pl.col(column) * factor).otherwise(pl.col(column)).alias(column)
        )
        return {**tables, table: changed.drop("at")}

    return change


def _set(table: str, column: str, to: object) -> Callable[[Tables], Tables]:
    def change(tables: Tables) -> Tables:
        frame = tables[table].with_row_index("at")
        changed = frame.with_columns(
            pl.when(pl.col("at") == 0)
            .then(pl.lit(to).cast(frame.schema[column]))
            .otherwise(pl.col(column))
            .alias(column)
        )
        return {**tables, table: changed.drop("at")}

    return change


def _without_first(table: str) -> Callable[[Tables], Tables]:
    return lambda tables: {**tables, table: tables[table].slice(1)}


@pytest.mark.parametrize(
    ("tamper", "finds"),
    [
        (_set("openings", "first_output_year", 2028), "output can start in"),
        (_scaled("openings", "capex_mn", 0.9), "capital cost should be"),
        (_scaled("openings", "capacity_per_year", 2.0), "capacity is not that of its modules"),
        (_set("openings", "modules", 9), "more modules than fit"),
        (_set("openings", "technology_id", "packing"), "openings"),
        (_set("openings", "site_id", "site_two"), "no evidence"),
        (_without_first("openings"), "used of 0"),
        (_scaled("production", "quantity", 1.5), "balance"),
        (_scaled("production", "capacity_used", 0.5), "capacity used should be"),
        (_set("production", "stage_id", "intermediate"), "nobody of the parties"),
        (_without_first("production"), "balance"),
        (_scaled("purchases", "quantity", 0.5), "balance"),
        (_scaled("purchases", "cost_mn", 0.9), "price, freight and duty come to"),
        (_set("purchases", "source_id", "s02"), "does not supply the host"),
        (_scaled("sales", "quantity", 1.2), "balance"),
        (_scaled("sales", "revenue_mn", 1.1), "revenue should be"),
        (_set("sales", "standing_id", "foreign"), "the law gives it the standing"),
        (_without_first("sales"), "its share is"),
        (_set("sales", "stages_inside", "intermediate+api+fdf+pack"), "made inside"),
        (_scaled("supply", "demand", 2.0), "demand is"),
        (_scaled("supply", "others_outside", 0.5), "do not add up"),
        (_without_first("supply"), "the row is missing"),
        (_scaled("flows", "quantity", 0.5), "is there to move"),
        (_scaled("flows", "freight_mn", 0.5), "freight should be"),
        (_scaled("flows", "tonnes", 0.5), "weighs"),
        (_scaled("cash", "value_mn", 1.001), "counted"),
        (_set("cash", "item", "freight"), "counted"),
        (_without_first("cash"), "counted"),
    ],
)
def test_a_planted_error_is_named(
    world: Programme,
    rules: Tables,
    plan: Result,
    tamper: Callable[[Tables], Tables],
    finds: str,
) -> None:
    with pytest.raises(VerificationFailed, match=finds):
        verify_plan(world, rules, tamper(dict(plan.tables)), plan.proof)


@pytest.mark.parametrize(
    ("field", "factor", "finds"),
    [
        ("objective", 1.01, "the cash is worth"),
        ("bound", 0.5, "the bound is below the value"),
        ("gap_share", 0.5, "the gap is"),
    ],
)
def test_a_proof_that_is_not_true_is_refused(
    world: Programme, rules: Tables, plan: Result, field: str, factor: float, finds: str
) -> None:
    proof = replace(plan.proof, **{field: getattr(plan.proof, field) * factor})
    with pytest.raises(VerificationFailed, match=finds):
        verify_plan(world, rules, plan.tables, proof)


def test_relief_above_the_capital_spent_is_refused(
    world: Programme, rules: Tables, plan: Result
) -> None:
    more = plan.tables["cash"].with_columns(
        value_mn=pl.when(pl.col("item") == "tax_relief")
        .then(pl.col("value_mn") * 1.5)
        .otherwise(pl.col("value_mn"))
    )
    with pytest.raises(VerificationFailed, match="above capital"):
        verify_plan(world, rules, {**plan.tables, "cash": more}, plan.proof)


def test_a_plan_made_under_other_terms_does_not_pass(
    world: Programme, rules: Tables, plan: Result
) -> None:
    with pytest.raises(VerificationFailed, match="capital cost should be"):
        verify_plan(world, rules, plan.tables, plan.proof, mode="host_alone")


def test_figures_name_rows_that_exist(world: Programme, plan: Result) -> None:
    tables = {name.split(":")[0] for figure in plan.figures for name in figure.rows}
    assert tables <= set(world.tables)
    ids = [figure.figure_id for figure in plan.figures]
    assert len(ids) == len(set(ids))
    known = set(ids)
    assert all(set(figure.parts) <= known for figure in plan.figures)
    npv = next(figure for figure in plan.figures if figure.figure_id == "network.npv")
    assert npv.value == plan.proof.objective
    assert npv.rules


def test_each_opened_site_has_its_reason(plan: Result, world: Programme) -> None:
    names = dict(world["sites"].select("site_id", "name_en").iter_rows())
    said = " ".join(reason.en for reason in plan.reasons)
    for site_id in plan.tables["openings"]["site_id"].unique():
        assert names[site_id] in said
