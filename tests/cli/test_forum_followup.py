"""`coproduce forum requests|outcomes`: from a plan to wishes, from meetings to projects."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import polars as pl
import pytest

from coproduce.cli import main
from coproduce.forum.large.outcomes import OUTCOME_COLUMNS
from coproduce.programmes import built_in

pytestmark = pytest.mark.slow

COMPANIES = (("h1", "c1", "host"), ("h2", "c2", "host"), ("v1", "d1", "partner"))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["coproduce", "forum", *arguments])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def rows_of(file: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a programme's tables, without a table of requests."""
    people = "participant_id,company_id,name_en,side,representatives,max_meetings,languages\n"
    people += "".join(f"{who},{firm},{who},{side},1,3,en\n" for who, firm, side in COMPANIES)
    files = {
        "participants": people,
        "tables": "table_id,name_en\nt1,Table 1\n",
        "slots": "slot_id,slot_no,starts_at,ends_at,is_blocked\n"
        "s1,1,2030-05-06T09:00,2030-05-06T09:30,false\n"
        "s2,2,2030-05-06T10:00,2030-05-06T10:30,false\n",
    }
    made = tmp_path / "forum"
    made.mkdir()
    for name, text in files.items():
        (made / f"{name}.csv").write_text(text, encoding="utf-8")
    return made


def test_a_plans_matches_are_suggested_those_of_planned_stages_first(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "out"
    (plan / "tables").mkdir(parents=True)
    assert run(monkeypatch, "requests", str(folder), str(plan)) == 2, "no plan lies there"
    matches = {
        "host_company_id": ["c1", "c2"],
        "partner_company_id": ["d1", "d1"],
        "product_id": ["p", "p"],
        "stage_id": ["make", "pack"],
        "score": [0.9, 0.5],
        "reasons_en": ["good", "planned"],
        "reasons_ru": ["", ""],
    }
    pl.DataFrame(matches).write_parquet(plan / "tables" / "partners_matches.parquet")
    made = pl.DataFrame({"product_id": ["p"], "stage_id": ["pack"], "year": [2030]})
    made.write_parquet(plan / "tables" / "plan_production.parquet")
    assert run(monkeypatch, "schedule", str(folder)) == 1, "nobody asks for anybody yet"
    out = folder / "suggested.csv"
    assert run(monkeypatch, "requests", str(folder), str(plan), "--out", str(out)) == 0
    rows = rows_of(out)
    assert [row["participant_id"] for row in rows] == ["h2", "v1", "h1", "v1"]
    answer = tmp_path / "answer.json"
    options = ("--solution", str(answer), "--time-limit", "2")
    assert run(monkeypatch, "schedule", str(folder), *options) == 0
    assert '"is_suggested": true' in answer.read_text(encoding="utf-8")


def test_projects_of_outcomes_start_at_the_first_gate_and_can_be_appended(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, out = tmp_path / "outcomes.csv", tmp_path / "follow-up"
    row = ("h1+v1", "s1", "t1", "project", "p_new", "New line", "partner_in_host", "any", "", "")
    with sheet.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([OUTCOME_COLUMNS, row])
    options = ("--known", "2030-05-08", "--out", str(out))
    assert run(monkeypatch, "outcomes", str(folder), str(sheet), *options, "--gate", "zz") == 2
    assert not out.exists(), "nothing is written if something is wrong"
    assert run(monkeypatch, "outcomes", str(folder), str(sheet), *options) == 0
    (made,) = rows_of(out / "known_projects.csv")
    first = min(rows_of(built_in() / "gates.csv"), key=lambda gate: int(gate["gate_no"]))
    assert made["gate_id"] == first["gate_id"]
    assert (made["company_id"], made["partner_company_id"]) == ("c1", "d1")
    assert made["evidence_date"] == "2030-05-06"
    (origin,) = rows_of(out / "origins.csv")
    assert origin["origin_id"] == made["origin_id"]
