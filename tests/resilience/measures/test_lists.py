"""Lists of critical items: the matrix, the votes, the small list that comes along, bad files."""

from __future__ import annotations

from pathlib import Path

import pytest

from coproduce.records.errors import CoproduceError
from coproduce.resilience.measures.lists import kraljic, read_items, read_matrix

HEADER = "item_id,criterion_1,criterion_2,voters,critical_votes,source\n"


def file(folder: Path, rows: str, header: str = HEADER) -> Path:
    path = folder / "items.csv"
    path.write_text(header + rows)
    return path


def test_the_matrix_that_comes_along_never_falls_when_a_risk_rises() -> None:
    matrix, rank = read_matrix(), {"other": 0, "at_risk": 1, "critical": 2}
    levels = ("low", "medium", "high")
    for at, level in enumerate(levels):
        row = [rank[matrix[level, other]] for other in levels]
        column = [rank[matrix[other, level]] for other in levels]
        assert row == sorted(row), at
        assert column == sorted(column), at
    assert matrix["high", "high"] == "critical"


def test_the_list_that_comes_along_names_its_source() -> None:
    items = read_items()
    assert len(items) == 14
    assert all("EMA/4040/2026" in item.source for item in items.values())


def test_a_third_of_the_members_is_enough(tmp_path: Path) -> None:
    rows = "a,high,high,27,9,x\nb,high,low,27,8,x\nc,,,,,x\n"
    found = read_items(file(tmp_path, rows))
    assert [found[name].is_listed for name in "abc"] == [True, False, True]
    assert [found[name].class_id for name in "abc"] == ["critical", "at_risk", ""]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("a,huge,high,,,x\n", "S112"),
        ("a,high,high,27,28,x\n", "S112"),
        ("a,high,high,,,\n", "S112"),
        ("a,high,high,,,x\na,low,low,,,x\n", "S131"),
    ],
)
def test_a_bad_list_is_refused_by_name(rows: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(CoproduceError) as refused:
        read_items(file(tmp_path, rows))
    assert refused.value.code == code


def test_a_matrix_with_a_hole_is_refused(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "high,high,critical,assumed,x\n",
        "criterion_1,criterion_2,class_id,status,source\n",
    )
    with pytest.raises(CoproduceError, match="low/low") as refused:
        read_matrix(path)
    assert refused.value.code == "S131"


@pytest.mark.parametrize(
    ("risk", "impact", "quadrant"),
    [(1, 1, "strategic"), (1, 0, "bottleneck"), (0, 1, "leverage"), (0, 0, "routine")],
)
def test_the_four_quadrants(risk: float, impact: float, quadrant: str) -> None:
    assert kraljic(risk, impact, 0.5, 0.5) == quadrant
