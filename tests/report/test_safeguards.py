"""The comparison of safeguards on the page: every number leads to its trace, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from coproduce.report import trace as tracing
from coproduce.report import write_outputs
from tests import worlds
from tests.report import made
from tests.resilience.test_before_after import compared


@pytest.fixture(scope="module")
def run() -> Any:
    found = compared(worlds.programme())
    made_run = made.run(safety=found)
    made_run.figures.update({figure.figure_id: figure for figure in found.figures})
    return made_run


@pytest.fixture(scope="module")
def folder(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("safeguards") / "out"
    write_outputs(run, out, "en")
    return out


def _section(folder: Path, page: str) -> str:
    text = (folder / page).read_text("utf-8")
    start = text.index('<section id="resilience"')
    return text[start : text.index("</section>", start)]


@pytest.mark.parametrize("page", ["report.html", "report.ru.html"])
def test_the_table_has_a_row_for_every_state(run: Any, folder: Path, page: str) -> None:
    section = _section(folder, page)
    table = section[section.index('id="t-safeguards"') :]
    body = table[table.index("<tbody>") : table.index("</tbody>")]
    assert body.count("<tr>") == run.safety.states.height


@pytest.mark.parametrize(
    ("page", "says"),
    [("report.html", "does not raise resilience"), ("report.ru.html", "не повышает устойчивость")],
)
def test_a_local_stage_from_imported_inputs_is_said_not_to_raise_resilience(
    run: Any, folder: Path, page: str, says: str
) -> None:
    shortages = [
        figure.value
        for figure in run.safety.figures
        if figure.figure_id.startswith("resilience.local_stage.shortage")
    ]
    section = _section(folder, page)
    assert (says in section) == (shortages[1] >= shortages[0] - 1e-4)
    assert 'id="local-stage"' in section


def test_every_number_of_the_comparison_can_be_traced(run: Any, folder: Path) -> None:
    for figure in run.safety.figures:
        found = tracing.trace(folder, figure.figure_id)
        # the hand-made run lacks the headline figures that a real run has
        missing = [ref for ref in found.missing if not ref.startswith("resilience.expected")]
        assert missing == [], figure.figure_id
        assert figure.method
    shown = re.findall(r'href="#(f-resilience-state-[^"]+)"', _section(folder, "report.html"))
    text = (folder / "report.html").read_text("utf-8")
    assert shown
    assert all(f'id="{anchor}"' in text for anchor in shown)


def test_the_tables_are_written_out(folder: Path) -> None:
    for name in ("states", "measures", "tiers", "local_stage", "over_time", "places"):
        assert pl.read_parquet(folder / "tables" / f"resilience_{name}.parquet").height > 0
    for name in ("safeguards", "shortage-years", "weakest-places"):
        assert (folder / "charts" / f"{name}.vl.json").is_file()


def test_costs_are_called_assumed_in_the_head_of_their_column(folder: Path) -> None:
    assert "Cost a year (assumed)" in _section(folder, "report.html")
    assert "Цена в год (предположение)" in _section(folder, "report.ru.html")
