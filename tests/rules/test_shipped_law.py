"""The leaves that are shipped: each referenced, each area covered, known figures in place."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coproduce import rules

BOOK = rules.load()


@pytest.mark.parametrize("leaf_id", sorted(BOOK.leaves))
def test_each_version_of_a_leaf_has_a_reference_and_law_has_a_link(leaf_id: str) -> None:
    leaf = BOOK.leaf(leaf_id)
    assert leaf.checked >= date(2026, 11, 20)
    for version in leaf.versions:
        cited = [leaf.references[ref] for ref in version.refs]
        assert cited
        assert version.status == "assumed" or any(r.href.startswith("http") for r in cited)


def test_what_takes_effect_after_the_last_check_has_a_publication_date() -> None:
    hidden = [  # without one it would count as unknown until its own effect
        leaf.leaf_id
        for leaf in BOOK.leaves.values()
        for version in leaf.versions
        if version.effect > leaf.checked and version.known is None
    ]
    assert hidden == []


def test_every_area_of_the_tree_is_in_the_coverage_register() -> None:
    assert {leaf.area for leaf in BOOK.leaves.values()} == {row.area for row in BOOK.coverage}


def test_every_reference_defined_is_used() -> None:
    unused = {
        f"{leaf.file}: {ref}"
        for leaf in BOOK.leaves.values()
        for ref in leaf.references
        if not any(
            ref in version.refs
            for other in BOOK.leaves.values()
            if other.file == leaf.file
            for version in other.versions
        )
    }
    assert unused == set()


FIGURES: list[tuple[str, date, Any]] = [
    ("ru.labour.contributions.cap", date(2026, 6, 1), 2_979_000),
    ("ru.procurement.sole_supplier.foreign_control", date(2027, 1, 1), False),
    ("ru.procurement.spic.deepen_years", date(2027, 1, 1), 3),
    ("ru.admin.inspection.days", date(2027, 1, 1), 160),
    ("ru.admin.licence.days", date(2022, 1, 1), 45),
    ("ru.admin.licence.days", date(2027, 1, 1), 30),
    ("ru.admin.marking.code", date(2027, 1, 1), 0.5),
    ("ru.price.cap.is_capped", date(2027, 1, 1), True),
    ("eaeu.registration.full.days", date(2027, 1, 1), 210),
    ("eaeu.registration.variation.days", date(2027, 1, 1), 90),
    ("eaeu.trade.india.in_force", date(2035, 1, 1), False),
    ("in.tax.corporate.effective", date(2027, 1, 1), 25.168),
    ("in_ru.treaty.dividend", date(2027, 1, 1), 10),
    ("in_ru.treaty.royalty", date(2027, 1, 1), 10),
    ("in_ru.treaty.investment", date(2035, 1, 1), False),
    ("in.payment.rupee.corporate_debt", date(2025, 10, 2), False),
    ("in.payment.rupee.corporate_debt", date(2025, 10, 3), True),
]


@pytest.mark.parametrize(("leaf_id", "day", "value"), FIGURES)
def test_a_known_figure_of_law_is_served(leaf_id: str, day: date, value: Any) -> None:
    assert BOOK.at(day).value(leaf_id).value == value


@pytest.mark.parametrize(
    ("product_class", "classes"), [("general", [0, 20, 50]), ("medicine", [0, 50, 80])]
)
def test_content_classes_of_purchases(product_class: str, classes: list[int]) -> None:
    view = BOOK.at(date(2027, 1, 1))
    found = view.find("content_class", country="IN", product_class=product_class)
    assert [step["min_percent"] for step in found[0].value["classes"]] == classes


def test_an_amount_that_no_source_gave_stays_empty() -> None:
    assert BOOK.at(date(2027, 1, 1)).get("ru.admin.inspection.fee") is None


def test_an_unconfirmed_preference_is_assumed_with_its_range() -> None:
    value = BOOK.at(date(2027, 1, 1)).value("ru.access.preference.local")
    assert (value.status, value.low_share, value.high_share) == ("assumed", 0.0, 0.15)


def test_the_shipped_tree_is_read_once_per_process() -> None:
    assert rules.load() is BOOK


@pytest.mark.parametrize("known", [date(2023, 12, 31), date(2024, 6, 30), date(2025, 6, 30), None])
def test_a_plan_of_any_instant_finds_the_law_it_needs(known: date | None) -> None:
    needed = (
        "ru.tax.profit.total",
        "ru.labour.contributions.rule",
        "ru.labour.contributions.cap",
        "ru.localisation.rule",
        "ru.access.tender",
        "ru.access.open",
        "ru.access.unlisted",
        "ru.access.listed",
        "ru.access.strategic",
        "ru.admin.licence.days",
        "ru.admin.inspection.days",
        "eaeu.registration.full.days",
        "eaeu.customs.duty.substances",
        "eaeu.customs.duty.forms",
        "in.tax.corporate.effective",
        "in_ru.treaty.dividend",
        "in_ru.treaty.royalty",
        "in_ru.treaty.is_credited",
    )
    for year in range(2027, 2037):
        view = BOOK.at(date(year, 1, 1), known)
        assert [leaf for leaf in needed if view.get(leaf) is None] == []
