"""How baskets overlap, and what a pair could trade."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.dependence.trade import build, export_potential, finger_kreinin, michaely
from coproduce.dependence.trade.study import potential_table
from coproduce.dependence.trade.tables import partners
from tests.dependence.trade.worlds import folder

BASKET = st.lists(st.floats(0.01, 1e6), min_size=4, max_size=4).map(np.array)


@pytest.mark.parametrize(
    ("exports", "imports", "told", "why"),
    [
        ([6, 4], [2, 8], 60, "1 - (0.4 + 0.4) / 2"),
        ([1, 0], [0, 1], 0, "nothing in common"),
        ([3, 9], [1, 3], 100, "the same shares"),
    ],
)
def test_complementarity_by_hand(
    exports: list[float], imports: list[float], told: float, why: str
) -> None:
    assert float(michaely(np.array(exports, float), np.array(imports, float))) == pytest.approx(
        told
    ), why


def test_a_basket_of_nothing_has_no_complementarity() -> None:
    assert np.isnan(michaely(np.zeros(2), np.ones(2)))


@given(BASKET, BASKET)
def test_the_two_ways_to_write_the_overlap_agree(first: np.ndarray, second: np.ndarray) -> None:
    a, b = first / first.sum(), second / second.sum()
    found = float(michaely(first, second))
    assert found == pytest.approx(100 * (1 - np.abs(a - b).sum() / 2), abs=1e-9)
    assert found == pytest.approx(float(finger_kreinin(second, first)), abs=1e-9)
    assert -1e-9 <= found <= 100 + 1e-9


def test_potential_by_hand() -> None:
    """Exporter: half of the world in both goods; expected 40, actual 10, so ease is 1/4."""
    world, demand = np.array([100.0, 100.0]), np.array([60.0, 20.0])
    found = export_potential(np.array([50.0, 50.0]), world, demand, np.array([10.0, 0.0]))
    assert found.ease == 0.25
    assert found.potential_usd.tolist() == [7.5, 2.5]
    assert found.unrealised_usd.tolist() == [0.0, 2.5]


def test_growth_and_tariff_move_the_potential_and_not_the_ease() -> None:
    one = np.array([100.0])
    still = export_potential(one / 2, one, one, one / 5)
    moved = export_potential(
        one / 2, one, one, one / 5, supply_growth=1.1, demand_growth=1.2, tariff_factor=0.5
    )
    assert moved.ease == still.ease
    assert moved.potential_usd == pytest.approx(still.potential_usd * 1.1 * 1.2 * 0.5)


def test_who_trades_nothing_in_common_has_no_ease() -> None:
    found = export_potential(np.array([1.0, 0]), np.ones(2), np.array([0, 1.0]), np.zeros(2))
    assert np.isnan(found.ease)
    assert found.potential_usd.tolist() == [0, 0]


@given(BASKET, BASKET, BASKET)
def test_where_all_trade_follows_size_potential_is_actual_trade(
    supply: np.ndarray, rest: np.ndarray, demand: np.ndarray
) -> None:
    world = supply + rest
    actual = supply / world * demand * 0.7
    found = export_potential(supply, world, demand, actual)
    assert found.potential_usd == pytest.approx(actual)
    assert found.unrealised_usd == pytest.approx(0, abs=1e-6)


def test_tables_of_partners_and_potential(tmp_path: Path) -> None:
    place = folder(tmp_path / "t", "2020 A D x 60;2020 B D y 40;2020 A B y 10;2020 D A y 5")
    panel = build(place)
    table = partners(panel, "D", 2020)
    assert table["partner_id"].to_list() == ["A", "B"]
    assert table["supply_complementarity"].to_list() == pytest.approx([60 + 100 / 7, 40])
    potential = potential_table(place, panel, "A", "D", year=2020)
    assert dict(potential.select("product_id", "actual_usd").rows()) == {"x": 60.0, "y": 0.0}
    assert potential["unrealised_usd"][0] > 0
