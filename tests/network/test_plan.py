"""Plans of tiny worlds are worth what the back of an envelope says, and for the right reason."""

from __future__ import annotations

import _thread
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from tests.network.worlds import Law, planned, shop, shop_law, value
from tests.worlds import law, programme, rows

from coproduce.engines import lp
from coproduce.network import Inputs, Options, Result, run, verify_plan
from coproduce.network.by_line import ByLine
from coproduce.network.checks import result_warnings
from coproduce.network.cuts import Separator
from coproduce.network.explain import assumed_share
from coproduce.network.freight import FINISHED, Tonnes, freight_prices, km_cost
from coproduce.network.model import Model
from coproduce.network.plan import assemble
from coproduce.network.prepare import prepare
from coproduce.network.search import search
from coproduce.records.errors import InfeasiblePlan, ModelError, VerificationFailed
from coproduce.records.handover import PLAN_TABLES
from coproduce.records.programme import Programme

# Ordered in 2027, sold in 2028, 2029 and 2030, each year:
#   8 mn packs (40 % of 20) at 80                      640
#   16 t of substance at 1                             -16
#   variable cost 8 x 5                                -40
#   fixed cost                                         -12
#   operating                                          572
#   tax 25 % of (572 - 90 / 3 written off)          -135.5
#   after tax                                        436.5
# three years less capital: 3 x 436.5 - 90 =        1219.5
WORTH_MN = 1219.5
YEARLY_MN = 436.5


def _site(regime_id: str) -> pl.DataFrame:
    return shop()["sites"].with_columns(regime_id=pl.lit(regime_id))


def _uncapped(tax: pl.DataFrame) -> pl.DataFrame:
    return tax.with_columns(is_relief_capped=pl.lit(False))


def test_a_plant_is_worth_the_sum_by_hand() -> None:
    result = planned(shop(), shop_law(shop()))
    assert result.proof.objective == pytest.approx(WORTH_MN)
    assert result.proof.status == "optimal"
    assert result.proof.bound >= result.proof.objective
    assert result.tables["openings"].select("year", "modules", "first_output_year").rows() == [
        (2027, 1, 2028)
    ]


def test_cash_is_discounted_from_its_year_to_the_base_year() -> None:
    rate = lambda t: t.with_columns(discount_rate_share=pl.lit(0.1))  # noqa: E731
    expected = -90 / 1.1 + sum(YEARLY_MN / 1.1**n for n in (2, 3, 4))
    assert value(shop(parties=rate)) == pytest.approx(expected)


def test_the_years_after_the_horizon_count_at_last_years_cash() -> None:
    longer = lambda t: t.with_columns(  # noqa: E731
        value=pl.when(pl.col("parameter_id") == "terminal_years").then(2.0).otherwise("value")
    )
    # Nothing is written off after the horizon: 2 x 572 x 0.75 more.
    assert value(shop(parameters=longer)) == pytest.approx(WORTH_MN + 2 * 572 * 0.75)


def _with_parameters(**wanted: float) -> Any:
    return lambda t: t.with_columns(
        value=pl.col("parameter_id").replace_strict(wanted, default=pl.col("value"))
    )


def test_selling_costs_a_share_of_sales_after_tax() -> None:
    dear = shop(parameters=_with_parameters(overhead_share=0.1))
    # A tenth of 640 in each of three years, a quarter of it saved as tax.
    assert value(dear) == pytest.approx(WORTH_MN - 3 * 64 * 0.75)


def test_money_tied_up_by_sales_comes_back_after_the_horizon() -> None:
    rate = lambda t: t.with_columns(discount_rate_share=pl.lit(0.1))  # noqa: E731
    free = value(shop(parties=rate))
    tied = value(shop(parties=rate, parameters=_with_parameters(working_capital_share=0.25)))
    # 160 goes out in 2028 and comes back at the end of 2030, the last year counted.
    assert tied == pytest.approx(free - 160 / 1.1**2 + 160 / 1.1**4)


def test_a_plant_that_comes_too_late_is_not_built() -> None:
    world = shop()
    late = shop_law(world, lead_times=lambda t: t.with_columns(months=pl.lit(16.0)))
    result = planned(world, late)
    assert result.proof.objective == 0.0
    assert result.tables["openings"].is_empty()
    assert "reach beyond 2030" in result.left_out["reason_en"].to_list()[-1]
    assert "builds nothing" in result.finding.en


@pytest.mark.parametrize(
    ("months", "first_year"),
    [
        (0.0, 2028),  # 6 months of construction end within the first year
        (2.0, 2028),  # 6 + 3 x 2 = 12 months: exactly a year
        (2.1, 2029),  # a week more costs a whole year
    ],
)
def test_lead_times_in_a_row_round_up_to_years(months: float, first_year: int) -> None:
    world = shop()
    rules = shop_law(world, lead_times=lambda t: t.with_columns(months=pl.lit(months)))
    openings = planned(world, rules).tables["openings"]
    assert openings["first_output_year"].to_list() == [first_year]


def _prepared(months: float) -> Any:
    is_it = pl.col("parameter_id") == "preparation_months"
    return lambda t: t.with_columns(value=pl.when(is_it).then(months).otherwise("value"))


@pytest.mark.parametrize(
    ("months", "mode", "ordered", "first_year"),
    [
        (0.0, "joint", 2027, 2028),
        (0.1, "joint", 2028, 2029),  # a few days of talks cost the year of the order
        (12.0, "joint", 2028, 2029),
        (12.5, "joint", 2029, 2030),
        (12.0, "host_alone", 2028, 2030),
    ],
)
def test_nothing_is_ordered_before_the_preparation_is_over(
    months: float, mode: str, ordered: int, first_year: int
) -> None:
    world = shop(parameters=_prepared(months))
    openings = planned(world, shop_law(world), mode=mode).tables["openings"]
    assert openings.select("year", "first_output_year").rows() == [(ordered, first_year)]


def test_a_year_of_preparation_costs_a_year_of_output() -> None:
    assert value(shop(parameters=_prepared(12.0))) == pytest.approx(2 * YEARLY_MN - 90)


def test_preparation_that_leaves_no_time_to_build_leaves_the_line_out() -> None:
    result = planned(shop(parameters=_prepared(37.0)), shop_law(shop()))
    assert result.tables["openings"].is_empty()
    assert "43 months to first output reach beyond 2030" in result.left_out["reason_en"].to_list()


def test_a_tax_holiday_starts_after_the_preparation() -> None:
    # 20 points less in each year of output: the law counts them from 2029, not from 2028.
    short = lambda t: _uncapped(t).with_columns(  # noqa: E731
        rate_share=pl.when(pl.col("year") == pl.col("first_profit_year"))
        .then(0.05)
        .otherwise(0.25)
    )
    world = shop(sites=_site("sez"), parameters=_prepared(12.0))
    worth = 2 * YEARLY_MN - 90 + 0.2 * 542
    assert value(world, shop_law(world, site_tax=short)) == pytest.approx(worth)


def test_the_checker_names_an_order_before_the_preparation_is_over() -> None:
    result = planned(shop(), shop_law(shop()))
    with pytest.raises(VerificationFailed, match="nothing may be ordered before 2028"):
        verify_plan(
            shop(parameters=_prepared(12.0)), shop_law(shop()), result.tables, result.proof
        )


def test_only_lines_with_a_module_bind_and_the_dearest_module_comes_first() -> None:
    world = programme()
    result = run(Inputs(world, law(world)), Options(threads=1))
    capacity = result.binding.filter(pl.col("kind") == "capacity")
    opened = {
        f"{site}|{technology}": first
        for site, technology, first in result.tables["openings"]
        .group_by("site_id", "technology_id")
        .agg(pl.col("first_output_year").min())
        .iter_rows()
    }
    assert capacity.height > 0
    for name, year in capacity.select("id", "year").iter_rows():
        assert year >= opened[name]
    worth = (result.binding["worth_mn"] * result.binding["step"]).to_list()
    assert worth == sorted(worth, reverse=True)
    smallest = dict(
        world["modules"].group_by("technology_id").agg(pl.col("capacity_per_year").min()).rows()
    )
    for name, step in capacity.select("id", "step").iter_rows():
        assert step == smallest[name.split("|")[1]]


def test_a_stage_is_never_said_to_need_a_fall_of_its_price() -> None:
    # A plant of one year's lead that comes too late to be worth its transfer, not its price.
    dear = shop(parameters=_with_parameters(transfer_cost_per_product_mn=1e5))
    result = planned(dear, shop_law(dear))
    assert result.tables["production"].is_empty()
    assert result.rejected.filter(pl.col("product_id") == "alpha").is_empty()
    assert any("although a full line would pay" in reason.en for reason in result.reasons)


@pytest.mark.parametrize(
    ("is_capped", "extra_mn"),
    [
        (False, 0.2 * (572 - 30) * 3),  # 5 % instead of 25 % in each of the three years
        (True, 90.0),  # relief stops at the capital spent
    ],
)
def test_a_tax_holiday_is_worth_its_years_or_its_cap(is_capped: bool, extra_mn: float) -> None:
    world = shop(sites=_site("sez"))
    rules = shop_law(world) if is_capped else shop_law(world, site_tax=_uncapped)
    assert value(world, rules) == pytest.approx(WORTH_MN + extra_mn)


def test_a_tax_holiday_runs_by_years_since_first_profit() -> None:
    # A holiday of one year from first profit in 2028 spares 2028 only.
    short = lambda t: _uncapped(t).with_columns(  # noqa: E731
        rate_share=pl.when(pl.col("year") == pl.col("first_profit_year"))
        .then(0.05)
        .otherwise(0.25)
    )
    world = shop(sites=_site("sez"))
    assert value(world, shop_law(world, site_tax=short)) == pytest.approx(WORTH_MN + 0.2 * 542)


def test_access_that_comes_later_brings_sales_later() -> None:
    world = shop()
    closed = lambda t: t.with_columns(  # noqa: E731
        is_accepted=(pl.col("year") >= 2030) & (pl.col("own_rank") >= 1)
    )
    before, after = planned(world, shop_law(world)), planned(world, shop_law(world, access=closed))
    assert before.tables["sales"]["year"].min() == 2028
    assert after.tables["sales"]["year"].min() == 2030
    assert after.proof.objective < before.proof.objective


def _full_cycle_world(rival: str) -> float:
    world = shop(
        site_technologies=lambda t: pl.concat([t, t.with_columns(technology_id=pl.lit("chem"))]),
        rivals=rows("rivals", f"product_id|first_year|standing_id\nalpha|2026|{rival}"),
    )
    strict = lambda t: t.with_columns(  # noqa: E731
        is_accepted=(pl.col("own_rank") >= pl.col("rival_rank")) & (pl.col("own_rank") >= 1)
    )
    result = planned(world, shop_law(world, access=strict))
    made = result.tables["production"].filter(pl.col("stage_id") == "api")
    assert result.proof.objective > 0
    return float(made["quantity"].sum())


@pytest.mark.parametrize(
    ("rival", "made_t"),
    [
        ("packed", 0.0),  # packing is enough: 300 of capital to spare 0.9 x 16 t a year never pays
        ("full_cycle", 48.0),  # now only the whole chain is looked at: 16 t in each of 3 years
    ],
)
def test_a_rival_with_the_full_cycle_makes_a_substance_plant_worth_it(
    rival: str, made_t: float
) -> None:
    assert _full_cycle_world(rival) == pytest.approx(made_t)


def two_kinds_of_bid(contestable: float, exclusive: float) -> tuple[Programme, Law]:
    """Return a shop with one substance line: the whole chain shuts rivals out, packing does not.

    20 t of substance make 10 mn packs a year under the whole chain; 20 mn packs are wanted.
    """
    world = shop(
        site_technologies=lambda t: pl.concat(
            [t, t.with_columns(technology_id=pl.lit("chem"), max_modules=pl.lit(1))]
        ),
        segments=lambda t: t.with_columns(
            contestable_share=pl.lit(contestable), exclusive_share=pl.lit(exclusive)
        ),
    )
    strict = lambda t: t.with_columns(  # noqa: E731
        is_accepted=pl.col("own_rank") >= 1,
        is_exclusive=pl.col("own_rank") == pl.col("own_rank").max(),
    )
    return world, shop_law(world, access=strict)


@pytest.mark.parametrize(
    ("contestable", "exclusive", "full_mn", "packed_mn"),
    [
        (0.4, 0.75, 10.0, 8 * (1 - 10 / 15)),  # a third of the lots is left to packed bids
        (0.4, 0.5, 10.0, 0.0),  # the whole chain fights every lot: nothing is left
        (0.4, 0.2, 0.0, 8.0),  # never less than the contestable share, so no substance plant
        (0.0, 0.75, 10.0, 0.0),  # nobody gives way to a packed bid
        (0.0, 0.0, 0.0, 0.0),
    ],
)
def test_bids_of_one_maker_share_the_lots_and_do_not_add_up(
    contestable: float, exclusive: float, full_mn: float, packed_mn: float
) -> None:
    sales = planned(*two_kinds_of_bid(contestable, exclusive)).tables["sales"]
    for route, sold in (("api+pack", full_mn), ("pack", packed_mn)):
        yearly = sales.filter(pl.col("stages_inside") == route)["quantity"].to_list()
        assert yearly == pytest.approx([sold] * 3 if sold else [])


def test_the_checker_names_bids_that_add_up() -> None:
    world, rules = two_kinds_of_bid(0.4, 0.75)
    result = planned(world, rules)
    # Half as many packed packs again: 14 of 15 in all and 4 of 8, yet 10 / 15 + 4 / 8 > 1.
    more = result.tables["sales"].with_columns(
        quantity=pl.col("quantity")
        * pl.when(pl.col("stages_inside") == "pack").then(1.5).otherwise(1.0)
    )
    with pytest.raises(VerificationFailed, match="together more than all lots"):
        verify_plan(world, rules, {**result.tables, "sales": more}, result.proof)


def test_a_local_stage_still_buys_its_imported_input() -> None:
    bought = planned(shop(), shop_law(shop())).tables["purchases"]
    assert bought.select("source_id", "quantity", "cost_mn").rows() == [("s_api", 16.0, 16.0)] * 3


def test_payments_between_plants_and_trade_are_neither_revenue_nor_inputs() -> None:
    result = planned(shop(), shop_law(shop()))
    cash, sales = result.tables["cash"], result.tables["sales"]
    items = dict(cash.group_by("item").agg(pl.col("value_mn").sum()).iter_rows())
    assert items["revenue"] == pytest.approx(float(sales["revenue_mn"].sum()))
    assert items["inputs"] == pytest.approx(-3 * 16.0)
    inside = cash.filter(pl.col("item") == "transfer")
    assert set(inside["site_id"]) == {"works", "trade"}
    # The gate price is the customers' 80, the cheapest way to get a pack: 640 less 16 of inputs.
    assert float(inside["value_mn"].abs().sum()) == pytest.approx(3 * 2 * (640 - 16))
    for _, part in inside.group_by("product_id", "year"):
        assert float(part["value_mn"].sum()) == pytest.approx(0.0)


def test_payments_inside_do_not_count_as_resting_on_assumed_figures() -> None:
    cash = pl.DataFrame(
        {
            "item": ["revenue", "inputs", "transfer", "transfer"],
            "status": ["observed", "assumed", "assumed", "assumed"],
            "value_mn": [3.0, -1.0, 50.0, -50.0],
        }
    )
    assert assumed_share(cash) == 0.25


def test_the_host_alone_builds_later_and_dearer() -> None:
    # Twice the capital and a year more: 2 years x 572 less tax on 572 - 60, less 180.
    assert value(shop(), mode="host_alone") == pytest.approx(2 * (572 - 0.25 * (572 - 60)) - 180)


def test_a_stage_that_only_the_partner_can_make_is_left_out_when_alone() -> None:
    result = planned(shop(), shop_law(shop()), mode="host_alone")
    assert ("product_stage", "alpha|api") in result.left_out.select("kind", "id").rows()
    both = planned(shop(), shop_law(shop()))
    assert ("product_stage", "alpha|api") not in both.left_out.select("kind", "id").rows()


def test_a_deal_that_only_supplies_builds_nothing() -> None:
    assert value(shop(), deal_id="supply_only") == 0.0


def test_ramp_up_holds_the_first_years_back() -> None:
    slow = lambda t: t.with_columns(  # noqa: E731
        value=pl.when(pl.col("parameter_id") == "ramp_year_1_share").then(0.4).otherwise("value")
    )
    single = lambda t: t.with_columns(max_modules=pl.lit(1))  # noqa: E731
    world = shop(parameters=slow, site_technologies=single)
    made = planned(world, shop_law(world)).tables["production"]
    assert made.sort("year")["quantity"].to_list() == pytest.approx([4.0, 8.0, 8.0])


def test_demand_that_nobody_can_meet_costs_a_multiple_of_its_price() -> None:
    # Others are down in 2030: 12 of 20 mn packs are missing, at 2 x 80 each.
    down = rows(
        "scenario_effects",
        "scenario_id|effect_id|kind|scope_id|value|standing_id|first_year|last_year\n"
        "base|stop|source_down|s_pack|||2030|2030",
    )
    result = planned(shop(scenario_effects=down), shop_law(shop()))
    assert result.proof.objective == pytest.approx(WORTH_MN - 12 * 160)
    short = result.tables["supply"].filter(pl.col("unmet") > 0)
    assert short.select("year", "unmet").rows() == [(2030, pytest.approx(12.0))]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("capex_factor|packing|2||", WORTH_MN - 90 + 0.25 * 90),  # written off against tax
        # 4 mn packs: 320 - 8 - 20 - 12 = 280 operating.
        ("demand_factor||0.5||", 3 * (280 - 0.25 * (280 - 30)) - 90),
        ("source_price_factor|OT|2||", WORTH_MN - 3 * 16 * 0.75),
        ("construction_delay_months|packing|12||", 2 * YEARLY_MN - 90),
    ],
)
def test_a_scenario_changes_the_worth_by_hand(effect: str, expected: float) -> None:
    kind, scope, factor, *_ = effect.split("|")
    world = shop(
        scenario_effects=rows(
            "scenario_effects",
            f"scenario_id|effect_id|kind|scope_id|value\nbase|e|{kind}|{scope}|{factor}",
        )
    )
    assert value(world) == pytest.approx(expected)


def test_freight_is_paid_over_the_great_circle() -> None:
    dear = lambda t: t.with_columns(  # noqa: E731
        value=pl.when(pl.col("parameter_id") == "inland_freight_per_t_km")
        .then(1000.0)
        .otherwise("value")
    )
    north = lambda t: t.with_columns(lat=pl.lit(51.0))  # noqa: E731
    world = shop(parameters=dear, zones=north, sites=lambda t: t)
    # One degree of the meridian is 6371 x pi / 180 = 111.1949 km; 8 mn packs weigh 160 t.
    yearly = 160 * 1000 * 111.194926644 / 1e6
    assert value(world) == pytest.approx(WORTH_MN - 3 * 0.75 * yearly)


# --- limits -------------------------------------------------------------------------------------


def _limits(*lines: str) -> pl.DataFrame:
    head = "limit_id|kind|scope_id|value|first_year|last_year|text_en|text_ru"
    return rows("limits", "\n".join([head, *lines]))


@pytest.mark.parametrize(
    ("line", "worth"),
    [
        ("a|max_capex_total||89|||spend at most 89|не более", 0.0),
        ("a|max_capex_per_year||89|2027|2027|wait a year|ждать", 2 * YEARLY_MN - 90),
        ("a|forbidden_site|works||2027|2027|not there before 2028|нет", 2 * YEARLY_MN - 90),
        ("a|fixed_site|works||2028|2028|order in 2028|да", None),
        ("a|min_regions||1|||one region|один", WORTH_MN),
        ("a|min_region_capex_share|HO-ONE|1|||all there|всё", WORTH_MN),
        ("a|max_country_share|OT|0.5|||half from OT at most|половина", 0.0),
    ],
)
def test_a_limit_is_kept_at_its_least_cost(line: str, worth: float | None) -> None:
    result = planned(shop(limits=_limits(line)), shop_law(shop()))
    if worth is None:  # a second order in 2028 brings nothing: 90 + 2 x 12 less tax on it
        worth = result.proof.objective
        assert 2028 in result.tables["openings"]["year"].to_list()
    assert result.proof.objective == pytest.approx(worth)


def test_self_sufficiency_asked_for_builds_the_whole_chain() -> None:
    world = shop(
        site_technologies=lambda t: pl.concat([t, t.with_columns(technology_id=pl.lit("chem"))]),
        limits=_limits("a|min_self_sufficiency||0.4|2028|2030|two fifths inside|две пятых"),
    )
    result = planned(world, shop_law(world))
    assert set(result.tables["sales"]["stages_inside"]) == {"api+pack"}


def test_limits_that_conflict_are_named_without_the_innocent() -> None:
    limits = _limits(
        "must|fixed_site|works||||Build at the works.|Строить.",
        "never|forbidden_site|works||||Never build at the works.|Не строить.",
        "budget|max_capex_total||1000|||Spend at most 1000.|Не более 1000.",
    )
    with pytest.raises(InfeasiblePlan) as caught:
        planned(shop(limits=limits), shop_law(shop()))
    assert caught.value.conflict == (
        "must: Build at the works.",
        "never: Never build at the works.",
    )


def test_a_limit_on_what_is_not_there_is_refused() -> None:
    limits = _limits("a|min_region_capex_share|HO-NO|0.5|||no such region|нет")
    with pytest.raises(ModelError, match="HO-NO"):
        planned(shop(limits=limits), shop_law(shop()))


# --- properties ---------------------------------------------------------------------------------


def test_another_currency_scales_the_worth() -> None:
    thousand = 1000.0
    world = shop(
        modules=lambda t: t.with_columns(pl.col("capex_mn", "fixed_cost_mn_per_year") * thousand),
        stages=lambda t: t.with_columns(pl.col("variable_cost_mn_per_unit") * thousand),
        prices=lambda t: t.with_columns(pl.col("price_per_pack") * thousand),
        sources=lambda t: t.with_columns(pl.col("price_per_unit") * thousand),
    )
    assert value(world) == pytest.approx(thousand * WORTH_MN)


def test_more_demand_room_never_lowers_the_worth() -> None:
    worth = [
        value(shop(segments=lambda t, s=s: t.with_columns(contestable_share=pl.lit(s))))
        for s in (0.1, 0.4, 0.9)
    ]
    assert worth == sorted(worth)


def test_another_site_never_lowers_the_worth() -> None:
    more = shop(
        sites=lambda t: pl.concat([t, t.with_columns(site_id=pl.lit("second"))]),
        site_technologies=lambda t: pl.concat(
            [t, t.with_columns(site_id=pl.lit("second"), capex_factor=pl.lit(0.5))]
        ),
    )
    assert value(more) == pytest.approx(WORTH_MN + 45 - 0.25 * 45)


def test_the_same_seed_gives_the_same_plan() -> None:
    one, two = (planned(shop(), shop_law(shop()), seed=4) for _ in range(2))
    for name in PLAN_TABLES:
        assert one.tables[name].equals(two.tables[name])


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("prices", "segment_id", "no price of alpha in retail"),
        ("modules", "technology_id", "no size of packing"),
    ],
)
def test_missing_rows_are_named(table: str, text: str, message: str) -> None:
    world = shop(**{table: lambda t: t.clear()})
    with pytest.raises(ModelError, match=message):
        run(Inputs(world, shop_law(shop())), Options())


def test_a_bill_of_materials_that_runs_upstream_is_refused() -> None:
    circle = rows(
        "bom",
        "product_id|stage_id|input_product_id|input_stage_id|input_per_unit\n"
        "alpha|api|alpha|pack|1",
    )
    with pytest.raises(ModelError, match="not an earlier stage"):
        run(Inputs(shop(bom=circle), shop_law(shop())), Options())


@pytest.mark.parametrize("table", ["standing", "access", "duties", "site_tax"])
def test_a_gap_in_the_law_is_named_not_guessed(table: str) -> None:
    world = shop()
    rules = shop_law(world, **{table: lambda t: t.filter(pl.col("year") != 2029)})
    with pytest.raises(ModelError, match="2029"):
        run(Inputs(world, rules), Options())


def test_freight_prices_never_exceed_the_freight_and_touch_it_somewhere() -> None:
    far = "product_id|zone_id|segment_id|year|quantity|growth_share_per_year|tier\n"
    zones = rows(
        "zones",
        "zone_id|country_id|name_en|name_ru|lat|lon|population\n"
        "west|HO|West|Запад|50|38|6000000\neast|HO|East|Восток|51|60|4000000",
    )
    demand = rows("demand", far + "alpha|west|retail|2026|20|0|B\nalpha|east|retail|2026|10|0|B")
    world = shop(
        zones=zones,
        demand=demand,
        parameters=lambda t: t.with_columns(
            value=pl.when(pl.col("parameter_id") == "inland_freight_per_t_km")
            .then(50.0)
            .otherwise("value")
        ),
        sites=lambda t: pl.concat([t, t.with_columns(site_id=pl.lit("second"), lon=pl.lit(55.0))]),
        site_technologies=lambda t: pl.concat([t, t.with_columns(site_id=pl.lit("second"))]),
    )
    case = prepare(Inputs(world, shop_law(world)), Options())
    works, second = (50.0, 38.0), (50.0, 55.0)
    for output_t in ({}, {works: 7.0}, {second: 3.0, works: 1.0}):
        moved = Tonnes({(FINISHED, point): tonnes for point, tonnes in output_t.items()})
        prices = freight_prices(case, moved)
        slack = [
            km_cost(case, *start, *end) - out - into
            for (group, start), out in prices.out.items()
            for (other, end), into in prices.into.items()
            if group == other == FINISHED
        ]
        assert len(slack) == 4
        assert min(slack) == pytest.approx(0.0, abs=1e-9)
        assert max(slack) > 0.0
    proof = planned(world, shop_law(world)).proof
    assert proof.bound >= proof.objective


def test_capacity_cuts_keep_every_whole_numbered_plan_and_cut_fractions() -> None:
    world = shop(
        modules=lambda t: pl.concat(
            [
                t,
                t.filter(pl.col("technology_id") == "packing").with_columns(
                    module_id=pl.lit("large"),
                    capacity_per_year=pl.lit(50.0),
                    capex_mn=pl.lit(300.0),
                ),
            ]
        )
    )
    case = prepare(Inputs(world, shop_law(world)), Options())
    model = assemble(case, freight_prices(case), world["limits"])
    separate = Separator(case, model.columns)
    relaxed = lp.solve(model.problem.relaxed(), threads=1)
    whole = lp.solve(model.problem, threads=1)
    half = relaxed.x.copy()
    for cols in model.columns.build.values():
        half[cols[0]] = 0.2  # a fifth of each module, with what the capacity rows then allow
    for cols in model.columns.make.values():
        half[cols] = 8.0
    cuts = separate(half)
    assert cuts
    for cut in cuts:
        assert float(cut.values @ half[cut.columns]) > cut.upper
        assert float(cut.values @ whole.x[cut.columns]) <= cut.upper + 1e-6
    relaxation = lp.Relaxation(model.problem, threads=1)
    found = relaxation.tighten(relaxation.solve(), separate, rounds=5, least_gain_share=0.0)
    assert found.objective <= relaxed.objective + 1e-6
    assert lp.solve(relaxation.problem, threads=1).objective == pytest.approx(whole.objective)


def test_closing_hopeless_lines_keeps_the_best_plan() -> None:
    dear = [1.0, 1.1, 1.4, 3.0, 9.0]
    world = shop(
        sites=lambda t: pl.concat(
            [t.with_columns(site_id=pl.lit(f"s{n}")) for n in range(len(dear))]
        ),
        site_technologies=lambda t: pl.concat(
            [
                t.with_columns(site_id=pl.lit(f"s{n}"), capex_factor=pl.lit(factor))
                for n, factor in enumerate(dear)
            ]
        ),
    )
    case = prepare(Inputs(world, shop_law(world)), Options())
    model = assemble(case, freight_prices(case), world["limits"])
    assert model.dominators[4] == (0, 1, 2, 3)  # each dearer site needs all cheaper ones
    assert model.dominators[0] == ()
    whole = lp.solve(model.problem, threads=1)
    relaxed = lp.solve(model.problem.relaxed(), threads=1)
    lines = ByLine(case, model)
    priced = lines.price(model.problem, relaxed)
    rest = lines.without_hopeless(model, priced, whole.objective)
    closed = [n for n, cols in model.columns.is_open.items() if rest.col_upper[cols[0]] == 0.0]
    assert 4 in closed
    assert 0 not in closed
    assert lp.solve(rest, threads=1).objective == pytest.approx(whole.objective)


# --- stopped early ------------------------------------------------------------------------------


STEPS = ("relaxation", "start", "closing hopeless lines", "exact modules")


@pytest.mark.parametrize("step", STEPS)
def test_ctrl_c_at_any_step_gives_the_best_plan_so_far_or_says_that_there_is_none(
    step: str,
) -> None:
    world, told = programme(), list[str]()  # its start is not proven best at once: every step
    rules = law(world)

    def stop(share: float, text: str) -> None:
        told.append(text)
        if text == step:
            _thread.interrupt_main()

    def stopped() -> Result:
        return run(Inputs(world, rules), Options(gap_share=0.0, threads=1, progress=stop))

    if step in STEPS[:2]:
        with pytest.raises(ModelError, match="stopped before any plan") as caught:
            stopped()
        assert caught.value.code == "N021"
    else:
        result = stopped()
        verify_plan(world, rules, result.tables, result.proof)
        assert "stopped by hand" in result.warnings[0].en
    assert told[-1] == step


def test_ctrl_c_while_freight_is_priced_again_ends_the_search_without_a_plan() -> None:
    world = shop()
    case = prepare(Inputs(world, shop_law(world)), Options())
    model = assemble(case, freight_prices(case), world["limits"])

    def stop(x: lp.Floats) -> Model:
        raise KeyboardInterrupt

    (found,) = search(case, model, Options(threads=1), 0.01, stop)
    assert found.was_interrupted
    assert not found.x.size


@pytest.mark.parametrize("time_limit_s", [0.0, 0.001, 0.01, 0.1])
def test_a_short_time_gives_a_plan_with_an_honest_gap(time_limit_s: float) -> None:
    world = programme()
    rules = law(world)
    best = planned(world, rules, gap_share=1e-5).proof
    proof = planned(world, rules, gap_share=0.0, time_limit_s=time_limit_s).proof
    assert proof.objective <= best.bound * (1 + 1e-9)
    assert proof.bound >= best.objective * (1 - 1e-9)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1.0, "freight inside the host is only bounded"),  # the search ended by itself
        (59.0, "Time ran out"),
    ],
)
def test_a_wide_gap_is_blamed_on_time_only_when_time_ran_out(seconds: float, said: str) -> None:
    world = shop()
    rules = shop_law(world)
    options = Options(time_limit_s=60.0)
    case = prepare(Inputs(world, rules), options)
    proof = replace(
        planned(world, rules).proof, status="feasible", gap_share=0.02, seconds=seconds
    )
    warned = result_warnings(case, options, proof, 0.0, False)
    assert any(said in each.en for each in warned)
