"""GeoDep's criteria and the Commission's, by hand and at the edge of what the years can say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.dependence.trade import Thresholds, build, geodep
from coproduce.dependence.trade.criteria import (
    effective_number,
    import_export_ratio,
    substitutability,
)
from coproduce.dependence.trade.entity import cdi, entity_trade
from coproduce.dependence.trade.reliance import export_propensity, net_import_reliance
from coproduce.records.errors import UsageError
from tests.dependence.trade.worlds import folder

# D buys x from A alone, A sells most of it; in 2021 B sells as much to others.
DEPENDENT = "{0} A D x 80;{0} B C x 20;{0} D C x 1"
OPEN = "{0} A D x 80;{0} B C x 80;{0} C A x 70"


def panel(tmp_path: Path, *kinds: tuple[int, str]):  # type: ignore[no-untyped-def]
    lines = ";".join(kind.format(year) for year, kind in kinds)
    return build(folder(tmp_path / "t", lines))


def test_the_three_criteria_by_hand(tmp_path: Path) -> None:
    found = panel(tmp_path, (2020, DEPENDENT))
    told = geodep(found)
    at = found.country("D"), 0, 0
    assert found.world_hhi[0, 0] == pytest.approx((80**2 + 20**2 + 1) / 101**2)
    assert (told.c1[at], told.c2[0, 0], told.c3[at]) == (True, True, True)
    buyer = found.country("C"), 0, 0
    assert told.c1[buyer], "20 of 21 from B"
    assert not told.all_three[found.country("A"), 0, 0], "who imports nothing depends on nobody"


def test_a_threshold_must_be_passed_not_reached(tmp_path: Path) -> None:
    found = panel(tmp_path, (2020, "{0} A D x 5;{0} B D x 5;{0} D A x 10"))
    at = found.country("D"), 0, 0
    told = geodep(found, Thresholds(hhi=0.5))
    assert found.hhi[at] == 0.5
    assert not told.c1[at]
    assert not told.c3[at], "imports equal exports"


@pytest.mark.parametrize(
    ("kinds", "c4", "why"),
    [
        ([(2020, DEPENDENT)], [-1], "one year of three: another could still hold"),
        ([(2020, OPEN)], [-1], "two of three could still hold"),
        ([(2020, DEPENDENT), (2021, DEPENDENT)], [-1, 1], "two of three are enough"),
        ([(2020, OPEN), (2021, OPEN)], [-1, 0], "two of three did not: it cannot hold any more"),
        ([(2020, DEPENDENT), (2021, OPEN), (2022, DEPENDENT)], [-1, -1, 1], "not in a row"),
        (
            [(2020, DEPENDENT), (2022, OPEN), (2023, OPEN)],
            [-1, -1, 0],
            "a missing year stays open",
        ),
        (
            [(2019, DEPENDENT), (2020, DEPENDENT), (2021, OPEN), (2022, OPEN)],
            [-1, 1, 1, 0],
            "the window moves on",
        ),
    ],
)
def test_persistence_says_only_what_the_years_decide(
    tmp_path: Path, kinds: list[tuple[int, str]], c4: list[int], why: str
) -> None:
    found = panel(tmp_path, *kinds)
    assert geodep(found).c4[found.country("D"), 0].tolist() == c4, why


def test_years_of_dependence_are_counted(tmp_path: Path) -> None:
    found = panel(tmp_path, (2020, DEPENDENT), (2021, OPEN), (2022, DEPENDENT))
    assert geodep(found).years_dependent[found.country("D"), 0].tolist() == [1, 1, 2]


def test_ratio_is_9999_without_exports_and_open_without_imports() -> None:
    ratio = import_export_ratio(np.array([6.0, 6.0, 0.0]), np.array([3.0, 0.0, 3.0]))
    assert ratio[:2].tolist() == [2, 9999]
    assert np.isnan(ratio[2])


def test_four_equal_suppliers_are_four() -> None:
    assert effective_number(np.array([0.25])).tolist() == [4]


def test_who_could_sell_instead(tmp_path: Path) -> None:
    found = panel(tmp_path, (2020, DEPENDENT))
    share = substitutability(found, found.country("D"))
    assert share[0, 0] == pytest.approx(20 / 100), "of 100 sold by others, A sells 80"


BLOC = (
    "2020 A M x 60;2020 B M x 20;2020 B N x 20;2020 M N x 50;2020 N M x 50;2020 M A x 40;"
    "2021 A M x 60;2021 B N x 40;2021 M N x 50"
)


def test_a_bloc_is_one_buyer_and_its_inner_trade_is_inside(tmp_path: Path) -> None:
    trade = entity_trade(folder(tmp_path / "t", BLOC), [["M", "N"], ["M", "N"]])
    found = cdi(trade)
    assert found.cdi1[0, 0] == pytest.approx((60**2 + 40**2) / 100**2), "B's two flows are one"
    assert found.cdi2[0, 0] == pytest.approx(100 / 200)
    assert found.cdi3[0, 0] == pytest.approx(100 / 40)
    assert not found.is_dependent[0, 0], "0.5 is not above 0.5"
    assert found.cdi3[0, 1] == 9999


def test_who_joins_later_is_outside_before(tmp_path: Path) -> None:
    trade = entity_trade(folder(tmp_path / "t", BLOC), [["M"], ["M", "N"]])
    suppliers = trade.suppliers_usd.sum(axis=0)[0]
    assert suppliers.tolist() == [60 + 20 + 50, 100]
    assert trade.inside_usd[0].tolist() == [0, 50]


def test_an_entity_of_one_country_is_that_countrys_panel(tmp_path: Path) -> None:
    place = folder(tmp_path / "t", BLOC)
    alone = cdi(entity_trade(place, [["M"], ["M"]]))
    found = build(place)
    assert alone.cdi1[0] == pytest.approx(found.hhi[found.country("M"), 0])
    assert (alone.cdi2 == 1).all()


def test_members_must_go_with_years_and_be_known(tmp_path: Path) -> None:
    place = folder(tmp_path / "t", BLOC)
    with pytest.raises(UsageError, match="TX031"):
        entity_trade(place, [["M"]])
    with pytest.raises(UsageError, match="TX030"):
        entity_trade(place, [["Z"], ["M"]])


def test_reliance_and_propensity() -> None:
    imports, exports, output = (
        np.array([60.0, 5.0, 0]),
        np.array([10.0, 25.0, 0]),
        np.array([50.0, 60, 0]),
    )
    reliance = net_import_reliance(imports, exports, output)
    assert reliance[:2].tolist() == [0.5, -0.5]
    assert np.isnan(reliance[2])
    assert export_propensity(exports, output)[:2].tolist() == pytest.approx([0.2, 25 / 60])


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=8))
def test_an_entitys_concentration_lies_between_one_over_n_and_one(flows: list[float]) -> None:
    suppliers = np.array(flows)[:, None, None]
    from coproduce.dependence.trade.entity import EntityTrade

    none = np.zeros((1, 1))
    names = tuple(str(i) for i in range(len(flows)))
    trade = EntityTrade(
        (2020,), names, ("x",), np.zeros((len(flows), 1), bool), suppliers, none, none
    )
    assert 1 / len(flows) - 1e-12 <= cdi(trade).cdi1[0, 0] <= 1 + 1e-12
