"""A value depends on the day of effect, the day of publication and the status asked for."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coproduce import rules
from coproduce.records.errors import RuleError
from coproduce.rules.book import RuleBook
from coproduce.rules.model import DEFAULT_STATUSES, STATUSES, Leaf, Reference, Version

from .worlds import with_values, write_tree

ALL = STATUSES


@pytest.fixture(scope="module")
def shipped() -> RuleBook:
    return rules.load()


@pytest.mark.parametrize(
    ("effect", "known", "share", "why"),
    [
        (date(2024, 12, 31), None, 0.20, "the day before the rise"),
        (date(2025, 1, 1), None, 0.25, "the day of the rise"),
        (date(2027, 1, 1), date(2024, 7, 11), 0.20, "the day before the law was published"),
        (date(2027, 1, 1), date(2024, 7, 12), 0.25, "the day of publication"),
        (date(2024, 7, 12), date(2024, 7, 12), 0.20, "published is not yet in effect"),
    ],
)
def test_profit_tax_follows_both_clocks(
    shipped: RuleBook, effect: date, known: date | None, share: float, why: str
) -> None:
    assert shipped.at(effect, known).value("ru.tax.profit.total").share == share, why


@pytest.mark.parametrize(
    ("effect", "known", "has_points", "why"),
    [
        (date(2027, 1, 1), date(2025, 9, 9), False, "nothing was published yet"),
        (date(2026, 1, 1), date(2025, 9, 10), True, "the act of September 2025 said 1 January"),
        (date(2025, 12, 31), date(2025, 9, 10), False, "and not a day earlier"),
        (date(2026, 3, 1), date(2026, 1, 18), True, "the day before the later date was known"),
        (date(2026, 3, 1), date(2026, 1, 19), False, "since January 2026 the start is 1 July"),
        (date(2026, 7, 1), date(2026, 1, 19), True, "the later start"),
        (date(2026, 3, 1), None, False, "known defaults to everything published"),
    ],
)
def test_the_start_of_the_points_moved_on_the_publication_clock(
    shipped: RuleBook, effect: date, known: date | None, has_points: bool, why: str
) -> None:
    found = shipped.at(effect, known).get("ru.localisation.points")
    assert (found is not None) is has_points, why


def test_the_later_start_of_the_points_carries_its_mark(shipped: RuleBook) -> None:
    value = shipped.at(date(2027, 1, 1)).value("ru.localisation.threshold")
    assert (value.status, value.evidence, value.operator) == (
        "adopted_not_in_force",
        "conflict",
        ">=",
    )
    strict = shipped.at(date(2027, 1, 1), statuses=("enacted",))
    assert strict.value("ru.localisation.threshold").effect_from == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("known", "statuses", "start"),
    [
        (date(2024, 12, 23), DEFAULT_STATUSES, date(2025, 9, 1)),
        (date(2025, 8, 29), DEFAULT_STATUSES, date(2026, 1, 1)),
        (None, DEFAULT_STATUSES, date(2026, 1, 1)),
        (None, (*DEFAULT_STATUSES, "proposed"), date(2026, 7, 1)),
        (date(2025, 11, 30), (*DEFAULT_STATUSES, "proposed"), date(2026, 1, 1)),
    ],
)
def test_the_strategic_list_has_three_starts(
    shipped: RuleBook, known: date | None, statuses: tuple[str, ...], start: date
) -> None:
    leaf = "ru.access.strategic"
    before = shipped.at(start - timedelta(days=1), known, statuses)  # type: ignore[arg-type]
    after = shipped.at(start, known, statuses)  # type: ignore[arg-type]
    assert before.value(leaf).value["otherwise"] == "conditional"
    assert after.value(leaf).effect_from == start


def test_a_proposed_value_is_served_only_when_asked_for_and_is_marked(shipped: RuleBook) -> None:
    leaf = "in.tax.minimum_alternate"
    assert shipped.at(date(2027, 1, 1)).value(leaf).number == 15
    asked = shipped.at(date(2027, 1, 1), statuses=("enacted", "proposed")).value(leaf)
    assert (asked.number, asked.status) == (14, "proposed")


def test_an_expected_free_trade_changes_the_duty_only_when_asked_for(shipped: RuleBook) -> None:
    day = date(2030, 1, 1)
    usual = rules.duty(shipped.at(day), "294110", origin="IN", country="RU")
    hoped = rules.duty(shipped.at(day, statuses=ALL), "294110", origin="IN", country="RU")
    assert (usual.rate_share, usual.status) == (0.05, "assumed")
    assert (hoped.rate_share, hoped.status) == (0.0, "expected")


def test_an_assumption_fills_a_gap_and_never_beats_law(tmp_path: Path) -> None:
    tree = write_tree(
        tmp_path,
        with_values(
            "from: 2020-01-01, value: 1, status: assumed, ref: guess",
            "from: 2021-01-01, value: 2, until: 2021-12-31, status: enacted, ref: act",
            "from: 2021-06-01, value: 3, status: assumed, ref: guess",
        ),
    )
    book = rules.load(tree)
    read = [
        (book.at(day).value("aa.tax.rate").number, book.at(day).value("aa.tax.rate").is_assumed)
        for day in (date(2020, 5, 1), date(2021, 7, 1), date(2022, 1, 1))
    ]
    assert read == [(1, True), (2, False), (3, True)]
    with pytest.raises(RuleError, match=r"R102"):
        book.at(date(2020, 5, 1), statuses=("enacted",)).value("aa.tax.rate")


def test_an_empty_value_ends_a_rule_and_is_told_apart_from_an_unknown_leaf(
    tmp_path: Path,
) -> None:
    tree = write_tree(
        tmp_path,
        with_values(
            "from: 2020-01-01, value: 1, status: enacted, ref: act",
            "from: 2022-01-01, known: 2021-06-01, value: null, status: enacted, ref: act",
        ),
    )
    book = rules.load(tree)
    assert book.at(date(2022, 1, 1)).get("aa.tax.rate") is None
    assert book.at(date(2022, 1, 1), date(2021, 5, 31)).value("aa.tax.rate").number == 1
    with pytest.raises(RuleError, match=r"did you mean aa\.tax\.rate"):
        book.at(date(2022, 1, 1)).get("aa.tax.rat")


def test_a_version_without_publication_date_counts_as_known_from_its_effect(
    tmp_path: Path,
) -> None:
    tree = write_tree(
        tmp_path, with_values("from: 2020-01-01, value: 1, status: enacted, ref: act")
    )
    book = rules.load(tree)
    assert book.at(date(2021, 1, 1), date(2019, 12, 31)).get("aa.tax.rate") is None
    assert book.at(date(2021, 1, 1), date(2020, 1, 1)).get("aa.tax.rate") is not None


def test_the_trace_says_why_each_version_was_passed_over(shipped: RuleBook) -> None:
    trace = shipped.trace("ru.access.strategic", date(2026, 3, 1), date(2025, 12, 31))
    verdicts = [t.verdict for t in trace.versions]
    assert verdicts == [
        "an assumption, and enacted law stands",
        "ended on 2024-12-31",
        "followed by the version in effect from 2026-01-01",
        "withdrawn by the version published on 2025-08-29",
        "served",
        "status proposed was not asked for",
    ]
    assert trace.served is not None
    assert trace.served.rule_id == "ru.access.strategic@2026-01-01"
    assert trace.served.references[0].href.startswith("https://")


def test_an_unknown_status_is_refused(shipped: RuleBook) -> None:
    with pytest.raises(RuleError, match=r"R103.*'hoped'.*enacted"):
        shipped.at(date(2026, 1, 1), statuses=("hoped",))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "applies", "message"),
    [
        ("imprt_duty", {}, "no leaf has the role 'imprt_duty'"),
        ("import_duty", {"contry": "RU"}, "do not speak of contry"),
    ],
)
def test_a_misspelt_search_is_refused_instead_of_finding_nothing(
    shipped: RuleBook, role: str, applies: dict[str, str], message: str
) -> None:
    with pytest.raises(RuleError, match=f"R104.*{message}"):
        shipped.at(date(2027, 1, 1)).find(role, **applies)


DAYS = st.integers(0, 40).map(lambda n: date(2020, 1, 1) + timedelta(days=n))


@st.composite
def leaves(draw: st.DrawFn) -> Leaf:
    dated = draw(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=8, unique=True))
    versions = tuple(
        Version(effect, known, value=n, status="enacted", refs=("act",))
        for n, (effect, known) in enumerate(sorted(dated))
    )
    refs = {"act": Reference("act", "An act", "https://example.org")}
    day = date(2026, 11, 20)
    return Leaf("aa.tax.rate", "Rate", "Ставка", "percent", "number", versions, refs, day, "", 1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(leaf=leaves(), effect=DAYS, known=st.none() | DAYS)
def test_a_value_is_the_last_one_in_effect_among_those_published(
    leaf: Leaf, effect: date, known: date | None
) -> None:
    expected = None
    for version in leaf.versions:  # in order of effect, then publication: the last one wins
        published = known is None or (version.known is not None and version.known <= known)
        if version.effect <= effect and published:
            expected = version.value
    found = RuleBook({leaf.leaf_id: leaf}).at(effect, known).get(leaf.leaf_id)
    assert (found.value if found else None) == expected


@settings(max_examples=40, deadline=None)
@given(leaf=leaves(), effect=DAYS, first=DAYS, later=DAYS)
def test_what_is_published_after_an_instant_never_changes_its_answer(
    leaf: Leaf, effect: date, first: date, later: date
) -> None:
    known = min(first, later)
    book = RuleBook({leaf.leaf_id: leaf})
    kept = tuple(v for v in leaf.versions if v.known is not None and v.known <= known)
    past = Leaf(
        leaf.leaf_id, "", "", "percent", "number", kept, leaf.references, leaf.checked, "", 1
    )
    now = book.at(effect, known).get(leaf.leaf_id)
    then = RuleBook({leaf.leaf_id: past}).at(effect, known).get(leaf.leaf_id)
    assert (now.value if now else None) == (then.value if then else None)
