"""Dependence on the world two_regions, by hand, and on its planted changes."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from coproduce.dependence import Inputs, Options, Result, run
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.handover import PLAN_TABLES
from coproduce.records.programme import Programme
from coproduce.records.words import in_percent
from tests.worlds import programme, rows, settings

WORLD = programme()


def world_with(**changes) -> Programme:
    """Return the world with some tables changed, each by a function."""
    changed = {name: change(WORLD[name]) for name, change in changes.items()}
    return replace(WORLD, tables={**WORLD.tables, **changed})


def measure(world=None, plan=None, **options) -> Result:
    return run(Inputs(world or WORLD, plan), Options(**options))


def chain_share(result: Result, product: str, stage: str, country: str) -> float:
    row = result.exposures.filter(product_id=product, stage_id=stage, country_id=country)
    return row["chain_share"].sum()


def sufficiency(result: Result, product: str) -> dict[str, float]:
    return result.self_sufficiency.filter(product_id=product).row(0, named=True)


def bottleneck(result: Result, product: str, country: str) -> float:
    return result.bottlenecks.filter(product_id=product, country_id=country)["share"].sum()


def supply(**quantities: float) -> pl.DataFrame:
    row = {"product_id": "alpha", "segment_id": "retail", "year": 2030, "demand": 20.0}
    parts = {"own": 0.0, "others_inside": 0.0, "others_outside": 0.0, "unmet": 0.0} | quantities
    return PLAN_TABLES["supply"].validate(pl.DataFrame([row | parts]), cast=True)


def made(*entries: tuple[str, float]) -> pl.DataFrame:
    table = [
        {
            "product_id": "alpha",
            "stage_id": stage,
            "site_id": "site_one",
            "technology_id": "any",
            "year": 2030,
            "quantity": quantity,
            "capacity_used": quantity,
        }
        for stage, quantity in entries
    ]
    return PLAN_TABLES["production"].validate(pl.DataFrame(table), cast=True)


def bought(*entries: tuple[str, str, float]) -> pl.DataFrame:
    table = [
        {
            "product_id": "alpha",
            "stage_id": stage,
            "source_id": source,
            "year": 2030,
            "quantity": quantity,
            "cost_mn": 1.0,
        }
        for stage, source, quantity in entries
    ]
    empty = PLAN_TABLES["purchases"].create_empty()
    return PLAN_TABLES["purchases"].validate(pl.DataFrame(table), cast=True) if table else empty


def plan(supplied: pl.DataFrame, production: pl.DataFrame, purchases: pl.DataFrame):
    return {"supply": supplied, "production": production, "purchases": purchases}


@pytest.mark.parametrize(
    ("stage", "country", "share", "reason"),
    [
        ("pack", "HO", 0.50, "as the sources say"),
        ("pack", "PA", 0.50, "as the sources say"),
        ("fdf", "PA", 0.85, "0.5 · 0.7 bought by the host + 0.5 · 1 by the partner"),
        ("fdf", "HO", 0.15, "0.5 · 0.3"),
        ("api", "PA", 0.77, "0.15 · 0.6 + 0.85 · 0.8"),
        ("api", "OT", 0.215, "0.15 · 0.3 + 0.85 · 0.2"),
        ("api", "HO", 0.015, "0.15 · 0.1"),
        ("intermediate", "OT", 0.923, "0.015 · 1 + 0.77 · 0.9 + 0.215 by default"),
        ("intermediate", "PA", 0.077, "0.77 · 0.1"),
    ],
)
def test_demand_is_followed_through_each_makers_own_sources(stage, country, share, reason):
    assert chain_share(measure(), "alpha", stage, country) == pytest.approx(share), reason


def test_direct_shares_and_concentration_are_those_of_the_hosts_market():
    found = measure().concentration.filter(product_id="alpha", stage_id="api").row(0, named=True)
    assert found["hhi"] == pytest.approx(0.6**2 + 0.3**2 + 0.1**2)
    assert (found["top_country_id"], found["top_share"]) == ("PA", pytest.approx(0.6))
    assert found["n_effective"] == pytest.approx(1 / 0.46)
    assert found["outside_share"] == pytest.approx(0.9)
    assert found["hhi_outside"] == pytest.approx((0.6 / 0.9) ** 2 + (0.3 / 0.9) ** 2)


def test_bottleneck_is_the_largest_share_over_the_stages_and_not_their_product():
    result = measure()
    assert bottleneck(result, "alpha", "PA") == pytest.approx(0.85)
    assert bottleneck(result, "alpha", "OT") == pytest.approx(0.923)


def test_self_sufficiency_is_weighted_by_packs_and_by_value():
    totals = measure().totals
    assert totals.soft_packs_share == pytest.approx((20 * 0.5 + 2 * 0.1) / 22)
    alpha_value, beta_value = 13 * 50 + 7 * 46, 0.5 * 420 + 1.5 * 390
    expected = (alpha_value * 0.5 + beta_value * 0.1) / (alpha_value + beta_value)
    assert totals.soft_value_share == pytest.approx(expected)
    alpha_full = 0.5 * 0.3 * 0.1  # local packs of local tablets of local substance
    assert totals.full_packs_share == pytest.approx((20 * alpha_full + 2 * 0.1) / 22)
    expected = (alpha_value * alpha_full + beta_value * 0.1) / (alpha_value + beta_value)
    assert totals.full_value_share == pytest.approx(expected)
    assert totals.whole_packs_share == pytest.approx(2 * 0.1 / 22), "alpha's first input is bought"
    expected = beta_value * 0.1 / (alpha_value + beta_value)
    assert totals.whole_value_share == pytest.approx(expected)


@pytest.mark.parametrize(
    ("stage_id", "share", "reason"),
    [
        ("pack", 0.5, "only the last stage: the same as soft"),
        ("fdf", 0.5 * 0.3, "local packs of local tablets"),
        ("api", 0.5 * 0.3 * 0.1, "and of local substance"),
        ("intermediate", 0.0, "from the first input on: the same as the whole chain"),
    ],
)
def test_the_full_cycle_begins_where_the_settings_say(stage_id, share, reason):
    world = replace(WORLD, settings=settings(full_cycle_stage_id=stage_id))
    alpha = sufficiency(measure(world), "alpha")
    assert alpha["full_cycle_share"] == pytest.approx(share), reason
    assert (alpha["soft_share"], alpha["whole_chain_share"]) == pytest.approx((0.5, 0.0))


def test_a_product_without_the_stage_is_counted_from_its_first_one():
    alpha = pl.col("product_id") == "alpha"
    world = world_with(
        stages=lambda t: t.filter((pl.col("stage_id") != "api") | alpha),
        bom=lambda t: t.filter((pl.col("stage_id") != "api") | alpha).with_columns(
            input_stage_id=pl.when((pl.col("input_stage_id") != "api") | alpha)
            .then("input_stage_id")
            .otherwise(pl.lit("intermediate"))
        ),
        sources=lambda t: pl.concat(
            [
                t.filter((pl.col("stage_id") != "intermediate") | alpha).with_columns(
                    maker_country_id=pl.when(alpha)
                    .then("maker_country_id")
                    .otherwise("market_country_id")
                ),
                t.filter(source_id="s01").with_columns(
                    source_id=pl.lit("new"), product_id=pl.lit("beta"), share_today=pl.lit(1.0)
                ),
            ]
        ),
    )
    host = world["sources"].filter(source_id="new").row(0, named=True)
    assert (host["market_country_id"], host["maker_country_id"]) == ("HO", "OT")
    beta = sufficiency(measure(world), "beta")
    assert beta["soft_share"] == pytest.approx(1.0)
    assert beta["full_cycle_share"] == 0, "its first input comes from outside"


def test_a_stage_that_only_an_input_product_has_is_counted_too():
    alpha = pl.col("product_id") == "alpha"
    world = world_with(
        stages=lambda t: t.filter(pl.col("stage_id").is_in(["fdf", "pack"]) | alpha),
        bom=lambda t: t.filter(pl.col("stage_id").is_in(["fdf", "pack"]) | alpha).with_columns(
            input_product_id=pl.when(pl.col("stage_id") == "fdf")
            .then(pl.lit("alpha"))
            .otherwise("input_product_id")
        ),
        sources=lambda t: t.with_columns(
            maker_country_id=pl.when(~alpha)
            .then("market_country_id")
            .otherwise("maker_country_id")
        ),
    )
    beta = sufficiency(measure(world), "beta")
    assert beta["soft_share"] == pytest.approx(1.0)
    assert beta["full_cycle_share"] == pytest.approx(0.1), "a tenth of alpha's substance is local"
    assert beta["whole_chain_share"] == 0


def test_inputs_without_rows_are_marked_as_unknown():
    result = measure()
    beta = sufficiency(result, "beta")
    assert (beta["full_cycle_share"], beta["full_unknown_share"]) == pytest.approx((0.1, 0.1))
    assert (beta["whole_chain_share"], beta["unknown_share"]) == pytest.approx((0.1, 0.1))
    alpha = sufficiency(result, "alpha")
    assert alpha["unknown_share"] == 0, "what is unknown upstream of an outside maker is no matter"
    assert any("Blocland" in words.en for words in result.warnings)
    assert any("Союзная земля" in words.ru for words in result.warnings)


def test_an_unknown_first_input_leaves_the_full_cycle_known():
    world = world_with(sources=lambda t: t.filter(pl.col("stage_id") != "intermediate"))
    result = measure(world)
    alpha = sufficiency(result, "alpha")
    assert (alpha["full_cycle_share"], alpha["full_unknown_share"]) == pytest.approx((0.015, 0.0))
    assert (alpha["whole_chain_share"], alpha["unknown_share"]) == pytest.approx((0.015, 0.015))
    notes = {figure.figure_id: figure.note for figure in result.figures}
    assert notes["dependence.full.today.alpha"] == ""
    assert "not known" in notes["dependence.whole.today.alpha"]


def test_a_product_with_a_local_last_stage_and_a_foreign_root_is_listed_as_looking_safe():
    safe = measure().looks_safe
    assert safe["product_id"].to_list() == ["alpha"]
    assert (safe["country_id"][0], safe["stage_id"][0]) == ("OT", "intermediate")
    assert measure(safe_share=0.6).looks_safe.is_empty()
    assert measure(exposed_share=0.95).looks_safe.is_empty()


def test_upstream_china_a_local_substance_from_an_imported_intermediate_stays_exposed():
    """The host makes tablets, packs and substance; the intermediate comes from one country."""
    inside_from_substance = plan(
        supply(own=20.0),
        made(("pack", 20.0), ("fdf", 404.0), ("api", 206.0)),
        bought(("intermediate", "s01", 247.2)),
    )
    result = measure(plan=inside_from_substance)
    assert result.year == 2030
    assert chain_share(result, "alpha", "api", "HO") == pytest.approx(1.0)
    assert bottleneck(result, "alpha", "OT") == pytest.approx(1.0), "exposure did not fall"
    row = result.self_sufficiency.filter(product_id="alpha").row(0, named=True)
    assert (row["soft_share"], row["full_cycle_share"]) == pytest.approx((1.0, 1.0))
    assert row["whole_chain_share"] == 0, "the full cycle of the law is not the whole chain"
    assert "alpha" in result.looks_safe["product_id"].to_list()


def test_with_every_stage_inside_nothing_is_left_of_the_exposure():
    stages = made(("pack", 20.0), ("fdf", 404.0), ("api", 206.0), ("intermediate", 247.2))
    result = measure(plan=plan(supply(own=20.0), stages, bought()))
    assert bottleneck(result, "alpha", "OT") == 0
    row = result.self_sufficiency.filter(product_id="alpha").row(0, named=True)
    assert (row["full_cycle_share"], row["full_unknown_share"]) == pytest.approx((1.0, 0.0))
    assert (row["whole_chain_share"], row["unknown_share"]) == pytest.approx((1.0, 0.0))


def test_plan_makers_buy_their_own_inputs_and_others_as_today():
    half = plan(
        supply(own=10.0, others_inside=4.0, others_outside=6.0),
        made(("pack", 10.0), ("fdf", 202.0)),
        bought(("api", "s06", 60.0), ("api", "s05", 40.0)),
    )
    result = measure(plan=half)
    assert chain_share(result, "alpha", "pack", "HO") == pytest.approx(0.7)
    # The plan's half is all local at fdf; of the others, 0.2 buys 30 % locally, 0.3 is the
    # partner's and buys from the partner.
    assert chain_share(result, "alpha", "fdf", "HO") == pytest.approx(0.5 + 0.2 * 0.3)
    # 60 % of the plan's substance is local; the other local tablets use 10 % local substance.
    assert chain_share(result, "alpha", "api", "HO") == pytest.approx(0.5 * 0.6 + 0.06 * 0.1)
    direct = result.supply_mix.filter(product_id="alpha", stage_id="api", country_id="HO")
    assert direct["share"][0] == pytest.approx((0.5 * 0.6 + 0.06 * 0.1) / 0.56)


def test_unmet_demand_is_nobodys_and_lowers_self_sufficiency():
    result = measure(
        plan=plan(
            supply(own=10.0, unmet=10.0), made(("pack", 10.0)), bought(("fdf", "s10", 202.0))
        )
    )
    row = result.self_sufficiency.filter(product_id="alpha").row(0, named=True)
    assert row["soft_share"] == pytest.approx(0.5)
    assert row["unknown_share"] == pytest.approx(0.0)


def test_a_plan_that_changes_nothing_leaves_every_measure_as_today():
    today = measure()
    same = measure(
        plan=plan(supply(others_inside=10.0, others_outside=10.0), made(("pack", 1e-9)), bought())
    )
    assert_frame_equal(same.exposures, today.exposures)
    assert same.totals == today.totals


def test_a_product_outside_the_plan_is_measured_as_today():
    result = measure(plan=plan(supply(own=20.0), made(("pack", 20.0)), bought()))
    assert_frame_equal(
        result.exposures.filter(product_id="beta"), measure().exposures.filter(product_id="beta")
    )


def test_two_inputs_of_a_stage_are_both_followed():
    extra = rows(
        "bom",
        "product_id|stage_id|input_product_id|input_stage_id|input_per_unit\n"
        "beta|fdf|alpha|api|0.02",
    )
    result = measure(world_with(bom=lambda frame: pl.concat([frame, extra])))
    inputs = result.chain.filter(product_id="beta", stage_id="api")
    assert set(inputs["input_product_id"]) == {"alpha", "beta"}
    need = result.consumption.filter(product_id="beta", input_product_id="alpha", stage_id="api")
    assert need["need_per_year"][0] == pytest.approx(2.0 * 10.1 * 0.02)


def test_apparent_consumption_by_the_trade_files_is_output_plus_imports_less_exports():
    row = measure().trade.row(0, named=True)
    assert (row["hs6"], row["year"]) == ("292429", 2024)
    assert row["imports_t"] == 186.0
    assert row["output_t"] == pytest.approx(20 * 20.2 * 0.51 * 0.015)
    assert row["apparent_t"] == pytest.approx(186.0 + row["output_t"])
    assert row["hhi"] == pytest.approx((2 / 3) ** 2 + (1 / 3) ** 2)
    assert row["top_country_id"] == "PA"


def test_an_import_without_a_weight_leaves_the_tonnes_open_instead_of_too_low():
    world = world_with(
        trade_flows=lambda frame: frame.with_columns(
            quantity_t=pl.when(pl.col("exporter_id") != "OT").then("quantity_t")
        )
    )
    row = measure(world).trade.row(0, named=True)
    assert (row["imports_t"], row["apparent_t"]) == (None, None)


def test_empty_trade_files_give_an_empty_table():
    assert measure(world_with(trade_flows=lambda frame: frame.clear())).trade.is_empty()


def test_row_order_changes_nothing():
    turned = replace(WORLD, tables={name: t.reverse() for name, t in WORLD.tables.items()})
    first, second = measure(), measure(turned)
    assert_frame_equal(first.exposures, second.exposures)
    assert first.finding == second.finding
    assert first.figures == second.figures


def test_figures_name_the_rows_that_made_them_and_their_weakest_status():
    result = measure()
    ids = [figure.figure_id for figure in result.figures]
    assert len(ids) == len(set(ids))
    figure = next(f for f in result.figures if f.figure_id == "dependence.bottleneck.today.alpha")
    assert figure.value == pytest.approx(0.923)
    assert "sources:s02" in figure.rows
    assert "sources:s14" not in figure.rows, "beta's sources say nothing about alpha"
    assert figure.status == "synthetic"
    known = set(ids)
    assert all(part in known for figure in result.figures for part in figure.parts)


def test_the_finding_says_all_three_self_sufficiencies_in_both_languages():
    names = {"api.en": "substance", "api.ru": "субстанция"}
    finding = measure(replace(WORLD, settings=settings(stage_names=names))).finding
    assert finding.en.startswith(
        "Today 46.4% of packs have their last stage made inside the bloc, 2.27% the full cycle "
        "(from “substance” on), 0.909% the whole chain (from “intermediate” on);"
    )
    assert finding.ru.replace("\u00a0", " ").startswith(
        "Сегодня у 46,4 % упаковок внутри союза сделана последняя стадия, у 2,27 % — "
        "полный цикл (со стадии «субстанция»), у 0,909 % — вся цепочка"
    )


def test_the_finding_counts_what_the_programme_counts():
    goods = {"unit.en": "cars", "unit.ru": "вагоны", "goods.en": "cars", "goods.ru": "вагонов"}
    finding = measure(replace(WORLD, settings=settings(finished_goods=goods))).finding
    assert finding.en.startswith("Today 46.4% of cars have their last stage")
    assert "вагонов" in finding.ru
    assert "packs" not in finding.en
    assert "упаков" not in finding.ru


def test_the_first_reason_says_by_packs_and_by_value_what_is_counted():
    result = measure()
    reason, totals = result.reasons[0], result.totals
    for share in (totals.soft_value_share, totals.full_value_share, totals.whole_value_share):
        assert in_percent(share).en in reason.en
        assert in_percent(share).ru in reason.ru
    assert "(for Alpha 500 mg: “Substance”)" in reason.en
    assert "(для продукта «Альфа 500 мг» — «Субстанция»)" in reason.ru


@pytest.mark.parametrize("state", ["today", "plan"])
def test_each_depth_is_a_figure_by_packs_and_by_value_today_and_with_a_plan(state):
    tables = plan(supply(own=20.0), made(("pack", 20.0)), bought(("fdf", "s10", 404.0)))
    result = measure(plan=tables if state == "plan" else None)
    values = {figure.figure_id: figure.value for figure in result.figures}
    for kind in ("soft", "full", "whole"):
        for weight in ("packs", "value"):
            wanted = getattr(result.totals, f"{kind}_{weight}_share")
            assert values[f"dependence.{kind}_{weight}.{state}"] == wanted


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"full_cycle_stage_id": "bulk"}, "no such stage"),
        ({"stage_ids": ("api", "fdf", "pack")}, "a stage of the chain has no place in the order"),
    ],
)
def test_a_stage_without_a_place_in_the_order_is_refused(changes, reason):
    with pytest.raises(ModelError) as caught:
        measure(replace(WORLD, settings=settings(**changes)))
    assert caught.value.code == "D007", reason


BROKEN = {
    "D001": ("parties", lambda t: t.filter(pl.col("role") == "partner"), "no host"),
    "D002": ("sources", lambda t: t.with_columns(share_today=pl.lit(1.0)), "shares over 1"),
    "D004": ("demand", lambda t: t.with_columns(quantity=pl.lit(0.0)), "no demand"),
    "D006": ("prices", lambda t: t.with_columns(currency=pl.lit("XXX")), "no rate"),
}


@pytest.mark.parametrize("code", BROKEN)
def test_input_that_would_give_a_wrong_answer_is_refused(code):
    table, change, _ = BROKEN[code]
    with pytest.raises(ModelError) as caught:
        measure(world_with(**{table: change}))
    assert caught.value.code == code


def test_a_ring_in_the_bill_of_materials_is_named():
    ring = rows(
        "bom",
        "product_id|stage_id|input_product_id|input_stage_id|input_per_unit\n"
        "alpha|intermediate|alpha|fdf|1",
    )
    with pytest.raises(ModelError, match="alpha/fdf → alpha/api → alpha/intermediate"):
        measure(world_with(bom=lambda frame: pl.concat([frame, ring])))


def test_missing_sources_are_unknown_and_not_spread_over_the_others():
    world = world_with(sources=lambda t: t.filter(pl.col("source_id") != "s22"))
    result = measure(world)
    beta = result.self_sufficiency.filter(product_id="beta").row(0, named=True)
    assert beta["unknown_share"] == pytest.approx(0.1)
    known = result.concentration.filter(product_id="beta", stage_id="pack")["known_share"][0]
    assert known == pytest.approx(0.9)
    assert any("10.0% of supply has no source row" in words.en for words in result.warnings)


@pytest.mark.parametrize(
    ("given", "year", "reason"),
    [
        (None, 2030, "a year needs a plan"),
        ({}, None, "tables are missing"),
        ("whole", 2031, "the plan has no such year"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(given, year, reason):
    whole = plan(supply(own=20.0), made(("pack", 20.0)), bought())
    with pytest.raises(UsageError) as caught:
        measure(plan=whole if given == "whole" else given, year=year)
    assert caught.value.code == "D003", reason


def test_a_plan_of_another_programme_is_refused():
    other = plan(supply(own=20.0), made(("pack", 20.0)), bought(("fdf", "s99", 1.0)))
    with pytest.raises(UsageError, match="purchases names s99"):
        measure(plan=other)
