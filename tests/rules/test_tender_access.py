"""Who may sell to a tender: forty written cases, and the table that planners use."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from coproduce import rules
from coproduce.records.errors import RuleError
from coproduce.rules.access import AccessRow

ACCESS = "ru.access.tender"
CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "tender_access.yaml").read_text(encoding="utf-8")
)["cases"]
STRATEGIC_ON, STRATEGIC_OFF = date(2026, 3, 1), date(2025, 6, 1)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_written_case_comes_out_as_written(case: dict[str, Any]) -> None:
    day = STRATEGIC_ON if case["regime_on"] else STRATEGIC_OFF
    found = rules.tender_outcome(
        rules.load().at(day), ACCESS, lists_on=case["lists"], bids=case["bids"], own=case["bid"]
    )
    assert found.outcome == case["expected"]
    assert found.is_uncertain is case.get("uncertain", False)
    assert found.rule_ids[0].startswith(ACCESS)


def test_the_written_cases_are_forty_and_ten_of_them_uncertain() -> None:
    assert len({case["id"] for case in CASES}) == 40
    assert sum(case.get("uncertain", False) for case in CASES) == 10


def table(day: date, known: date | None = None, **more: Any) -> dict[tuple[str, ...], AccessRow]:
    view = rules.load().at(day, known, **more)
    rows = rules.access_table(view, ACCESS)
    return {(r.segment, r.own_status, r.rival_status): r for r in rows}


def test_the_table_has_each_segment_status_and_rival_once() -> None:
    assert len(table(date(2027, 1, 1))) == 4 * 4 * 4


@pytest.mark.parametrize(
    ("segment", "own", "rival", "accepted", "exclusive", "why"),
    [
        ("open", "foreign", "full_cycle", True, False, "retail has no rule of access"),
        ("unlisted", "foreign", "full_cycle", True, False, "only an advantage in price"),
        ("listed", "foreign", "foreign", True, False, "no local bid, so nobody is rejected"),
        ("listed", "foreign", "local_fdf", False, False, "second odd one out"),
        ("listed", "packed", "local_fdf", False, False, "packing is no local status"),
        ("listed", "local_fdf", "full_cycle", True, False, "the full cycle counts no more"),
        ("listed", "local_fdf", "foreign", True, True, "and shuts out the foreign rival"),
        ("strategic", "local_fdf", "full_cycle", False, False, "full cycle shuts out the rest"),
        ("strategic", "full_cycle", "local_fdf", True, True, "seen from the other side"),
        ("strategic", "local_fdf", "packed", True, True, "no full cycle: as on the other list"),
        ("strategic", "full_cycle", "full_cycle", True, False, "equals compete"),
    ],
)
def test_the_table_follows_the_provisions(
    segment: str, own: str, rival: str, accepted: bool, exclusive: bool, why: str
) -> None:
    row = table(date(2027, 1, 1))[segment, own, rival]
    assert (row.is_accepted, row.is_exclusive) == (accepted, exclusive), why


def test_before_the_restriction_two_local_bids_were_needed() -> None:
    view = rules.load().at(date(2024, 6, 1))

    def outcome(*rivals: str) -> str:
        bids = ["foreign", *rivals]
        return rules.tender_outcome(
            view, ACCESS, lists_on=["ved"], bids=bids, own="foreign"
        ).outcome

    assert outcome("local_fdf") == "accepted"
    assert outcome("local_fdf", "full_cycle") == "rejected"
    assert outcome("packed", "packed") == "accepted"


@pytest.mark.parametrize(
    ("known", "statuses", "accepted"),
    [
        (date(2024, 12, 22), ("enacted",), True),
        (date(2024, 12, 23), ("enacted",), False),
        (None, ("enacted", "proposed"), True),
    ],
)
def test_the_publication_clock_decides_whether_a_finished_form_meets_the_full_cycle(
    known: date | None, statuses: tuple[str, ...], accepted: bool
) -> None:
    served = (*statuses, "assumed")
    row = table(date(2026, 3, 1), known, statuses=served)["strategic", "local_fdf", "full_cycle"]
    assert row.is_accepted is accepted


def test_the_unconfirmed_price_advantage_is_marked_and_only_beats_weaker_bids() -> None:
    rows = table(date(2027, 1, 1))
    assert rows["unlisted", "local_fdf", "foreign"].price_factor == pytest.approx(1.15)
    assert rows["unlisted", "local_fdf", "foreign"].status == "assumed"
    assert rows["unlisted", "full_cycle", "local_fdf"].price_factor == 1.0
    assert rows["unlisted", "foreign", "local_fdf"].price_factor == 1.0
    assert rows["listed", "local_fdf", "foreign"].price_factor == 1.0
    assert rows["listed", "local_fdf", "foreign"].status == "enacted"


@pytest.mark.parametrize(
    ("lists_on", "bids", "own", "message"),
    [
        (["ved"], ["foreign"], "local", "no status 'local'; allowed: foreign, packed"),
        (["ved"], ["foreign", "ful"], "foreign", "no status 'ful'"),
        (["vital"], ["foreign"], "foreign", "no list 'vital'; allowed: szls, ved"),
        (["ved"], ["local_fdf"], "foreign", "not among the bids present"),
    ],
)
def test_what_the_matrix_does_not_know_is_refused(
    lists_on: list[str], bids: list[str], own: str, message: str
) -> None:
    view = rules.load().at(date(2027, 1, 1))
    with pytest.raises(RuleError, match=f"R108.*{message}"):
        rules.tender_outcome(view, ACCESS, lists_on=lists_on, bids=bids, own=own)
