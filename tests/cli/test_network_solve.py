"""``coproduce network solve`` and ``verify`` as their users call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.network.location.small import command, made, orlib_text

KEYS = [
    "problem",
    "objective",
    "bound",
    "gap",
    "status",
    "seconds",
    "seed",
    "engine",
    "opened",
    "certificate",
]


def test_a_problem_is_solved_written_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, target = tmp_path / "problem", tmp_path / "solution.json"
    problem.write_text(orlib_text(made(1, 6, 10, "cfl")), encoding="utf-8")
    done = command(
        monkeypatch,
        capsys,
        *("network", "solve", problem, "--format", "orlib", "--json", "--solution", target),
    )
    assert done.code == 0, done.err
    assert list(done.json) == KEYS
    assert done.json["status"] == "optimal"
    assert done.json["problem"] == "cfl"
    done = command(monkeypatch, capsys, "network", "verify", problem, target)
    assert done.code == 0
    assert "Right." in done.out

    found = json.loads(target.read_text(encoding="utf-8"))
    found["answer"]["objective"] -= 1
    target.write_text(json.dumps(found), encoding="utf-8")
    done = command(monkeypatch, capsys, "network", "verify", problem, target, "--json")
    assert done.code == 1
    assert done.json["is_right"] is False


@pytest.mark.parametrize(
    ("why", "arguments", "code", "said"),
    [
        ("unknown format", ["--format", "nope"], 2, "known are"),
        ("no folder", ["--format", "orlib", "--solution", "none/here.json"], 2, "folder"),
        ("another layout", ["--format", "sscflp"], 1, "problem"),
        ("a negative limit", ["--format", "orlib", "--time-limit", "-1"], 2, "time-limit"),
    ],
)
def test_a_wrong_call_says_what_to_do(
    why: str,
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    problem = tmp_path / "problem"
    problem.write_text(orlib_text(made(1, 3, 4, "cfl")) + "x\n", encoding="utf-8")
    done = command(monkeypatch, capsys, "network", "solve", problem, *arguments)
    assert done.code == code, why
    assert said in done.err, why
    assert "Traceback" not in done.err


def test_what_is_no_solution_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, said in (("{", "line 1"), ("{}", "schema"), ("[1]", "schema")):
        path = tmp_path / "solution.json"
        path.write_text(text, encoding="utf-8")
        done = command(monkeypatch, capsys, "network", "verify", path, path)
        assert done.code == 1
        assert said in done.err
