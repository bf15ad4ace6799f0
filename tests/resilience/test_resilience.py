"""Expected shortage: closed forms against published values, composition, small chains by hand."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce import resilience
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.programme import Programme
from coproduce.resilience import on_off_shortage, stage_shortage
from coproduce.resilience.closed_forms import chain_shortage
from tests import worlds

# --- closed forms ---------------------------------------------------------------------------


def test_a_source_with_stock_has_the_published_shortage() -> None:
    found = on_off_shortage(0.5, 1 / 2.5, stock_years=0.35, capacity_factor=1.5)
    assert found == pytest.approx(0.07749181628349264, rel=1e-13)


def test_without_stock_the_shortage_is_the_time_down() -> None:
    assert on_off_shortage(0.5, 1 / 2.5) == pytest.approx(1 / 6)


def test_without_surplus_stock_is_used_once_and_never_again() -> None:
    assert on_off_shortage(0.5, 0.4, stock_years=3.0, capacity_factor=1.0) == pytest.approx(1 / 6)


def test_with_endless_capacity_stock_shortens_each_outage() -> None:
    """Limit c → ∞: exp(-μB) λ/(λ+μ)."""
    found = on_off_shortage(0.5, 0.4, stock_years=0.35, capacity_factor=1e9)
    assert found == pytest.approx(0.41686201967850837 / 6, rel=1e-6)


def test_the_point_where_the_formula_divides_by_nil_is_smooth() -> None:
    # θ = μ - λ/r = 0 for λ 0.5, μ 2.5, r 0.2
    at, near = (on_off_shortage(0.5, 0.4, 0.35, 1.2 + step) for step in (0.0, 1e-7))
    assert at == pytest.approx(near, rel=1e-5)


@pytest.mark.parametrize(
    ("sources", "capacity", "exact"),
    [
        (2, 0.75, 0.02046123),
        (2, 1.2, 0.00588941),
        (3, 0.45, 0.01449318),
        (3, 0.55, 0.00387905),
        (4, 0.4, 0.00165115),
        (6, 0.3, 5.437e-5),
    ],
)
def test_several_sources_are_cautious_against_one_shared_stock(
    sources: int, capacity: float, exact: float
) -> None:
    """Exact: fluid queue with a finite buffer, λ 0.5, μ 2.5, stock 0.35 years."""
    factor = sources * capacity
    down = on_off_shortage(0.5, 0.4, 0.35, factor)
    found = stage_shortage([1 / sources] * sources, [down] * sources, factor)
    if factor <= 2:
        assert exact <= found < down, "too high, but lower than with a single source"
    else:
        assert found == pytest.approx(exact, rel=0.15), "where one source could do it alone"


def test_a_stage_adds_up_over_all_states_of_its_sources() -> None:
    # 60/40, capacity 1.25: first out leaves 0.5, second out leaves 0.75, both leave nothing
    found = stage_shortage([0.6, 0.4], [0.1, 0.2], 1.25)
    assert found == pytest.approx(0.1 * 0.8 * 0.5 + 0.9 * 0.2 * 0.25 + 0.1 * 0.2)


def test_many_small_sources_are_counted_as_one_and_never_flatter() -> None:
    shares, down = [1.0] * 14, [0.1] * 14
    many = stage_shortage(shares, down, 1.25)
    dozen = stage_shortage([1.0] * 11 + [3.0], [0.1] * 12, 1.25)
    assert many == pytest.approx(dozen)


def test_a_stage_without_suppliers_adds_nothing() -> None:
    assert stage_shortage([], [], 1.25) == 0.0


share = st.floats(0, 1)
parts = st.lists(st.tuples(st.floats(0.01, 1), share), min_size=1, max_size=5)
source = {
    "failures_per_year": st.floats(0.01, 20),
    "recovery_years": st.floats(0.01, 5),
    "capacity_factor": st.floats(1, 5),
}


@given(stock=st.floats(0, 5), more=st.floats(0, 5), **source)
def test_more_stock_never_raises_shortage(
    stock: float,
    more: float,
    failures_per_year: float,
    recovery_years: float,
    capacity_factor: float,
) -> None:
    less, with_more = (
        on_off_shortage(failures_per_year, recovery_years, held, capacity_factor)
        for held in (stock, stock + more)
    )
    assert 0.0 <= with_more <= less + 1e-12 <= 1.0


@given(stock=st.floats(0, 5), spare=st.floats(0, 5), **source)
def test_more_capacity_never_raises_shortage(
    stock: float,
    spare: float,
    failures_per_year: float,
    recovery_years: float,
    capacity_factor: float,
) -> None:
    less, more = (
        on_off_shortage(failures_per_year, recovery_years, stock, capacity_factor + added)
        for added in (0.0, spare)
    )
    assert more <= less + 1e-9


@given(sources=parts, factor=st.floats(1, 4), better=share)
def test_a_stage_lies_between_nil_and_its_weighted_mean_and_gains_by_reliability(
    sources: list[tuple[float, float]], factor: float, better: float
) -> None:
    shares, down = [one[0] for one in sources], [one[1] for one in sources]
    found = stage_shortage(shares, down, factor)
    mean = sum(a * b for a, b in sources) / sum(shares)
    assert -1e-12 <= found <= mean + 1e-9
    mended = stage_shortage(shares, [down[0] * better, *down[1:]], factor)
    assert mended <= found + 1e-12


@given(stages=st.lists(share, min_size=1, max_size=5))
def test_a_chain_is_no_safer_than_its_worst_stage(stages: list[float]) -> None:
    assert max(stages) - 1e-12 <= chain_shortage(stages) <= min(1.0, sum(stages)) + 1e-12


# --- the room -------------------------------------------------------------------------------


def exposures(text: str) -> pl.DataFrame:
    """Return exposures from lines ``product stage country share``."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return pl.DataFrame(
        {
            "product_id": [row[0] for row in rows],
            "stage_id": [row[1] for row in rows],
            "country_id": [row[2] for row in rows],
            "direct_share": [float(row[3]) for row in rows],
            "chain_share": [float(row[3]) for row in rows],
            "hhi": [0.5] * len(rows),
        }
    )


IMPORTED = """
alpha intermediate OT 1
alpha api PA 1
alpha fdf PA 1
alpha pack PA 1
"""
LOCAL_FROM_ABROAD = """
alpha intermediate OT 1
alpha api HO 1
alpha fdf HO 1
alpha pack HO 1
"""
LOCAL_ALL = LOCAL_FROM_ABROAD.replace("OT", "HO")


def appraise(
    before: str, after: str, world: Programme | None = None, **options: float
) -> resilience.Result:
    world = world or worlds.programme()
    return resilience.run(
        resilience.Inputs(world, exposures(before), exposures(after)),
        resilience.Options(**{"capacity_factor": 1.25, **options}),
    )


def shortage(result: resilience.Result, when: str, product_id: str = "alpha") -> float:
    rows = result.shortages.filter((pl.col("when") == when) & (pl.col("product_id") == product_id))
    return float(rows["shortage_share"].item())


def test_a_chain_of_single_suppliers_can_be_done_by_hand() -> None:
    made = appraise(IMPORTED, IMPORTED)
    stages = [
        on_off_shortage(0.2, 0.5, 0.2, 1.25),
        on_off_shortage(0.15, 0.5, 0.2, 1.25),
        on_off_shortage(0.15, 0.5, 0.15, 1.25),
        on_off_shortage(0.15, 0.5, 0.25, 1.25),
    ]
    expected = 1 - (1 - stages[0]) * (1 - stages[1]) * (1 - stages[2]) * (1 - stages[3])
    assert shortage(made, "before") == pytest.approx(expected)
    row = made.shortages.row(0, named=True)
    assert row["availability_share"] == pytest.approx((1 / 1.1) * (1 / 1.075) ** 3)


def test_a_local_stage_from_an_imported_intermediate_is_no_safer_than_its_chain() -> None:
    """The world upstream: the substance is made at home, its intermediate abroad."""
    made = appraise(IMPORTED, LOCAL_FROM_ABROAD)
    intermediate = on_off_shortage(0.2, 0.5, 0.2, 1.25)
    assert shortage(made, "after") >= intermediate
    row = made.shortages.filter(pl.col("when") == "after").row(0, named=True)
    assert (row["weakest_stage_id"], row["weakest_country_id"]) == ("intermediate", "OT")
    assert any("still a maker abroad" in words.en for words in made.reasons)


def with_local_intermediate() -> Programme:
    row = "country_id|stage_id|failures_per_year|recovery_years|stock_years\n"
    added = worlds.rows("disruptions", row + "HO|intermediate|0.1|0.5|0.2")
    return worlds.programme(disruptions=lambda rows: pl.concat([rows, added]))


def test_closing_the_whole_chain_at_home_saves_more_than_its_last_stages() -> None:
    world = with_local_intermediate()
    part = appraise(IMPORTED, LOCAL_FROM_ABROAD, world)
    whole = appraise(IMPORTED, LOCAL_ALL, world)
    assert shortage(whole, "after") < shortage(part, "after") < shortage(part, "before")


def test_removing_the_weakest_link_saves_what_the_table_says() -> None:
    made = appraise(IMPORTED, IMPORTED)
    worst = made.weakest.filter(pl.col("when") == "before").row(0, named=True)
    assert worst["saved_share"] == pytest.approx(worst["shortage_share"] - worst["without_share"])
    never_fails = worlds.programme(
        disruptions=lambda rows: rows.with_columns(
            failures_per_year=pl.when(
                (pl.col("country_id") == worst["country_id"])
                & (pl.col("stage_id") == worst["stage_id"])
            )
            .then(1e-12)
            .otherwise(pl.col("failures_per_year"))
        )
    )
    again = appraise(IMPORTED, IMPORTED, never_fails)
    assert shortage(again, "before") == pytest.approx(worst["without_share"], abs=1e-9)
    saved = made.weakest.filter(pl.col("when") == "before")["saved_share"].to_list()
    assert saved == sorted(saved, reverse=True)


def test_a_second_source_is_worth_what_it_saves() -> None:
    dual = IMPORTED.replace("alpha api PA 1", "alpha api PA 0.5\nalpha api OT 0.5")
    made = appraise(IMPORTED, dual)
    assert shortage(made, "after") < shortage(made, "before")


BETA = """
beta intermediate OT 1
beta api PA 1
"""


def test_totals_are_weighted_by_packs_and_criticality() -> None:
    made = appraise(IMPORTED + BETA, IMPORTED + BETA)
    packs = {"alpha": 20.0 * 1, "beta": 2.0 * 2}  # mn packs a year × criticality
    by_hand = sum(packs[one] * shortage(made, "before", one) for one in packs) / 24
    assert made.before is not None
    assert made.before.shortage_share == pytest.approx(by_hand)
    assert made.before.weight == pytest.approx(24)


def test_given_weights_are_used() -> None:
    weights = pl.DataFrame({"product_id": ["beta"], "weight": [3.0]})
    table = exposures(IMPORTED + BETA)
    made = resilience.run(
        resilience.Inputs(worlds.programme(), table, table, weights),
        resilience.Options(capacity_factor=1.25),
    )
    assert made.before is not None
    assert made.before.shortage_share == pytest.approx(shortage(made, "before", "beta"))


def test_bounds_enclose_and_more_stock_helps() -> None:
    made = appraise(IMPORTED, LOCAL_FROM_ABROAD)
    for total in (made.before, made.after):
        assert total is not None
        assert total.shortage_low_share <= total.shortage_share
        assert total.shortage_more_stock_share < total.shortage_share
        assert total.availability_share <= 1 - total.shortage_share


def test_a_pair_without_a_rate_takes_the_least_reliable_of_its_stage_and_says_so() -> None:
    made = appraise(IMPORTED.replace("pack PA", "pack OT"), IMPORTED)
    assert shortage(made, "before") == pytest.approx(shortage(made, "after"))
    assert any("OT pack" in words.en for words in made.warnings)


def test_suppliers_that_do_not_add_up_are_warned_about() -> None:
    made = appraise(IMPORTED.replace("api PA 1", "api PA 0.7"), IMPORTED)
    assert any("70%" in words.en for words in made.warnings)
    assert shortage(made, "before") == pytest.approx(shortage(made, "after"))


def test_a_capacity_that_nobody_gave_is_assumed_and_said() -> None:
    table = exposures(IMPORTED)
    made = resilience.run(resilience.Inputs(worlds.programme(), table, table))
    assert any("supplier_capacity_factor" in words.en for words in made.warnings)
    parameter = worlds.rows(
        "parameters",
        "parameter_id|value|low|high|unit|meaning\n"
        "supplier_capacity_factor|2|1|3|factor|What a supplier can make against its sales.",
    )
    told = worlds.programme(parameters=lambda rows: pl.concat([rows, parameter]))
    other = resilience.run(resilience.Inputs(told, table, table))
    assert other.warnings == ()
    assert shortage(other, "before") < shortage(made, "before")


def test_a_stage_without_any_rate_is_named() -> None:
    with pytest.raises(ModelError, match=r"S002.*stage assembly"):
        appraise("alpha assembly PA 1", IMPORTED)


def test_a_capacity_below_what_is_sold_is_refused() -> None:
    with pytest.raises(UsageError, match="S001"):
        appraise(IMPORTED, IMPORTED, capacity_factor=0.9)


def test_a_programme_without_rates_says_that_nothing_was_reckoned() -> None:
    world = worlds.programme(disruptions=lambda rows: rows.clear())
    made = appraise(IMPORTED, IMPORTED, world)
    assert made.shortages.is_empty()
    assert made.before is None
    assert "not reckoned" in made.finding.en
    assert all(figure.value is None and figure.note for figure in made.figures)


def test_figures_have_unique_ids_facts_and_ranges() -> None:
    made = appraise(IMPORTED, LOCAL_FROM_ABROAD)
    figures = {figure.figure_id: figure for figure in made.figures}
    assert len(figures) == len(made.figures)
    total = figures["resilience.expected_shortage.after"]
    assert total.value == pytest.approx(shortage(made, "after"))
    assert total.low is not None
    assert total.value is not None
    assert total.low <= total.value
    assert set(total.parts) <= figures.keys()
    one = figures["resilience.shortage.after.alpha"]
    assert "disruptions:OT|intermediate" in one.rows
    assert "falls" in made.finding.en
    assert "снижается" in made.finding.ru


def observed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(status=pl.lit("observed"))


def test_a_total_is_traced_to_supply_demand_failure_rates_and_the_capacity_factor() -> None:
    factor = worlds.rows(
        "parameters",
        "parameter_id|value|low|high|unit|meaning\nsupplier_capacity_factor|1.25|1|1.5|factor|x",
    )
    world = worlds.programme(
        parameters=lambda rows: pl.concat([rows, factor.with_columns(status=pl.lit("reported"))]),
        sources=lambda rows: rows.with_columns(
            status=pl.when(pl.col("source_id") == "s04")
            .then(pl.lit("estimated"))
            .otherwise(pl.lit("observed"))
        ),
        demand=observed,
        products=observed,
        disruptions=observed,
    )
    inputs = resilience.Inputs(world, exposures(IMPORTED), exposures(LOCAL_FROM_ABROAD))
    made = resilience.run(inputs, resilience.Options())
    total = {one.figure_id: one for one in made.figures}["resilience.expected_shortage.after"]
    wanted = {"demand:alpha", "products:alpha", "parameters:supplier_capacity_factor"}
    wanted |= {f"sources:s{number:02}" for number in range(1, 14)}  # alpha's, not beta's
    wanted |= {f"disruptions:HO|{stage}" for stage in ("api", "fdf", "pack")}
    assert set(total.rows) == {*wanted, "disruptions:OT|intermediate"}
    assert total.status == "estimated"  # the weakest, of source s04
    assert "weighted by quantity × criticality" in total.method
    both = resilience.run(
        resilience.Inputs(world, exposures(IMPORTED + BETA), exposures(IMPORTED + BETA)),
        resilience.Options(),
    )
    whole = {one.figure_id: one for one in both.figures}["resilience.expected_shortage.before"]
    assert "sources:*" in whole.rows
    assert not [row for row in whole.rows if row.startswith("sources:s")]


def test_a_total_by_given_weights_says_so_and_names_no_demand() -> None:
    weights = pl.DataFrame({"product_id": ["alpha"], "weight": [1.0]})
    inputs = resilience.Inputs(
        worlds.programme(), exposures(IMPORTED), exposures(IMPORTED), weights
    )
    made = resilience.run(inputs, resilience.Options(capacity_factor=1.25))
    total = {one.figure_id: one for one in made.figures}["resilience.expected_shortage.before"]
    assert "weighted by given weights" in total.method
    assert not [row for row in total.rows if row.startswith("demand:")]
