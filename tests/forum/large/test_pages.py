"""The synthetic forum, its pages and what comes of its meetings."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from icalendar import Calendar

from coproduce.forum.large import Options, read_forum, schedule, schedule_folder
from coproduce.forum.large.agenda import Agenda
from coproduce.forum.large.generate import Recipe, generate
from coproduce.forum.large.outcomes import (
    OUTCOME_COLUMNS,
    PROJECT_COLUMNS,
    gate_for,
    projects_of,
    proposed_rules,
)
from coproduce.forum.large.prints import grid_html, print_all
from coproduce.forum.large.suggest import suggestions
from coproduce.programmes import built_in
from coproduce.records.errors import LoadError, ModelError, UsageError
from coproduce.rules.reader import SHIPPED, load

RECIPE = Recipe(participants=24, slots=6, requests=5, seed=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forum") / "made"
    generate(path, RECIPE)
    return path


def test_the_same_seed_makes_the_same_forum_marked_synthetic(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path / "again", RECIPE)
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()
    forum = read_forum(folder)
    assert forum.settings.is_synthetic
    assert all("(synthetic)" in who.name_en for who in forum.participants.values())
    with pytest.raises(UsageError):
        generate(folder, RECIPE)


def test_pages_show_both_time_zones_both_languages_and_the_synthetic_mark(
    folder: Path, tmp_path: Path
) -> None:
    forum = read_forum(folder)
    answer = schedule(forum, Options(polish=False))
    person = answer.meetings[0].people[0]
    for lang in ("en", "ru"):
        print_all(forum, answer, tmp_path / lang, lang=lang, only=[person])
        page = (tmp_path / lang / "agendas.html").read_text(encoding="utf-8")
        assert ("Synthetic forum" in page) == (lang == "en")
        assert ("Вымышленный форум" in page) == (lang == "ru")
        assert forum.settings.time_zone in page
        assert forum.settings.other_time_zone in page
        assert "<svg" in page
        assert (tmp_path / lang / "agendas.pdf").read_bytes().startswith(b"%PDF")
    made = Calendar.from_ical((tmp_path / "en" / "calendars" / f"{person}.ics").read_bytes())
    events = made.walk("VEVENT")
    agenda = Agenda(forum, answer)
    assert [e["dtstart"].dt for e in events] == [entry.starts for entry in agenda.of(person)]


@pytest.mark.slow
def test_everything_is_written_for_everybody(folder: Path, tmp_path: Path) -> None:
    forum = read_forum(folder)
    answer = schedule(forum, Options(polish=False))
    written = print_all(forum, answer, tmp_path, lang="en")
    names = {path.name for path in written}
    assert {"tables.html", "grid.html", "badges.html", "timetable.xlsx", "outcomes.csv"} <= names
    rows = list(csv.reader((tmp_path / "outcomes.csv").read_text("utf-8").splitlines()))
    assert tuple(rows[0]) == OUTCOME_COLUMNS
    assert len(rows) == 1 + len(answer.meetings)


def test_a_filled_outcome_sheet_starts_a_project_and_a_bad_row_is_named(
    folder: Path, tmp_path: Path
) -> None:
    forum = read_forum(folder)
    people = "+".join(next(iter(forum.wishes)))
    sheet = tmp_path / "outcomes.csv"
    good = [
        people,
        "s01",
        "t0001",
        "project",
        "p_new",
        "A new line",
        "partner_in_host",
        "x",
        "",
        "",
    ]
    for rows, is_good in (([good], True), ([good, good], False), ([["zz", *good[1:]]], False)):
        with sheet.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([OUTCOME_COLUMNS, *rows])
        if is_good:
            assert projects_of(forum, sheet, "g1")[1][0] == "p_new"
        else:
            with pytest.raises(LoadError, match="F250"):
                projects_of(forum, sheet, "g1")


@pytest.mark.slow
def test_a_conclusion_becomes_a_leaf_of_status_proposed_that_the_law_reader_takes(
    folder: Path, tmp_path: Path
) -> None:
    row = {
        "conclusion_id": "c1",
        "event_id": "e1",
        "text_en": "Lower the duty",
        "text_ru": "Снизить пошлину",
        "action": "rule",
        "owner_id": "",
        "due": "",
        "target": "ru.tax.forum_duty",
        "value": "2.5",
        "unit": "percent",
        "href": "https://example.org/conclusion",
        "effect_date": "2028-01-01",
    }
    forum = replace(read_forum(folder), conclusions=(row,))
    text = proposed_rules(forum, date(2027, 10, 8))
    leaf = yaml.safe_load(text)["leaves"]["ru.tax.forum_duty"]
    assert leaf["values"][0]["status"] == "proposed"
    assert leaf["values"][0]["value"] == 2.5
    law = tmp_path / "law"
    shutil.copytree(SHIPPED, law)
    (law / "ru" / "tax" / "forum.yaml").write_text(text, encoding="utf-8")
    assert "ru.tax.forum_duty" in load(law).leaves


def test_matches_become_marked_suggestions_and_leave_real_requests_alone(folder: Path) -> None:
    forum = read_forum(folder)
    names = list(forum.participants)
    people = {n: replace(who, company_id=f"c_{n}") for n, who in forum.participants.items()}
    asked = next(iter(forum.wishes))
    rows = [
        {"host_company_id": f"c_{a}", "partner_company_id": f"c_{b}", "score": 0.5}
        for a, b in (asked, (names[0], names[1]))
    ]
    made = suggestions(replace(forum, participants=people), rows, points=10, most_each=3)
    assert [(row[0], row[1], row[3], row[4]) for row in made[1:]] == [
        (names[0], names[1], 5, "suggested"),
        (names[1], names[0], 5, "suggested"),
    ]


def test_a_project_row_has_every_column_of_the_programmes_table_in_its_order() -> None:
    with (built_in() / "known_projects.csv").open(encoding="utf-8", newline="") as file:
        assert tuple(next(csv.reader(file))) == PROJECT_COLUMNS


def test_projects_start_at_the_first_gate_of_the_programme(tmp_path: Path) -> None:
    file = tmp_path / "gates.csv"
    file.write_text("gate_id,gate_no\nlater,2\nfirst,1\n", encoding="utf-8")
    assert gate_for(file, "") == "first"
    assert gate_for(file, "later") == "later"
    with pytest.raises(UsageError, match="first"):
        gate_for(file, "contact")


def test_a_file_of_suggestions_beside_the_requests_is_read_and_marked(tmp_path: Path) -> None:
    generate(tmp_path / "made", RECIPE)
    before = read_forum(tmp_path / "made")
    asked = before.requests[0]
    free = next(
        (a, b)
        for a in before.participants
        for b in before.participants
        if a < b and (a, b) not in before.wishes
    )
    rows = ["participant_id,wanted_id,kind,weight,source,reason_en,reason_ru"]
    rows += [f"{a},{b},meet,4,suggested,," for a, b in (free, free[::-1])]
    rows += [f"{asked.participant_id},{asked.wanted_id},meet,4,suggested,,"]
    (tmp_path / "made" / "suggested.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    after = read_forum(tmp_path / "made")
    assert after.wishes[free].is_suggested
    assert len(after.wishes) == len(before.wishes) + 1, "what is asked for is not suggested too"


def test_a_folder_without_any_wish_is_not_scheduled_as_if_it_were_whole(tmp_path: Path) -> None:
    generate(tmp_path / "made", RECIPE)
    for name in ("requests", "groups", "fixed", "precedences"):
        (tmp_path / "made" / f"{name}.csv").unlink(missing_ok=True)
    with pytest.raises(ModelError, match="nobody asks"):
        schedule_folder(tmp_path / "made")


def test_nothing_is_printed_in_a_time_zone_nobody_told(folder: Path) -> None:
    forum = read_forum(folder)
    answer = schedule(forum, Options(polish=False))
    with pytest.raises(UsageError, match="time zone"):
        Agenda(replace(forum, settings=replace(forum.settings, time_zone="")), answer)


def test_the_grid_names_people_and_says_what_its_figures_are(folder: Path) -> None:
    forum = read_forum(folder)
    answer = schedule(forum, Options(polish=False))
    page = grid_html(Agenda(forum, answer), "ru")
    assert forum.participants[answer.meetings[0].people[0]].name_ru in page
    assert f"Встреч: {len(answer.meetings)}; ценность {answer.objective}" in page
