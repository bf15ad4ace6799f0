"""Stages in series with parallel sources and stock: exact cases and bounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.records.errors import CoproduceError, DataError, SourceError, UsageError
from coproduce.resilience import on_off_shortage
from coproduce.resilience.exact import Group, Stage, chain_with_stock, shared_stock_shortage
from coproduce.resilience.exact.chain_file import read_chain

ONE = Group(1, 1.5, 0.5, 2.5)
SURE = Group(1, 10.0, 1e-9, 1e3)
HEADER = "stage,sources,capacity,failure_rate,repair_rate,stock\n"


def test_three_tiers_without_stock_have_the_product_of_their_availabilities() -> None:
    """Three tiers of 2, 2 and 3 sources; exact unavailability by hand."""
    stages = [Stage((Group(n, 1.0, 1.0, 9.0),)) for n in (2, 2, 3)]
    found = chain_with_stock(stages, 1.0).expected_shortage_share
    assert found == pytest.approx(1 - 0.99 * 0.99 * 0.999, rel=1e-12)


@pytest.mark.parametrize("place", [0, 1])
def test_a_sure_stage_changes_nothing(place: int) -> None:
    stages = [Stage((SURE,)), Stage((SURE,))]
    stages[place] = Stage((ONE,), 0.35)
    found = chain_with_stock(stages, 1.0)
    assert found.is_exact
    assert found.expected_shortage_share == pytest.approx(0.07749181628349264, rel=1e-6)


def test_stock_behind_the_last_stage_shields_from_all_before_it() -> None:
    """Two stages up together look like one source that fails twice as often."""
    both = chain_with_stock([Stage((ONE,)), Stage((ONE,), 0.35)], 1.0).expected_shortage_share
    upstream = chain_with_stock([Stage((ONE,), 0.35), Stage((ONE,))], 1.0).expected_shortage_share
    assert both < upstream
    assert upstream > 1 / 6, "the last stage has no shield"


def test_stock_before_a_stage_that_fails_is_not_used_while_it_is_down() -> None:
    # Upstream surely up: only the last stage counts, whatever stock stands before it.
    found = chain_with_stock([Stage((SURE,), 3.0), Stage((ONE,))], 1.0)
    assert found.expected_shortage_share == pytest.approx(1 / 6, rel=1e-6)


@given(
    stocks=st.tuples(st.floats(0.05, 1), st.floats(0.05, 1)),
    capacity=st.floats(1.05, 3),
    fails=st.floats(0.1, 2),
)
def test_bounds_hold_the_worst_stage_alone_and_the_chain_without_stock(
    stocks: tuple[float, float], capacity: float, fails: float
) -> None:
    stages = [Stage((Group(1, capacity, fails, 2.5),), stock) for stock in stocks]
    found = chain_with_stock(stages, 1.0)
    alone = on_off_shortage(fails, 0.4, sum(stocks), capacity)
    assert not found.is_exact
    assert alone - 1e-9 <= found.low_share <= found.high_share
    assert found.high_share <= found.no_stock_shortage_share + 1e-9
    assert found.short_time_share is None


def test_a_file_names_stages_in_order_and_kinds_of_sources_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "chain.csv"
    file.write_text(HEADER + "raw,1,0.75,0.5,2.5,0.35\nraw,1,0.75,0.5,2.5,\n")
    found = chain_with_stock(read_chain(file), 1.0)
    assert found == shared_stock_shortage([Group(1, 0.75, 0.5, 2.5)] * 2, 1.0, 0.35)


@pytest.mark.parametrize(
    ("text", "kind", "code", "place"),
    [
        ("", SourceError, "S111", "chain.csv"),
        ("stage,sources\nraw,1\n", SourceError, "S111", "chain.csv"),
        (HEADER, DataError, "S107", "chain.csv"),
        (HEADER + "raw,1,0.75,0,2.5,0\n", DataError, "S101", "line 2"),
        (HEADER + "raw,1,0.75,0.5,2.5,-1\n", DataError, "S102", "line 2"),
        (HEADER + "raw,0,0.75,0.5,2.5,0\n", DataError, "S104", "line 2"),
        (HEADER + "raw,1,many,0.5,2.5,0\n", DataError, "S112", "line 2"),
        (HEADER + "raw,1,1,1,1,0.2\nraw,1,1,1,1,0.3\n", DataError, "S112", "line 3"),
        (HEADER + "raw,1,1,1,1\n", DataError, "S112", "line 2"),
    ],
)
def test_a_bad_file_names_its_line(
    text: str, kind: type[CoproduceError], code: str, place: str, tmp_path: Path
) -> None:
    file = tmp_path / "chain.csv"
    file.write_text(text)
    with pytest.raises(kind) as refused:
        read_chain(file)
    assert refused.value.code == code
    assert place in refused.value.where


def test_a_stage_without_a_source_has_no_path() -> None:
    with pytest.raises(UsageError, match="no path") as refused:
        chain_with_stock([Stage((ONE,)), Stage(())], 1.0)
    assert refused.value.code == "S107"
