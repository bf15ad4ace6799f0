from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from coproduce.records.words import Words
from coproduce.report import write_outputs
from coproduce.report.exports import figures_record
from coproduce.report.workbook import LONGEST_NAME
from coproduce.report.write import context
from tests.report import made


def test_the_folder_holds_all_outputs(out: Path) -> None:
    names = {path.name for path in out.iterdir()}
    assert names == {
        "report.html", "report.ru.html", "plan.xlsx", "plan.json", "figures.json",
        "manifest.json", "tables", "charts",
    }  # fmt: skip


def test_plan_json_has_what_is_promised(out: Path) -> None:
    plan = json.loads((out / "plan.json").read_text("utf-8"))
    assert plan["programme"] == "two_regions"
    assert plan["rule_instant"] == "2026-11-20"
    assert (plan["status"], plan["objective"], plan["bound"]) == ("optimal", 812.5, 815.0)
    assert plan["gap"] == 0.0031
    assert plan["seconds"] == pytest.approx(0.5)
    assert len(plan["openings"]) == 3
    host = plan["parties"][0]
    assert host["party_id"] == "HO"
    assert (host["npv"], host["best_alternative_npv"]) == (250e6, 120e6)
    assert (host["currency"], host["price_base"]) == ("HOC", "real HOC of 2026")
    assert plan["self_sufficiency"] == {"before": 0.02, "after": 0.31}
    # Shortage of alpha and beta weighted by 960 and 780 mn: (0.04·960 + 0.06·780) / 1740.
    assert plan["expected_shortage"]["before"] == pytest.approx(85.2 / 1740)
    # 637 of 3,599.8 mn of gross cash is marked assumed.
    cash = made.plan_tables()["cash"]
    assumed = cash.filter(pl.col("status") == "assumed")["value_mn"].abs().sum()
    assert plan["assumed_share"] == pytest.approx(assumed / cash["value_mn"].abs().sum())


def test_tables_keep_full_precision_and_every_row(out: Path) -> None:
    for name, frame in made.plan_tables().items():
        assert pl.read_parquet(out / "tables" / f"plan_{name}.parquet").equals(frame)


def test_the_workbook_has_a_sheet_per_table_with_units_in_the_head(out: Path) -> None:
    import fastexcel

    book = fastexcel.read_excel(out / "plan.xlsx")
    tables = {path.stem[:LONGEST_NAME] for path in (out / "tables").iterdir()}
    assert book.sheet_names[:2] == ["readme", "figures"]
    assert set(book.sheet_names[2:]) == tables
    openings = pl.read_excel(out / "plan.xlsx", sheet_name="plan_openings")
    assert "capex_mn, base mn" in openings.columns
    assert "capacity_per_year, capacity unit/year" in openings.columns
    assert openings["capex_mn, base mn"].sum() == pytest.approx(537)
    prices = pl.read_excel(out / "plan.xlsx", sheet_name="programme_prices")
    assert "status" in prices.columns


def test_money_in_the_summary_names_currency_and_price_base(out: Path) -> None:
    figures = {
        f["figure_id"]: f for f in json.loads((out / "figures.json").read_text())["figures"]
    }
    assert figures["summary.capex"]["unit"] == "HOC mn, real HOC of 2026"


def test_a_failing_write_leaves_the_earlier_plan_as_it_was(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "manifest.json").write_text("earlier", "utf-8")
    broken = SimpleNamespace(**{**vars(run), "manifest": {"cannot be JSON": object()}})
    with pytest.raises(TypeError, match="cannot be written as JSON"):
        write_outputs(broken, folder)  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]


def test_an_earlier_plan_is_replaced_as_a_whole_in_the_asked_language(
    run: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "old.txt").write_text("earlier", "utf-8")
    written = write_outputs(run, folder, "ru")
    assert not (folder / "old.txt").exists()
    assert all(path.is_file() for path in written)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert '<html lang="ru">' in (folder / "report.html").read_text("utf-8")
    assert '<html lang="en">' in (folder / "report.en.html").read_text("utf-8")


def test_a_figure_that_is_not_a_number_is_written_as_nothing(run: Any) -> None:
    name = "today.dependence.full_packs.today"
    figures = {**run.figures, name: replace(run.figures[name], high=float("inf"))}
    ctx = context(SimpleNamespace(**{**vars(run), "figures": figures}), "en")  # type: ignore[arg-type]
    found = figures_record(ctx)["figures"]
    assert next(f for f in found if f["figure_id"] == name)["high"] is None


def test_plan_json_carries_the_proof_of_the_alternative_and_every_warning(
    run: Any, tmp_path: Path
) -> None:
    warned = replace(run.appraisal, warnings=(Words("Mind the gap.", "Осторожно, разрыв."),))
    written = SimpleNamespace(**{**vars(run), "appraisal": warned})
    write_outputs(written, tmp_path / "out")  # type: ignore[arg-type]
    plan = json.loads((tmp_path / "out" / "plan.json").read_text("utf-8"))
    assert plan["alternative_proof"] == {
        "objective": 812.5, "bound": 815.0, "gap": 0.0031, "status": "optimal"
    }  # fmt: skip
    assert plan["gaps"] == 5e6
    assert plan["parties_untold_within_gaps"] == []
    assert plan["deal_forms_for_both"] == [1, 2]
    warning = {"room": "appraisal", "en": "Mind the gap.", "ru": "Осторожно, разрыв."}
    assert warning in plan["warnings"]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert "appraisal: Mind the gap." in manifest["warnings"]
    assert manifest["alternative_proof"]["engine"] == "HiGHS 1.15"
