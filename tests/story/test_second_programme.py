"""The second built-in programme: another sector, the other direction, the same code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coproduce.chain import PlanOptions, PlanRun, plan
from coproduce.network import verify_plan
from coproduce.programmes import built_in
from coproduce.report import write_outputs
from coproduce.sources import read_programme

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run() -> PlanRun:
    return plan(read_programme(built_in("india-russia-trains")), PlanOptions())


def test_the_sides_are_turned_round(run: PlanRun) -> None:
    roles = dict(run.programme["parties"].select("role", "country_id").iter_rows())
    assert roles == {"host": "IN", "partner": "RU"}


def test_an_independent_check_agrees_with_the_plan(run: PlanRun) -> None:
    verify_plan(run.programme, run.law, run.network.tables, run.network.proof)


def test_no_page_speaks_of_packs_or_medicines(run: PlanRun, tmp_path: Path) -> None:
    write_outputs(run, tmp_path / "out", "en")
    for page, words in (
        ("report.html", r"\b(packs?|packed|medicines?|substances?|molecules?)\b"),
        ("report.ru.html", r"упаков|лекарств|субстанц|молекул"),
    ):
        text = (tmp_path / "out" / page).read_text(encoding="utf-8")
        shown = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", text, flags=re.S)
        assert not re.findall(words, shown, flags=re.I), page


def test_making_more_at_home_from_bought_components_does_not_make_trains_safer(
    run: PlanRun,
) -> None:
    rows = run.resilience.shortages.filter(product_id="sleeper_coach")
    shortage = dict(rows.select("when", "shortage_share").iter_rows())
    assert "assembly" in run.network.tables["production"]["stage_id"].to_list()
    assert shortage["after"] >= shortage["before"]


def test_systems_made_at_home_from_bought_components_do_not_move_the_bottleneck(
    run: PlanRun,
) -> None:
    assert run.safety.local_stage_id == "systems"
    assert not run.safety.local_stage["is_bottleneck_moved"].any()
    assert run.safety.states.height > 12
