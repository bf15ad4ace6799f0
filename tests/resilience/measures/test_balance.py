"""Self-sufficiency, concentration and full cycle: identities, bounds and published figures."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.records.errors import DataError, UsageError
from coproduce.resilience.measures.balance import balance, concentration, full_cycle
from coproduce.resilience.measures.balance_file import read_balances

quantity = st.floats(0, 1e6)
shares = st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), min_size=1)


@given(production=quantity, imports=quantity, part=st.floats(0, 1))
def test_the_ratios_keep_their_identity(production: float, imports: float, part: float) -> None:
    exports = part * production * 0.9
    if production + imports - exports < 1e-3:
        return
    found = balance(production, imports, exports)
    total = found.self_sufficiency_share + found.import_share - found.export_share
    assert total == pytest.approx(1.0, rel=1e-9)
    assert 0 <= found.domestic_origin_share <= 1


def test_re_exports_do_not_take_from_home_made_consumption() -> None:
    # 60 made, 50 imported, 30 exported of which 20 came from abroad: 50 of 80 eaten is home-made
    found = balance(60, 50, 30, re_exports=20)
    assert found.self_sufficiency_share == pytest.approx(0.75)
    assert found.domestic_origin_share == pytest.approx(50 / 80)


def test_a_net_exporter_has_more_than_enough() -> None:
    assert balance(150, 0, 50).self_sufficiency_share == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("numbers", "code"),
    [((-1, 1, 0), "S102"), ((1, 0, 1), "S130"), ((0, 0, 0), "S130"), ((5, 5, 1, 2), "S130")],
)
def test_a_balance_that_cannot_be_is_refused(numbers: tuple[float, ...], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        balance(*numbers)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("makers", "hhi"),
    [
        ((5, 2, 1, 1), 3827.16),
        ((13, 2, 1), 6796.88),
        ((17, 3, 1, 1, 1), 5689.98),
        ((1,), 10_000.0),
    ],
)
def test_concentration_of_makers_by_country(makers: tuple[int, ...], hhi: float) -> None:
    """First two: published indices of a register study, 4 countries 9 makers and 3 and 16."""
    assert round(concentration(makers).hhi * 10_000, 2) == hhi


@given(parts=st.lists(st.floats(0.001, 10), min_size=1, max_size=8))
def test_effective_sources_lie_between_the_least_and_all(parts: list[float]) -> None:
    found = concentration(parts)
    assert found.least_sources - 1e-9 <= found.effective_sources <= found.sources + 1e-9
    assert found.normalised_hhi is None or -1e-9 <= found.normalised_hhi <= 1 + 1e-9


def test_equal_sources_count_fully_and_nil_shares_not_at_all() -> None:
    found = concentration([0.25, 0.25, 0.25, 0.25, 0.0])
    assert (found.sources, found.effective_sources, found.normalised_hhi) == (4, 4.0, 0.0)
    assert found.level == "moderate"


@given(home=shares)
def test_no_matching_of_stages_beats_the_bottleneck(home: dict[str, float]) -> None:
    found = full_cycle(home)
    assert found.least_share - 1e-12 <= found.soft_share <= found.bottleneck_share + 1e-12
    assert found.bottleneck_share == min(home.values())
    assert found.soft_share == pytest.approx(math.prod(home.values()))


def test_a_local_stage_made_from_an_imported_input_does_not_help() -> None:
    today = full_cycle({"intermediate": 0.05, "api": 0.2, "finished": 0.8})
    local_api = full_cycle({"intermediate": 0.05, "api": 1.0, "finished": 0.8})
    assert local_api.bottleneck_share == today.bottleneck_share == 0.05
    assert not local_api.is_hard


@pytest.mark.parametrize("home", [{}, {"a": 1.2}])
def test_shares_that_cannot_be_are_refused(home: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        full_cycle(home)


def test_a_file_of_balances_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "balances.csv"
    path.write_text("item_id,production,imports,exports\nwheat,60,50,10\n")
    assert read_balances(path)["wheat"] == balance(60, 50, 10)


@pytest.mark.parametrize(
    ("row", "code"), [("wheat,-1,5,0", "S102"), ("wheat,1,0,1", "S130"), ("wheat,1,x,0", "S112")]
)
def test_a_bad_line_of_balances_is_named(row: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "balances.csv"
    path.write_text(f"item_id,production,imports,exports\n{row}\n")
    with pytest.raises(DataError, match="line 2") as refused:
        read_balances(path)
    assert refused.value.code == code
