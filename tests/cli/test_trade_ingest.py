"""`coproduce trade ingest` as a user types it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.sources.trade.makers import V1, baci, v1, write

from coproduce.cli import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["coproduce", "trade", "ingest", *arguments])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_file_is_taken_in_and_the_balance_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = baci(tmp_path, "2021,699,643,300490,5,1", "2021,699,643,300490,5,1")
    assert run(monkeypatch, "baci", str(path), "--out", str(tmp_path / "out")) == 0
    said = capsys.readouterr().out
    assert "rows  2 in = 1 kept + 1 rejected" in said
    assert "value 10,000 USD in = 5,000 kept + 5,000 rejected" in said
    assert f"repeats an earlier row (first: {path.name}, line 3)" in said


def test_the_report_is_printed_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "a.csv", V1, v1("X", 699, 643, "300490", 106.0))
    out = str(tmp_path / "out")
    options = ("--mirror", "RUS", "--cif-fob", "1.06", "--json", "--out", out)
    assert run(monkeypatch, "comtrade", str(path), *options) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows_in"], told["mirror_share"]) == (1, 1.0)


WRONG = [
    (("baci", "absent.csv", "--out", "o"), 1, "no such file"),
    (("tea", "a.csv", "--out", "o"), 2, "tea"),
    (("comtrade", "a.csv", "--out", "o", "--cif-fob", "1.1"), 2, "add --mirror"),
    (("customs", "a.csv", "--out", "o"), 2, "--reporter"),
    (("baci", "a.csv"), 2, "--out"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), WRONG)
def test_a_wrong_call_says_what_to_do(
    arguments: tuple[str, ...],
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, *arguments) == code
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
