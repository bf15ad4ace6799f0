"""The main job end to end on the built-in programme: what the report must be able to say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from coproduce.chain import PlanOptions, PlanRun, plan
from coproduce.network import verify_plan
from coproduce.programmes import built_in
from coproduce.report import trace as tracing
from coproduce.report import write_outputs
from coproduce.sources import read_programme

pytestmark = pytest.mark.slow

WHEN = ("before", "after")


@pytest.fixture(scope="module")
def run() -> PlanRun:
    return plan(read_programme(built_in()), PlanOptions())


@pytest.fixture(scope="module")
def out(run: PlanRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan") / "out"
    write_outputs(run, folder, "en")
    return folder


def test_the_programme_has_the_promised_size(run: PlanRun) -> None:
    programme = run.programme
    assert programme["products"].height >= 30
    assert programme["sites"].height >= 40
    assert programme["zones"].height == 8
    assert len(programme.settings.years) == 10
    assert programme["known_projects"].height >= 25
    sides = programme["companies"]["country_id"].value_counts()
    by_country = dict(sides.iter_rows())
    for country_id in programme["parties"]["country_id"]:
        assert by_country[country_id] >= 40


def test_the_gap_is_proven_within_one_per_cent(run: PlanRun) -> None:
    proof = run.network.proof
    assert proof.bound >= proof.objective
    assert proof.gap_share <= 0.01


def test_an_independent_check_agrees_with_the_plan(run: PlanRun) -> None:
    verify_plan(run.programme, run.law, run.network.tables, run.network.proof)


def test_plan_json_carries_what_machines_rely_on(out: Path) -> None:
    answer = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    for key in (
        "programme", "rule_instant", "status", "objective", "bound", "gap", "seconds",
        "openings", "parties", "self_sufficiency", "expected_shortage", "assumed_share",
    ):  # fmt: skip
        assert key in answer, key
    for party in answer["parties"]:
        assert {"party_id", "npv", "best_alternative_npv", "currency", "price_base"} <= set(party)
    assert {"before", "after"} <= set(answer["self_sufficiency"])
    assert 0.0 < answer["assumed_share"] <= 1.0


def test_every_figure_ends_at_an_origin_or_a_rule(run: PlanRun, out: Path) -> None:
    listed = [figure["figure_id"] for figure in tracing.figures(out)]
    assert set(run.figures) <= set(listed)
    on_first_page = [name for name in listed if name.startswith("summary.")]
    for figure_id in [*on_first_page, *listed[::40]]:
        found = tracing.trace(out, figure_id).as_dict()
        assert found["figure"]["figure_id"] == figure_id
        assert found["missing"] == [], figure_id


def test_the_report_stands_alone(out: Path) -> None:
    page = (out / "report.html").read_text(encoding="utf-8")
    loaded = re.findall(r"""<(?:script|img|iframe)[^>]+src=["'](?!data:)[^"']+""", page)
    styles = re.findall(r"""<link[^>]+stylesheet[^>]+href=["'](?!data:)[^"']+""", page)
    assert loaded == []
    assert styles == []


def test_self_sufficiency_is_reported_at_three_depths(run: PlanRun) -> None:
    for totals in (run.today.totals, run.after.totals):
        whole, full, soft = (
            totals.whole_packs_share,
            totals.full_packs_share,
            totals.soft_packs_share,
        )
        assert 0 <= whole <= full <= soft <= 1


def test_no_meeting_is_double_booked(run: PlanRun) -> None:
    timetable = run.forum.timetable
    by_table = timetable.group_by("slot_id", "table_id").len()
    assert by_table["len"].max() == 1


def test_frozen_and_cancelled_projects_have_a_reason(run: PlanRun) -> None:
    stopped = run.programme["known_projects"].filter(
        pl.col("state").is_in(["frozen", "cancelled"])
    )
    assert stopped.height > 0
    assert stopped["reason_code"].null_count() == 0


def test_local_substances_from_imported_intermediates_do_not_raise_resilience(
    run: PlanRun, out: Path
) -> None:
    rows = run.safety.local_stage
    assert run.safety.local_stage_id == "api"
    assert rows["home_after"].min() == 1.0
    assert not rows["is_bottleneck_moved"].any()
    before, after = (run.figures[f"resilience.local_stage.shortage.{when}"].value for when in WHEN)
    assert after >= before
    assert "does not raise resilience" in (out / "report.html").read_text(encoding="utf-8")


def test_safeguards_are_compared_with_the_plan_and_reach_both_targets(run: PlanRun) -> None:
    states = run.safety.states
    assert states["state_id"].to_list()[:2] == ["today", "plan"]
    assert states["kind"].n_unique() >= 7
    reached = " ".join(states["cheapest_for"]).split()
    assert sorted(reached) == ["0.02", "0.05"]
    plan = run.figures["resilience.expected_shortage.after"].value
    assert states["shortage_share"][1] == pytest.approx(plan)
