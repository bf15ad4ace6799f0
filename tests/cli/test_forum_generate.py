"""`coproduce forum generate|schedule|verify|replan|explain|print` on one small folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from coproduce.cli import main

pytestmark = pytest.mark.slow


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["coproduce", "forum", *arguments])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_an_organiser_goes_from_a_folder_to_paper_and_through_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, first, second = tmp_path / "forum", tmp_path / "t.json", tmp_path / "t2.json"
    sizes = ("--participants", "30", "--slots", "6", "--requests", "6", "--seed", "4")
    assert run(monkeypatch, "generate", str(folder), *sizes) == 0
    assert run(monkeypatch, "generate", str(folder), *sizes) == 2, "the folder is there already"
    capsys.readouterr()
    options = ("--json", "--time-limit", "3", "--solution", str(first))
    assert run(monkeypatch, "schedule", str(folder), *options) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {"meetings", "objective", "bound", "gap", "status", "seconds", "seed"} <= set(printed)
    assert printed["breaks_bound"] <= printed["breaks"]
    assert run(monkeypatch, "verify", str(folder), str(first)) == 0
    capsys.readouterr()
    change = ("--drop-out", "p00003", "--frozen-until", "s01", "--out", str(second), "--json")
    assert run(monkeypatch, "replan", str(folder), str(first), *change) == 0
    step = json.loads(capsys.readouterr().out)["changes"][0]
    assert step["moved"] == step["moved_bound"] == 0
    assert run(monkeypatch, "verify", str(folder), str(second)) == 0
    assert run(monkeypatch, "replan", str(folder), str(first)) == 2, "nothing happened"
    assert run(monkeypatch, "explain", str(folder), str(first), "p00005", "--lang", "ru") == 0
    assert run(monkeypatch, "explain", str(folder), str(first), "zz") == 2
    out = tmp_path / "pages"
    assert run(monkeypatch, "print", str(folder), str(second), "--out", str(out)) == 0
    assert (out / "agendas.pdf").is_file()
    assert len(list((out / "calendars").iterdir())) == 30


def test_a_faulty_timetable_is_found_and_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = tmp_path / "forum", tmp_path / "t.json"
    assert run(monkeypatch, "generate", str(folder), "--participants", "12", "--slots", "4") == 0
    options = ("--time-limit", "2", "--solution", str(file))
    assert run(monkeypatch, "schedule", str(folder), *options) == 0
    values = json.loads(file.read_text(encoding="utf-8"))
    values["meetings"][0]["slot_id"] = values["meetings"][-1]["slot_id"]
    values["meetings"][0]["table_id"] = values["meetings"][-1]["table_id"]
    file.write_text(json.dumps(values), encoding="utf-8")
    assert run(monkeypatch, "verify", str(folder), str(file)) == 1
    out = tmp_path / "pages"
    assert run(monkeypatch, "print", str(folder), str(file), "--out", str(out)) == 1
    assert not out.exists()
