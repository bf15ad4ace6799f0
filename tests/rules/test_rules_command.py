"""`coproduce rules`: answers for people and machines, and its exit codes."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from coproduce.cli.rules import app

run = CliRunner().invoke


def test_at_lists_the_rules_of_a_day_and_of_a_publication_day() -> None:
    now = json.loads(run(app, ["at", "2027-01-01", "--area", "ru.tax.profit", "--json"]).stdout)
    then = json.loads(
        run(
            app,
            ["at", "2027-01-01", "--known", "2024-01-01", "--area", "ru.tax.profit", "--json"],
        ).stdout
    )
    read = {row["leaf_id"]: row["value"] for row in now}
    assert read["ru.tax.profit.total"] == 25
    assert {row["leaf_id"]: row["value"] for row in then}["ru.tax.profit.total"] == 20
    assert now[0]["references"][0]["href"].startswith("https://")


def test_at_prints_a_table() -> None:
    found = run(app, ["at", "2027-01-01", "--area", "ru.tax.profit"])
    assert found.exit_code == 0
    assert "enacted" in found.stdout


def test_trace_names_the_reason_for_each_version() -> None:
    found = run(app, ["trace", "ru.tax.profit.total", "--at", "2027-01-01"])
    assert found.exit_code == 0
    assert "served" in found.stdout
    assert "https://www.klerk.ru" in found.stdout
    record = json.loads(
        run(app, ["trace", "ru.tax.profit.total", "--at", "2027-01-01", "--json"]).stdout
    )
    assert [row["is_served"] for row in record["versions"]] == [False, True]


def test_coverage_counts_the_leaves_of_each_area() -> None:
    rows = json.loads(run(app, ["coverage", "--json"]).stdout)
    assert all(row["n_leaves"] > 0 for row in rows)
    assert run(app, ["coverage"]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["at", "1800-01-01", "--area", "ru.labour"], 1, "nothing was in force"),
        (["trace", "ru.nothing", "--at", "2027-01-01"], 1, "no such leaf"),
        (["trace", "ru.admin.inspection.fee", "--at", "2027-01-01"], 1, "no value"),
        (["at", "tomorrow"], 2, "not a day"),
        (["at", "2027-01-01", "--status", "hoped"], 2, "no such status"),
    ],
)
def test_exit_codes_tell_an_empty_answer_from_a_wrong_call(
    arguments: list[str], code: int, why: str
) -> None:
    assert run(app, arguments).exit_code == code, why


@pytest.mark.parametrize("command", ["at", "trace", "coverage"])
def test_each_command_helps_with_an_example(command: str) -> None:
    assert "Example: coproduce rules" in run(app, [command, "--help"]).stdout
