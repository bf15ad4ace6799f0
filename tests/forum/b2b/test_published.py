"""The published files are proven to the published optima and checked independently.

Optima as printed in Tables 3, 6 and 8 of Bofill et al. (2022), JAIR 74, 263–301.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coproduce.forum.b2b.files import solution
from coproduce.forum.b2b.portfolio import schedule
from coproduce.forum.b2b.read import parse_dzn, read_dzn
from coproduce.forum.b2b.types import Options
from coproduce.forum.b2b.verify import verify_texts
from coproduce.records.errors import Cancelled, ModelError, UsageError
from tests.forum.b2b.small import dzn

QUICK = [
    ("data_table03_origin/tic-12.original.dzn", 0),
    ("data_table03_origin/tic-12crafc.original.dzn", 0),
    ("data_table03_origin/tic-13.original.dzn", 0),
    ("data_table03_origin/tic-13crafb.original.dzn", 0),
    ("data_table03_origin/forumt-14.original.dzn", 5),
    ("data_table03_origin/forumt-14crafc.original.dzn", 5),
    ("data_table03_origin/forum-13.original.dzn", 0),
    ("data_table06_forb/forumt-14crafc.forb0003.dzn", 0),
    ("data_table06_forb/forumt-14crafc.forb0007.dzn", None),
    ("data_table06_forb/tic-12crafc.forb0003.dzn", None),
    ("data_table08_prec/tic-12crafc.prec15.dzn", 0),
    ("data_table08_prec/tic-12crafc.prec25.dzn", 0),
    ("data_table08_prec/forumt-14crafc.prec15.dzn", 5),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "optimum"), QUICK, ids=[name for name, _ in QUICK])
def test_a_published_file_is_proven(name: str, optimum: int | None, shared_data: Path) -> None:
    path = shared_data / "forum" / name
    problem = read_dzn(path)
    answer = schedule(problem, Options(time_limit_s=300))
    assert answer.status == ("infeasible" if optimum is None else "optimal")
    assert answer.objective == answer.bound == optimum
    if optimum is not None:
        text = json.dumps(solution(problem, answer))
        assert verify_texts(path.read_text(encoding="utf-8"), text) == ()


@pytest.mark.slow
def test_time_that_ends_too_soon_gives_a_whole_timetable_and_a_bound_or_an_error(
    shared_data: Path,
) -> None:
    path = shared_data / "forum" / "data_table03_origin" / "forum-13crafb.original.dzn"
    problem = read_dzn(path)
    try:
        answer = schedule(problem, Options(time_limit_s=5))
    except ModelError as error:
        pytest.skip(f"the machine was too busy to find a timetable in 5 s: {error}")
    assert answer.bound is not None
    assert answer.objective is not None
    assert answer.bound <= 6 <= answer.objective, "the published optimum is 6"
    text = json.dumps(solution(problem, answer))
    assert verify_texts(path.read_text(encoding="utf-8"), text) == ()


@pytest.mark.slow
def test_a_solve_that_is_cancelled_ends_at_once(shared_data: Path) -> None:
    path = shared_data / "forum" / "data_table03_origin" / "forum-13crafb.original.dzn"
    with pytest.raises(Cancelled):
        schedule(read_dzn(path), Options(is_cancelled=lambda: True))


def test_options_that_make_no_sense_are_named() -> None:
    problem = parse_dzn(dzn([(1, 2, 3)]), "a.dzn")
    with pytest.raises(UsageError, match=r"threads is 0.*allowed is 1 or more"):
        schedule(problem, Options(threads=0))
    with pytest.raises(UsageError, match="fairness is -1"):
        schedule(problem, Options(fairness=-1))
