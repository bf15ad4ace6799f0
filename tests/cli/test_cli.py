"""The command line as a newcomer uses it: exit codes, messages, and nothing half-written."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.worlds import write

from coproduce.cli import main


@dataclass(frozen=True)
class Done:
    """How one command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process, as the installed command does."""

    def once(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["coproduce", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return once


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "coproduce", "--version"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "coproduce")


def test_help_lists_every_command_with_what_it_does(run: Run) -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("new", "check", "plan", "trace", "serve", "rules"):
        assert command in done.stdout


@pytest.mark.parametrize("command", ["new", "check", "plan", "trace", "serve"])
def test_every_command_shows_an_example(command: str, run: Run) -> None:
    assert "Example:" in run(command, "--help").stdout


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    assert run("plann").returncode == 2


def test_new_makes_a_folder_that_check_accepts(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "mine"
    assert run("new", str(folder)).returncode == 0
    assert run("check", str(folder)).returncode == 0


def test_new_does_not_touch_a_folder_that_holds_something(tmp_path: Path, run: Run) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run("new", str(tmp_path))
    assert done.returncode in (1, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_check_reports_all_problems_with_places_and_ends_with_1(tmp_path: Path, run: Run) -> None:
    folder = write(tmp_path / "world")
    sites = folder / "sites.csv"
    text = sites.read_text(encoding="utf-8").splitlines()
    sites.write_text("\n".join([*text, text[1]]) + "\n", encoding="utf-8")
    (folder / "zones.csv").unlink()
    done = run("check", str(folder))
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "sites.csv, row" in said
    assert "zones" in said


def test_plan_of_a_broken_folder_writes_nothing(tmp_path: Path, run: Run) -> None:
    folder = write(tmp_path / "world")
    (folder / "demand.csv").write_text("nonsense\n1\n", encoding="utf-8")
    out = tmp_path / "out"
    done = run("plan", str(folder), "--out", str(out))
    assert done.returncode == 1
    assert "demand.csv" in done.stderr
    assert not out.exists()


def test_plan_does_not_write_into_a_folder_of_somebody_else(tmp_path: Path, run: Run) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    done = run("plan", "--out", str(tmp_path / "letters"))
    assert done.returncode == 2
    assert "U002" in done.stderr
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["a.txt"]


def test_rules_answer_by_both_clocks(run: Run) -> None:
    early = run("rules", "at", "2027-01-01", "--known", "2025-10-01", "--json")
    late = run("rules", "at", "2027-01-01", "--json")
    assert early.returncode == late.returncode == 0
    assert json.loads(early.stdout) != json.loads(late.stdout)


def test_an_unknown_leaf_is_answered_with_close_ones(run: Run) -> None:
    done = run("rules", "trace", "ru.tax.profit.totl")
    assert done.returncode == 1
    assert "ru.tax.profit.total" in done.stderr


def test_serve_shows_the_report_on_loopback_only(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("<title>plan</title>", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "coproduce", "serve", "--out", str(tmp_path), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert f"http://127.0.0.1:{port}/report.html" in line
        with urllib.request.urlopen(line.split()[0], timeout=10) as answer:
            assert b"<title>plan</title>" in answer.read()
    finally:
        server.terminate()
        server.wait(timeout=10)
        if server.stdout:
            server.stdout.close()
