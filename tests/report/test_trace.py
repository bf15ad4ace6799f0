from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from coproduce.records.errors import UsageError
from coproduce.report import trace


def test_a_summary_figure_leads_to_rows_and_their_origin(out: Path) -> None:
    found = trace.trace(out, "summary.self_sufficiency.after")
    part = found.parts[0]
    assert part.figure["figure_id"] == "after.dependence.full_packs.plan"
    assert [row.ref for row in part.rows] == ["sources:s04", "demand:alpha|west|retail"]
    assert part.rows[0].values["share_today"] == 0.6
    assert part.origins[0]["title"] == "Made up for the tests."
    assert found.all_origins() == part.origins
    assert not found.missing


def test_a_rule_leads_to_its_value_dates_and_reference(out: Path) -> None:
    found = trace.trace(out, "appraisal.npv.HO")
    assert found.rules[0]["value"] == 25
    assert found.rules[0]["known"] == "2024-07-12"
    assert found.rules[0]["references"][0]["href"] == "https://example.org/act-1"


def test_what_the_folder_does_not_hold_is_named(out: Path) -> None:
    assert trace.trace(out, "appraisal.npv.HO").missing == ("dependence.none",)


def test_an_unknown_figure_is_refused_with_close_names(out: Path) -> None:
    with pytest.raises(UsageError, match=r"did you mean .*summary\.capex") as caught:
        trace.trace(out, "summary.capx")
    assert caught.value.code == "U210"


def test_a_folder_without_figures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="coproduce plan --out") as caught:
        trace.trace(tmp_path, "summary.capex")
    assert caught.value.code == "U211"


def test_the_trace_is_plain_json_and_a_tree_of_text(out: Path) -> None:
    from rich.console import Console

    found = trace.trace(out, "summary.capex")
    assert json.loads(json.dumps(found.as_dict()))["rows"][0]["table"] == "modules"
    console = Console(file=io.StringIO(), width=400)
    console.print(found.as_tree(max_rows=1))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "537 HOC mn, real HOC of 2026 ◇ synthetic" in text
    assert "modules: 3 rows" in text
    assert "… and 2 more" in text
    assert "method: Made up for the tests." in text


def test_every_figure_of_the_folder_can_be_traced(out: Path) -> None:
    figures = trace.figures(out)
    assert len(figures) > 15
    for figure in figures:
        trace.trace(out, figure["figure_id"])
