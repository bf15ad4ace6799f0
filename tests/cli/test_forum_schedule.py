"""`coproduce forum schedule|verify` on a .dzn file: keys, exit codes, proofs, named faults."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.forum.b2b.small import dzn

from coproduce.cli import main

pytestmark = pytest.mark.slow

SQUARE = [(1, 2, 3), (2, 3, 3), (3, 4, 3), (4, 1, 3)]
HOST = [(1, 2, 3), (1, 3, 3)]
"""Participant 1 is away in slot 2 of three, and so meets in 1 and 3."""


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["coproduce", "forum", *arguments])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture
def host(tmp_path: Path) -> Path:
    path = tmp_path / "host.dzn"
    path.write_text(dzn(HOST, forbidden={1: {2}}, slots=3, morning=3), encoding="utf-8")
    return path


def test_a_file_is_scheduled_with_proof_and_the_checker_agrees(
    host: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "host.json"
    assert run(monkeypatch, "schedule", str(host), "--json", "--solution", str(out)) == 0
    printed = json.loads(capsys.readouterr().out)
    asked = ("meetings", "objective", "bound", "gap", "status", "seconds", "seed", "engine")
    assert set(asked) <= set(printed)
    assert (printed["meetings"], printed["objective"], printed["bound"]) == (2, 1, 1)
    assert (printed["status"], printed["gap"]) == ("optimal", 0.0)
    assert run(monkeypatch, "verify", str(host), str(out)) == 0
    assert "valid" in capsys.readouterr().out
    made = json.loads(out.read_text(encoding="utf-8"))
    made["timetable"][0]["slot"] = 2
    out.write_text(json.dumps(made), encoding="utf-8")
    assert run(monkeypatch, "verify", str(host), str(out)) == 1
    assert "forbidden slot: participant 1" in capsys.readouterr().out


def test_the_avoidable_definition_forgives_an_absence(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for threads in ("1", "3"):
        arguments = ("--json", "--definition", "avoidable", "--threads", threads)
        assert run(monkeypatch, "schedule", str(host), *arguments) == 0
        assert json.loads(capsys.readouterr().out)["objective"] == 0


@pytest.mark.parametrize(
    ("why", "text", "words"),
    [
        ("five meetings in three slots", dzn([*SQUARE, (1, 3, 3), (1, 2, 3)], slots=3), "3 slots"),
        ("odd rings need three slots", dzn([*SQUARE[:2], (3, 1, 3)], slots=2), "proven by"),
    ],
)
def test_an_infeasible_file_is_proven_so_with_exit_1(
    why: str,
    text: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "none.dzn"
    path.write_text(text, encoding="utf-8")
    assert run(monkeypatch, "schedule", str(path), "--json") == 1, why
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert (answer["status"], answer["meetings"], answer["objective"]) == ("infeasible", 0, None)
    assert words in printed.err


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (dzn([(1, 9, 3)]), "F403"),
        (dzn([(1, 1, 3)]), "F404"),
        (dzn(SQUARE, tables=0), "F405"),
        ("nothing", "F402"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_is_written(
    text: str,
    code: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, out = tmp_path / "bad.dzn", tmp_path / "out.json"
    path.write_text(text, encoding="utf-8")
    assert run(monkeypatch, "schedule", str(path), "--solution", str(out)) == 1
    assert code in capsys.readouterr().err
    assert not out.exists()


def test_a_call_that_makes_no_sense_is_a_usage_error(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "schedule", str(tmp_path / "absent.dzn")) == 2
    assert run(monkeypatch, "schedule", str(host), "--definition", "none") == 2
    assert run(monkeypatch, "schedule", str(host), "--fairness", "-1") == 2
