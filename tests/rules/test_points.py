"""Status by stages: points, the threshold with its operator, and what held before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from coproduce import rules
from coproduce.records.errors import RuleError
from coproduce.rules.book import RuleBook
from coproduce.rules.points import status_ids

RULE = "ru.localisation.rule"


@pytest.mark.parametrize(
    ("stages", "status", "rank", "points", "why"),
    [
        ((), "foreign", 0, 0, "nothing inside"),
        (("pack",), "packed", 1, 0, "packing earns nothing"),
        (("intermediate",), "foreign", 0, 0, "key intermediates earn nothing in law"),
        (("fdf",), "local_fdf", 2, 50, "fifty is enough by 'not less than'"),
        (("fdf", "pack"), "local_fdf", 2, 50, "packing adds nothing"),
        (("api",), "foreign", 0, 50, "a substance alone is no local medicine"),
        (("api", "pack"), "packed", 1, 50, "nor with packing"),
        (("api", "fdf", "pack"), "full_cycle", 3, 100, "both halves"),
        (("intermediate", "api", "fdf", "pack"), "full_cycle", 3, 100, "nothing above it"),
    ],
)
def test_stages_earn_points_and_a_status(
    stages: tuple[str, ...], status: str, rank: int, points: float, why: str
) -> None:
    found = rules.local_status(rules.load().at(date(2027, 1, 1)), RULE, stages)
    assert (found.status_id, found.rank, found.points) == (status, rank, points), why
    assert found.threshold_points == 50
    assert found.rule_ids == (
        "ru.localisation.rule@2026-07-01",
        "ru.localisation.points@2026-07-01",
        "ru.localisation.threshold@2026-07-01",
    )


def test_the_operator_of_the_threshold_is_data() -> None:
    book = rules.load()
    leaf = book.leaf("ru.localisation.threshold")
    strict = replace(
        leaf, versions=tuple(replace(version, operator=">") for version in leaf.versions)
    )
    changed = RuleBook({**book.leaves, leaf.leaf_id: strict})

    def status(asked: RuleBook, *stages: str) -> str:
        return rules.local_status(asked.at(date(2027, 1, 1)), RULE, stages).status_id

    assert (status(book, "fdf"), status(changed, "fdf")) == ("local_fdf", "foreign")
    assert status(changed, "fdf", "api") == "full_cycle"


@pytest.mark.parametrize(
    ("day", "stages", "status", "why"),
    [
        (date(2016, 6, 1), ("pack",), "local_fdf", "packing was enough until the end of 2016"),
        (date(2017, 6, 1), ("pack",), "packed", "and no longer"),
        (date(2025, 6, 1), ("fdf",), "local_fdf", "by document, before the points"),
    ],
)
def test_before_the_points_status_went_by_document(
    day: date, stages: tuple[str, ...], status: str, why: str
) -> None:
    found = rules.local_status(rules.load().at(day), RULE, stages)
    assert (found.status_id, found.points, found.status) == (status, None, "assumed"), why


def test_the_levels_run_from_the_weakest_to_the_strongest() -> None:
    view = rules.load().at(date(2027, 1, 1))
    assert status_ids(view, RULE) == ("foreign", "packed", "local_fdf", "full_cycle")
    assert status_ids(view, RULE) == tuple(view.value("ru.access.tender").value["statuses"])


def test_a_stage_without_points_is_refused() -> None:
    view = rules.load().at(date(2027, 1, 1))
    with pytest.raises(RuleError, match=r"R108.*assembly.*write 0"):
        rules.local_status(view, RULE, ("fdf", "assembly"))
