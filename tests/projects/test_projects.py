"""Gate board, attrition, kept and new projects on the world two_regions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce import projects
from coproduce.projects.attrition import wilson
from coproduce.projects.dates import add_months, first_day, last_day, middle
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.handover import OTHER_TABLES, PLAN_TABLES
from coproduce.records.programme import Programme
from tests import worlds

AS_OF = date(2026, 11, 20)


def openings(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Return openings from (site, technology, order year); first output two years later."""
    made = [
        {
            "site_id": site_id,
            "technology_id": technology_id,
            "module_id": "line",
            "year": year,
            "modules": 1,
            "first_output_year": year + 2,
            "capacity_per_year": 100.0,
            "capex_mn": 300.0,
        }
        for site_id, technology_id, year in rows
    ]
    schema = PLAN_TABLES["openings"]
    return schema.validate(pl.DataFrame(made), cast=True) if made else schema.create_empty()


def matches(*rows: tuple[str, str, str, str | None, str | None, float]) -> pl.DataFrame:
    made = [
        {
            "match_id": name,
            "host_company_id": host,
            "partner_company_id": partner,
            "product_id": product,
            "stage_id": stage,
            "score": score,
            "host_score": score,
            "partner_score": score,
            "reasons_en": "fits",
            "reasons_ru": "подходит",
        }
        for name, host, partner, product, stage, score in rows
    ]
    schema = OTHER_TABLES["matches"]
    return schema.validate(pl.DataFrame(made), cast=True) if made else schema.create_empty()


PAIRS = matches(
    ("m1", "ho_investor", "pa_fdf", "alpha", "fdf", 0.9),
    ("m2", "ho_maker", "pa_fdf", "beta", "fdf", 0.8),
    ("m3", "ho_investor", "pa_api", "alpha", "api", 0.7),
)
PLAN = openings(
    ("site_one", "chem", 2027), ("site_one", "solids", 2028), ("site_two", "solids", 2027)
)


def run(
    world: Programme | None = None,
    *,
    pairs: pl.DataFrame = PAIRS,
    plan: pl.DataFrame = PLAN,
    as_of: date = AS_OF,
) -> projects.Result:
    return projects.run(
        projects.Inputs(world or worlds.programme(), pairs, plan, as_of), projects.Options()
    )


@pytest.fixture(scope="module")
def result() -> projects.Result:
    return run()


def known(*lines: str) -> Programme:
    """Return the world with these known projects only.

    A line is: id, direction, stage, state, planned, actual, site, region, date of evidence; cells
    at the end may be left out.
    """
    header = (
        "project_id|direction|stage_id|state|planned_launch|actual_launch|site_id|region_id|"
        "evidence_date|name_en|sector|gate_id|evidence"
    )
    rows = [header]
    for line in lines:
        cells = line.split("|")
        cells += [""] * (9 - len(cells))
        rows.append("|".join([*cells[:8], cells[8] or "2026-06", cells[0], "any", "G1", "seen"]))
    return worlds.programme(known_projects=worlds.rows("known_projects", "\n".join(rows)))


# --- the board ------------------------------------------------------------------------------


def test_known_projects_stand_at_their_gates_in_order(result: projects.Result) -> None:
    assert result.board.select("project_id", "gate_id", "state").rows() == [
        ("k2", "G1", "frozen"),
        ("k3", "G1", "active"),
        ("k1", "G3", "operating"),
    ]
    assert result.board.filter(pl.col("project_id") == "k2")["reason_code"].item() == "money"


def test_evidence_is_as_old_as_its_date_says_at_least(result: projects.Result) -> None:
    age = result.board.filter(pl.col("project_id") == "k2")["evidence_age_months"].item()
    assert age == pytest.approx(355 / 30.4375, abs=0.01)  # last day of November 2025


@pytest.mark.parametrize(
    ("when", "is_stale", "why"),
    [
        ("2025-05-20", False, "547 days, eighteen months are not over"),
        ("2025-05-19", True, "548 days"),
        ("2025-05", False, "may mean the last of May"),
        ("2025-04", True, "whatever day was meant"),
        ("2025", False, "may mean December"),
    ],
)
def test_evidence_older_than_eighteen_months_is_warned_about(
    when: str, is_stale: bool, why: str
) -> None:
    world = known(f"k9|host_alone|api|active||||HO-ONE|{when}")
    # eighteen average months are 547.9 days
    made = run(world, as_of=date(2026, 11, 18))
    assert made.board["is_stale"].item() == is_stale, why
    assert any("months old" in words.en for words in made.warnings) == is_stale


def test_a_stopped_project_without_reason_is_named() -> None:
    made = run(known("k9|host_alone|api|frozen"))
    assert any("k9" in words.en and "No reason" in words.en for words in made.warnings)


def test_evidence_from_after_the_day_is_said() -> None:
    made = run(as_of=date(2026, 3, 1))
    assert any("k3" in words.en and "not yet known" in words.en for words in made.warnings)


# --- attrition ------------------------------------------------------------------------------


def test_shares_are_counted_by_direction_and_stage() -> None:
    world = known(
        "p1|partner_in_host|fdf|operating|2020|2022",
        "p2|partner_in_host|api|cancelled",
        "p3|partner_in_host|api|active|2028",
        "p4|partner_in_host|api|active|2024",
        "p5|host_alone|api|operating|2021|2022",
    )
    table = run(world).attrition
    everyone = table.filter(pl.col("scope") == "all").row(0, named=True)
    assert (everyone["announced"], everyone["operating"], everyone["stopped"]) == (5, 2, 1)
    partner = table.filter(pl.col("direction") == "partner_in_host").row(0, named=True)
    # p3 has time until 2028, so three of four are due
    assert (partner["announced"], partner["due"], partner["operating"]) == (4, 3, 1)
    assert partner["operate_share"] == pytest.approx(1 / 4)
    assert partner["due_share"] == pytest.approx(1 / 3)
    api = table.filter(pl.col("stage_id") == "api").row(0, named=True)
    assert (api["announced"], api["operating"]) == (4, 1)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # worked examples of the score interval, 95 %
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (15, 148, 0.0624, 0.1605),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_the_interval_equals_newcombes_examples(
    successes: int, trials: int, low: float, high: float
) -> None:
    """Source: R. G. Newcombe, Statistics in Medicine 17 (1998), method 3."""
    assert wilson(successes, trials, 1.959964) == pytest.approx((low, high), abs=5e-5)


@given(counts=st.tuples(st.integers(0, 50), st.integers(0, 50)))
def test_the_interval_holds_the_share(counts: tuple[int, int]) -> None:
    successes, failures = counts
    trials = successes + failures
    low, high = wilson(successes, trials)
    assert 0.0 <= low <= high <= 1.0
    if trials:
        assert low <= successes / trials <= high


def test_delay_is_actual_less_planned_and_waiting_projects_count_with_what_is_sure() -> None:
    world = known(
        "p1|host_alone|api|operating|2014|2017",
        "p2|host_alone|api|operating|2020-06|2022-12",
        "p3|host_alone|api|active|2020",
        "p4|host_alone|api|active|2030",
    )
    made = run(world)
    table = {row["project_id"]: row for row in made.delays.to_dicts()}
    assert table.keys() == {"p1", "p2", "p3"}
    assert table["p1"]["delay_years"] == pytest.approx(3.0, abs=0.01)
    assert table["p2"]["delay_years"] == pytest.approx(2.5, abs=0.01)
    assert table["p3"]["is_still_open"]
    assert table["p3"]["delay_years"] == pytest.approx(5.89, abs=0.01)  # since 31 December 2020
    figures = {figure.figure_id: figure.value for figure in made.figures}
    assert figures["projects.delay_launched"] == pytest.approx(2.75, abs=0.01)
    assert figures["projects.delay_at_least"] == pytest.approx(3.0, abs=0.01)


# --- kept -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "fate", "reason"),
    [
        (
            "p|partner_in_host|api|active|||site_one|HO-ONE",
            "kept",
            "Onetown Zone: Chemical synthesis) from 2029",
        ),
        ("p|partner_in_host|api|frozen|||site_one|HO-ONE", "kept", "would be revived"),
        ("p|partner_in_host|api|no_trace|||site_one|HO-ONE", "dropped", "no trace of it"),
        (
            "p|partner_in_host|api|active|||site_two|HO-TWO",
            "dropped",
            "no line of its stage here: Twotown Works",
        ),
        (
            "p|partner_in_host|fdf|active||||HO-TWO",
            "same_place",
            "same place, line not stated: the plan makes the same stage here (Region Two: Tab",
        ),
        ("p|partner_in_host||active|||site_one|", "dropped", "stage is not known"),
        ("p|partner_in_host|api|active||||", "dropped", "place is not known"),
        ("p|host_in_partner|api|active|||site_one|", "dropped", "partner's country"),
    ],
)
def test_a_project_is_kept_if_the_plan_surely_opens_its_line_at_its_place(
    line: str, fate: str, reason: str
) -> None:
    made = run(known(line))
    found = {"kept": made.kept, "same_place": made.same_place, "dropped": made.dropped}
    assert {name: frame.height for name, frame in found.items() if frame.height} == {fate: 1}
    row = found[fate].row(0, named=True)
    assert reason in row["reason_en"]
    assert row["reason_ru"]
    figures = {figure.figure_id: figure.value for figure in made.figures}
    assert figures["projects.kept"] == float(fate == "kept")


def test_a_project_in_the_same_place_is_named_apart_and_not_counted() -> None:
    made = run(known("p|partner_in_host|fdf|active||||HO-TWO"))
    said = [words.en for words in made.reasons]
    assert "Of 1 announced projects that do not run yet the plan would keep 0: none." in said
    assert "Same place, line not stated, so not counted as kept (1): p." in said


def test_an_operating_project_is_not_asked_about(result: projects.Result) -> None:
    asked = (result.kept, result.same_place, result.dropped)
    assert {name for frame in asked for name in frame["project_id"]} == {"k2", "k3"}


# --- proposals ------------------------------------------------------------------------------


def test_each_opening_gets_its_best_fitting_pair_once(result: projects.Result) -> None:
    found = dict(result.proposals.select("proposal_id", "match_id").iter_rows())
    assert found == {
        "site_one.chem": "m3",  # the only pair for a substance
        "site_two.solids": "m2",  # its owner's pair, although another scores higher
        "site_one.solids": "m1",
    }


STRANGER = ("m4", "ho_investor", "pa_listed", "beta", "fdf", 0.95)
OWN = ("m5", "ho_maker", "pa_fdf", "alpha", "fdf", 0.1)


def test_a_line_with_an_owner_takes_a_worse_pair_of_its_owner_over_a_better_one() -> None:
    made = run(pairs=matches(STRANGER, OWN), plan=openings(("site_two", "solids", 2027)))
    row = made.proposals.row(0, named=True)
    assert (row["match_id"], row["host_company_id"]) == ("m5", "ho_maker")
    assert (row["owner_company_id"], row["is_owner_to_be_won"]) == ("ho_maker", False)


def test_a_line_whose_owner_is_in_no_pair_has_no_host_company_and_it_is_said() -> None:
    made = run(pairs=matches(STRANGER), plan=openings(("site_two", "solids", 2027)))
    row = made.proposals.row(0, named=True)
    assert (row["match_id"], row["host_company_id"], row["score"]) == (None, None, None)
    assert (row["partner_company_id"], row["owner_company_id"]) == ("pa_listed", "ho_maker")
    assert row["is_owner_to_be_won"]
    said = next(words for words in made.reasons if "owner to be won" in words.en)
    assert said.en.endswith("as host company: Twotown Works – Host Maker.")
    assert said.ru.endswith("принимающей компанией): Завод Второй — Хозяйский завод.")


def test_an_owner_that_is_a_partner_company_need_not_be_won() -> None:
    world = worlds.programme(
        site_technologies=lambda rows: rows.with_columns(company_id=pl.lit("pa_fdf"))
    )
    pairs = matches(STRANGER, OWN)
    row = run(world, pairs=pairs, plan=openings(("site_two", "solids", 2027))).proposals.row(
        0, named=True
    )
    assert (row["host_company_id"], row["partner_company_id"]) == (None, "pa_fdf")
    assert not row["is_owner_to_be_won"]


def test_the_owner_of_the_line_comes_before_the_owner_of_the_site() -> None:
    tenant = worlds.programme(
        site_technologies=lambda rows: rows.with_columns(
            company_id=pl.when(pl.col("site_id") == "site_two")
            .then(pl.lit("ho_investor"))
            .otherwise(pl.col("company_id"))
        )
    )
    plan = openings(("site_two", "solids", 2027))
    row = run(tenant, pairs=matches(STRANGER, OWN), plan=plan).proposals.row(0, named=True)
    assert (row["match_id"], row["owner_company_id"]) == ("m4", "ho_investor")


def test_a_line_without_owner_leaves_an_owners_pair_to_the_owners_line() -> None:
    best = ("m6", "ho_maker", "pa_fdf", "alpha", "fdf", 0.99)
    plan = openings(("site_one", "solids", 2027), ("site_two", "solids", 2029))
    made = run(pairs=matches(best, STRANGER), plan=plan)
    found = dict(made.proposals.select("site_id", "match_id").iter_rows())
    assert found == {"site_one": "m4", "site_two": "m6"}


@pytest.mark.parametrize(
    ("state", "is_flagged", "why"),
    [
        ("cancelled", True, "given up"),
        ("frozen", True, "on ice"),
        ("active", False, "under way"),
        ("operating", False, "it worked"),
    ],
)
def test_a_pair_that_gave_up_a_project_together_is_flagged(
    state: str, is_flagged: bool, why: str
) -> None:
    world = worlds.programme(
        known_projects=lambda rows: rows.filter(pl.col("project_id") == "k2").with_columns(
            company_id=pl.lit("ho_maker"),
            partner_company_id=pl.lit("pa_fdf"),
            state=pl.lit(state),
        )
    )
    made = run(world, pairs=matches(OWN), plan=openings(("site_two", "solids", 2027)))
    assert made.proposals["stopped_project_ids"].item() == ("k2" if is_flagged else None), why
    said = [words for words in made.reasons if "Host Maker and Partner Tablets" in words.en]
    assert len(said) == is_flagged
    if said:
        assert f"together that is {state}: " in said[0].en
        assert "общий проект" in said[0].ru


def test_a_proposal_starts_at_the_first_gate_with_both_approvals_pending(
    result: projects.Result,
) -> None:
    row = result.proposals.row(0, named=True)
    assert (row["gate_id"], row["next_gate_id"]) == ("G0", "G1")
    assert row["entry_criteria"] == "term sheet"
    assert (row["responsible_role"], row["approver_role"]) == ("region", "region")
    assert (row["host_approval"], row["partner_approval"]) == ("pending", "pending")


def test_months_of_the_gates_add_up_along_the_path(result: projects.Result) -> None:
    last = result.path.row(-1, named=True)
    assert last["low"] == add_months(AS_OF, 1 + 3 + 12 + 3)
    assert last["mode"] == add_months(AS_OF, 2 + 6 + 24 + 6)
    assert last["high"] == add_months(AS_OF, 6 + 12 + 48 + 18)
    for end in ("low", "mode", "high"):
        assert result.path[end].is_sorted()


def test_a_launch_after_the_plans_first_output_is_not_in_time(result: projects.Result) -> None:
    # a known project operates at the last gate, so launch is when it is entered: July 2029
    assert [one.isoformat()[:7] for one in result.proposals["launch_mode"].unique()] == ["2029-07"]
    in_time = dict(result.proposals.select("proposal_id", "is_in_time").iter_rows())
    assert in_time == {"site_one.chem": True, "site_two.solids": True, "site_one.solids": True}


def test_where_no_project_operates_the_launch_is_at_the_end_of_the_path() -> None:
    made = run(known("p|host_alone|api|active"))
    assert set(made.proposals["launch_mode"]) == {made.path["mode"][-1]}
    # the usual path ends in January 2030, the first outputs are of 2029 and 2030
    in_time = dict(made.proposals.select("proposal_id", "is_in_time").iter_rows())
    assert in_time == {"site_one.chem": False, "site_two.solids": False, "site_one.solids": True}


def test_a_site_with_several_lines_of_a_stage_leaves_the_line_open() -> None:
    line = "p|partner_in_host|fdf|active|||site_one|HO-ONE"
    alone = run(known(line)).kept.row(0, named=True)
    assert alone["is_line_certain"]
    another = worlds.rows(
        "stages",
        "product_id|stage_id|stage_no|name_en|name_ru|unit|technology_id|capacity_use_per_unit|"
        "yield_share|variable_cost_mn_per_unit|tonnes_per_unit\n"
        "gamma|fdf|1|Vials|Флаконы|mn units|chem|1|1|1|1",
    )
    world = known(line)
    both = worlds.programme(
        known_projects=world["known_projects"],
        stages=lambda rows: pl.concat([rows, another]),
    )
    made = run(both)
    assert made.kept.is_empty()
    row = made.same_place.row(0, named=True)
    assert not row["is_line_certain"]
    assert "compare the lines" in row["reason_en"]


def test_openings_without_a_pair_are_listed() -> None:
    made = run(plan=openings(("site_one", "packing", 2027)))
    assert made.proposals.is_empty()
    assert made.unmatched.rows() == [("site_one", "packing", 2027)]
    assert any("no pair" in words.en for words in made.reasons)


def test_a_pair_without_a_product_fits_any_opening() -> None:
    pairs = matches(("m9", "ho_investor", "pa_api", None, None, 0.5))
    made = run(pairs=pairs, plan=openings(("site_one", "packing", 2027)))
    assert made.proposals["match_id"].to_list() == ["m9"]


def test_several_orders_of_one_technology_at_a_site_are_one_project() -> None:
    plan = openings(("site_one", "chem", 2027), ("site_one", "chem", 2030))
    row = run(plan=plan).proposals.row(0, named=True)
    assert (row["order_year"], row["capex_mn"]) == (2027, 600.0)


def test_without_gates_nothing_is_placed_and_it_is_said() -> None:
    bare = worlds.programme(
        gates=lambda rows: rows.clear(), known_projects=lambda rows: rows.clear()
    )
    made = run(bare)
    assert made.proposals.is_empty()
    assert made.board.is_empty()
    assert "no stage gates" in made.warnings[0].en
    figures = {figure.figure_id: figure for figure in made.figures}
    assert figures["projects.operate_share"].value is None


# --- words, figures, errors -----------------------------------------------------------------


def test_figures_have_unique_ids_ranges_and_facts(result: projects.Result) -> None:
    ids = [figure.figure_id for figure in result.figures]
    assert len(ids) == len(set(ids))
    figures = {figure.figure_id: figure for figure in result.figures}
    whole = figures["projects.operate_share"]
    assert whole.value is not None
    assert whole.value == pytest.approx(1 / 3)
    assert whole.low is not None
    assert whole.high is not None
    assert whole.low < whole.value < whole.high
    assert whole.rows == ("known_projects:k1", "known_projects:k2", "known_projects:k3")
    for figure in result.figures:
        assert figure.value is not None or figure.note


def test_the_finding_counts_announced_working_and_stopped(result: projects.Result) -> None:
    assert result.finding.en.startswith("Of 3 announced projects 1 operate and 1 have stopped")
    assert "работают 1, остановились 1" in result.finding.ru


def test_the_finding_says_when_the_usual_launch_misses_the_plans_first_output() -> None:
    made = run(known("p|host_alone|api|active"))
    assert made.finding.en.endswith(
        "the plan suggests 3 joint projects; the usual launch (2030-01) is later than the plan's "
        "first output for 2 of them."
    )
    assert "обычный срок запуска (01.2030) позже первого выпуска" in made.finding.ru
    alone = run(known("p|host_alone|api|active"), plan=openings(("site_one", "chem", 2027)))
    assert alone.finding.en.endswith("first output for all of them.")
    assert "usual launch" not in run().finding.en  # all are in time there


@pytest.mark.parametrize(
    ("loose", "days"),
    [
        ("2025", (date(2025, 1, 1), date(2025, 12, 31))),
        ("2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2025-09-10", (date(2025, 9, 10), date(2025, 9, 10))),
    ],
)
def test_a_loose_date_spans_what_it_may_mean(loose: str, days: Sequence[date]) -> None:
    assert (first_day(loose), last_day(loose)) == tuple(days)
    assert days[0] <= middle(loose) <= days[1]


def test_gates_whose_times_fall_are_refused() -> None:
    world = worlds.programme(gates=lambda rows: rows.with_columns(months_high=0.5))
    with pytest.raises(ModelError, match=r"J003.*must not fall"):
        run(world)


def test_gates_with_the_same_number_are_refused() -> None:
    world = worlds.programme(gates=lambda rows: rows.with_columns(gate_no=pl.lit(1, pl.Int32)))
    with pytest.raises(ModelError, match="J002"):
        run(world)


def test_options_without_sense_are_refused() -> None:
    inputs = projects.Inputs(worlds.programme(), PAIRS, PLAN, AS_OF)
    with pytest.raises(UsageError, match="J001"):
        projects.run(inputs, projects.Options(stale_months=-1))
