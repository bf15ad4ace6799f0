"""Shortage histories: spells from copies of a list, the survival curve, laws recovered."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from coproduce.records.errors import CoproduceError
from coproduce.resilience.history.spells import Spell, layouts, read_snapshots, read_spells
from coproduce.resilience.history.survival import LAWS, best_fit, fit, kaplan_meier

HEADER = "presentation,status,update_date,update_type\n"
INF = math.inf


def pack(number: int) -> str:
    return f"Box (NDC 0001-{number:04d}-01)"


def copies(folder: Path, *texts: str) -> list[Path]:
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"copy{number}.csv"
        path.write_text(HEADER + text)
        paths.append(path)
    return paths


def a_year(folder: Path, first: str, second: str, third: str) -> dict[str, Spell]:
    """Three copies, dated 1 January of three years by a row of their own."""
    texts = [
        f"{rows}{pack(9999)},To be discontinued,1/1/{year},\n"
        for rows, year in ((first, 20), (second, 21), (third, 22))
    ]
    found = read_snapshots(copies(folder, *texts), layouts()["yearly_snapshots"])
    return {spell.item_id: spell for spell in found.spells}


@pytest.mark.parametrize(
    ("second", "third", "low", "high", "why"),
    [
        ("Current,6/1/20,New", "Resolved,7/1/21,", 395, 395, "new and closed: both days known"),
        ("Current,6/1/20,Revised", "Resolved,7/1/21,", 395, 547, "began after the first copy"),
        ("Current,6/1/20,New", "", 214, 579, "left the list between two copies"),
        ("Current,6/1/20,New", "Current,6/1/20,New", 579, INF, "still there"),
        ("Current,6/1/20,New", "To be discontinued,7/1/21,", 214, INF, "given up, not mended"),
        ("Resolved,6/1/20,", "", 0, 152, "began and ended between two copies"),
    ],
)
def test_a_spell_keeps_what_the_copies_do_not_say(
    second: str, third: str, low: float, high: float, why: str, tmp_path: Path
) -> None:
    rows = [f"{pack(1)},{text}\n" if text else "" for text in (second, third)]
    found = a_year(tmp_path, "", *rows)
    spell = found["0001-0001-01"]
    assert (spell.low_days, spell.high_days) == (low, high), why


def test_what_began_before_the_first_copy_is_left_out_and_counted(tmp_path: Path) -> None:
    row = f"{pack(1)},Current,6/1/19,New\n"
    texts = [f"{row}{pack(2)},x,1/1/{year},\n" for year in (20, 21)]
    found = read_snapshots(copies(tmp_path, *texts), layouts()["yearly_snapshots"])
    assert (found.spells, found.began_before, found.rows) == ((), 1, 4)


def test_plain_spells_are_read_with_days(tmp_path: Path) -> None:
    path = tmp_path / "spells.csv"
    path.write_text(
        "item_id,start,end,last_seen\na,2020-01-01,2020-01-31,\nb,2020-01-01,,2020-03-01\n"
    )
    assert read_spells(path).spells == (Spell("a", 30, 30), Spell("b", 60, INF))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("a,2020-02-01,2020-01-01,", "S140"),
        ("a,1.2.2020,2020-01-01,", "S112"),
        ("a,2020-01-01,,", "S112"),
    ],
)
def test_a_bad_spell_names_its_line(row: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "spells.csv"
    path.write_text(f"item_id,start,end,last_seen\n{row}\n")
    with pytest.raises(CoproduceError, match="line 2") as refused:
        read_spells(path)
    assert refused.value.code == code


def drawn(law: str, seed: int, number: int = 3000) -> list[Spell]:
    """Spells of a known law: exact, cut off on the right, or known within a month."""
    dice = np.random.default_rng(seed)
    true = {
        "exponential": dice.exponential(200, number),
        "weibull": 300 * dice.weibull(1.5, number),
        "lognormal": 150 * np.exp(0.8 * dice.standard_normal(number)),
    }[law]
    cut = dice.uniform(50, 900, number)
    spells = []
    for k, (length, until) in enumerate(zip(true, cut, strict=True)):
        if length > until:
            spells.append(Spell(str(k), float(until), INF))
        elif k % 3:
            spells.append(Spell(str(k), float(length), float(length)))
        else:
            low = 30.0 * math.floor(length / 30)
            spells.append(Spell(str(k), low, low + 30.0))
    return spells


@pytest.mark.parametrize(
    ("law", "shape", "scale"),
    [("exponential", 1.0, 200.0), ("weibull", 1.5, 300.0), ("lognormal", 0.8, 150.0)],
)
def test_a_known_law_is_found_again_among_the_three(law: str, shape: float, scale: float) -> None:
    laws = {one.law: one for one in best_fit(drawn(law, seed=11, number=1500))}
    found = laws[law]
    assert found.shape == pytest.approx(shape, rel=0.08)
    assert found.scale_days == pytest.approx(scale, rel=0.08)
    assert found.aic <= min(one.aic for one in laws.values()) + 2.0
    mean = {"exponential": 200.0, "weibull": 300 * math.gamma(1 + 1 / 1.5)}.get(
        law, 150 * math.exp(0.32)
    )
    assert found.mean_low_days < mean < found.mean_high_days


@pytest.mark.parametrize("law", ["weibull", "lognormal"])
def test_the_fit_equals_that_of_the_library(law: str) -> None:
    spells = [one for one in drawn(law, seed=3, number=400) if one.kind in ("exact", "right")]
    data = stats.CensoredData(
        uncensored=[one.low_days for one in spells if one.kind == "exact"],
        right=[one.low_days for one in spells if one.kind == "right"],
    )
    kind = stats.weibull_min if law == "weibull" else stats.lognorm
    shape, _, scale = kind.fit(data, floc=0)
    found = fit(spells, law)
    assert found.shape == pytest.approx(shape, rel=1e-3)
    assert found.scale_days == pytest.approx(scale, rel=1e-3)


def test_the_exponential_fit_is_time_at_risk_over_ends() -> None:
    spells = [Spell("a", 10, 10), Spell("b", 30, 30), Spell("c", 60, INF)]
    assert fit(spells, "exponential").mean_days == pytest.approx(50.0, rel=1e-6)


def test_the_survival_curve_equals_that_of_the_library() -> None:
    spells = [one for one in drawn("weibull", seed=1, number=300) if one.kind != "interval"]
    found = kaplan_meier(spells)
    data = stats.CensoredData(
        uncensored=[one.low_days for one in spells if one.kind == "exact"],
        right=[one.low_days for one in spells if one.kind == "right"],
    )
    other = stats.ecdf(data).sf
    assert found.survival == pytest.approx(other.evaluate(found.days))
    interval = other.confidence_interval(method="log-log")
    inside = (found.survival > 0) & (found.survival < 1)
    assert found.low[inside] == pytest.approx(interval.low.evaluate(found.days)[inside])
    assert found.high[inside] == pytest.approx(interval.high.evaluate(found.days)[inside])


@pytest.mark.parametrize(
    ("spells", "law", "code"),
    [
        ([Spell("a", 3, 3)], "weibull", "S143"),
        ([Spell("a", 3, 3), Spell("b", 3, 3)], "gamma", "S144"),
    ],
)
def test_too_little_and_too_strange_are_refused(spells: list[Spell], law: str, code: str) -> None:
    with pytest.raises(CoproduceError) as refused:
        fit(spells, law)
    assert refused.value.code == code


def test_one_copy_shows_no_spell(tmp_path: Path) -> None:
    with pytest.raises(CoproduceError) as refused:
        read_snapshots(copies(tmp_path, ""), layouts()["yearly_snapshots"])
    assert refused.value.code == "S142"


@pytest.mark.slow
def test_the_public_lists_of_seven_years_are_read_and_fitted(shared_data: Path) -> None:
    paths = sorted((shared_data / "risk" / "shortages_fda").glob("Drugshortages_*.csv"))
    found = read_snapshots(paths, layouts()["yearly_snapshots"])
    assert (found.rows, len(found.spells), found.began_before) == (15_395, 2_320, 1_175)
    laws = best_fit(found.spells)
    assert [one.law for one in laws] == ["weibull", "lognormal", "exponential"]
    assert laws[0].mean_days == pytest.approx(971.3, abs=0.5)
    assert set(LAWS) == {one.law for one in laws}
