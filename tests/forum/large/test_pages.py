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

from coproduce.forum.large import Options, read_forum, schedule
from coproduce.forum.large.agenda import Agenda
from coproduce.forum.large.generate import Recipe, generate
from coproduce.forum.large.outcomes import OUTCOME_COLUMNS, projects_of, proposed_rules
from coproduce.forum.large.prints import print_all
from coproduce.forum.large.suggest import suggestions
from coproduce.records.errors import LoadError, UsageError
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
