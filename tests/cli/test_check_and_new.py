"""`coproduce check` and `coproduce new`, as a person meets them."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
import typer
from tests.sources import planting as p
from tests.worlds import programme, settings, write
from typer.testing import CliRunner

from coproduce.cli.check import check
from coproduce.cli.new import new
from coproduce.programmes import built_in
from coproduce.records.errors import LoadError, UsageError
from coproduce.records.programme import Programme
from coproduce.sources import read_programme, write_xlsx

RULES = {
    "standing": "ru.localisation.rule",
    "access": "ru.access.tender",
    "payroll": "ru.labour.contributions.rule",
    "home_regime.HO": "gen",
    "home_regime.PA": "in_gen",
    "withheld_dividend.PA": "in_ru.treaty.dividend",
    "withheld_royalty.PA": "in_ru.treaty.royalty",
    "lead.licence": "ru.admin.licence.days",
}


def lawful() -> Programme:
    """Return the tiny world under real leaves; all of it is one bloc, so that no duty is asked."""
    return programme(
        changed_settings=settings(rules=RULES),
        countries=lambda rows: rows.with_columns(is_in_bloc=pl.lit(value=True)),
    )


app = typer.Typer()
app.command("check")(check)
app.command("new")(new)
runner = CliRunner()


def test_a_valid_programme_is_listed_table_by_table_and_ends_with_ok(tmp_path: Path) -> None:
    result = runner.invoke(app, ["check", str(write(tmp_path / "world", lawful()))])
    assert result.exit_code == 0, result.output
    assert "sources                   22 rows" in result.output
    assert result.output.splitlines()[-1].startswith("ok: two_regions, ")


def test_an_invalid_programme_lists_every_problem_ends_with_1_and_writes_nothing(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path / "world", lawful())
    p.cell("demand", 3, "quantity", "about five")(folder)
    p.cell("sites", 2, "region_id", "HO-OEN")(folder)
    p.cell("scenarios", 2, "probability", "0.9")(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    result = runner.invoke(app, ["check", str(folder)])
    assert result.exit_code == 1
    for words in (
        "[P030] demand.csv, row 3, column quantity: ‘about five’ is not a number",
        "[P050] sites.csv, row 2, column region_id: ‘HO-OEN’",
        "[P057] scenarios.csv, column probability: ",
        "3 problems; nothing was loaded",
    ):
        assert words in result.output
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_json_says_the_same_for_machines(tmp_path: Path) -> None:
    folder = write(tmp_path / "world", lawful())
    good = json.loads(runner.invoke(app, ["check", str(folder), "--json"]).stdout)
    assert (good["ok"], good["tables"]["sites"], good["issues"]) == (True, 2, [])
    p.cell("sites", 2, "regime_id", "no_such_regime")(folder)
    result = runner.invoke(app, ["check", str(folder), "--json"])
    bad = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [issue["code"] for issue in bad["issues"]] == ["P059"]
    assert bad["issues"][0]["where"] == "sites.csv, row 2, column regime_id"


@pytest.mark.parametrize(
    ("plant", "code", "words"),
    [
        (
            p.settings("access: ru.access.tender", "access: ru.access.tenders"),
            "R101",
            "there is no leaf 'ru.access.tenders'",
        ),
        (p.settings("home_regime.PA: in_gen", "home_regime.PA: in_gem"), "R105", "in_gem"),
        (p.settings("  payroll: ru.labour.contributions.rule\n", ""), "R110", "role 'payroll'"),
        (p.settings("rule_instant: 2026-11-20", "rule_instant: 1990-01-01"), "R102", "no value"),
    ],
    ids=["unknown leaf", "unknown home regime", "missing role", "law not yet published"],
)
def test_law_that_a_plan_could_not_read_is_a_problem_of_the_settings(
    plant: p.Plant, code: str, words: str, tmp_path: Path
) -> None:
    folder = write(tmp_path / "world", lawful())
    plant(folder)
    result = runner.invoke(app, ["check", str(folder)])
    assert result.exit_code == 1, result.output
    assert f"[{code}] programme.yaml: " in result.output
    assert words in result.output
    assert "1 problem; nothing was loaded" in result.output
    asked = runner.invoke(app, ["check", str(folder), "--json"])
    record = json.loads(asked.stdout)
    assert (asked.exit_code, record["ok"]) == (1, False)
    assert [issue["code"] for issue in record["issues"]] == [code]


def test_in_a_workbook_a_problem_of_the_law_stands_in_its_settings_sheet(tmp_path: Path) -> None:
    file = tmp_path / "world.xlsx"
    write_xlsx(programme(), file)  # its settings name no leaf at all
    result = runner.invoke(app, ["check", str(file)])
    assert result.exit_code == 1
    assert "[R110] world.xlsx, sheet programme: " in result.output


def test_the_built_in_programme_is_ok() -> None:
    result = runner.invoke(app, ["check"])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1].startswith("ok: ")


def test_new_copies_the_built_in_programme_file_by_file(tmp_path: Path) -> None:
    target = tmp_path / "mine"
    result = runner.invoke(app, ["new", str(target)])
    assert result.exit_code == 0, result.output
    source = built_in()
    names = {path.name for path in source.iterdir()}
    assert {path.name for path in target.iterdir()} == names
    assert all((target / name).read_bytes() == (source / name).read_bytes() for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("arguments", [[], ["--empty"]])
def test_new_never_writes_where_something_is(arguments: list[str], tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "precious.txt").write_text("x", encoding="utf-8")
    result = runner.invoke(app, ["new", str(target), *arguments])
    assert isinstance(result.exception, UsageError)
    assert [path.name for path in target.iterdir()] == ["precious.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_new_names_the_built_in_programmes_when_the_asked_one_is_not_there(
    tmp_path: Path,
) -> None:
    result = runner.invoke(app, ["new", str(tmp_path / "mine"), "--example", "nowhere"])
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["empty", "empty.xlsx"])
def test_an_empty_programme_has_all_headers_and_is_refused_only_for_what_is_not_filled_in(
    name: str, tmp_path: Path
) -> None:
    target = tmp_path / name
    result = runner.invoke(app, ["new", str(target), "--empty"])
    assert result.exit_code == 0, result.output
    with pytest.raises(LoadError) as caught:
        read_programme(target)
    assert {issue.code for issue in caught.value.issues} == {"P012", "P024"}


def test_a_built_in_programme_goes_by_its_name_unless_a_folder_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from coproduce.programmes import built_in, located, names

    monkeypatch.chdir(tmp_path)
    for name in names():
        assert located(Path(name)) == built_in(name)
    (tmp_path / names()[0]).mkdir()
    assert located(Path(names()[0])) == Path(names()[0])
    assert located(None) == built_in()
