"""The published files are proven to the published optima and checked independently.

Optima as printed in Tables 3, 6 and 8 of Bofill et al. (2022), JAIR 74, 263–301.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coproduce.forum.b2b.files import solution
from coproduce.forum.b2b.portfolio import schedule
from coproduce.forum.b2b.read import read_dzn
from coproduce.forum.b2b.types import Options
from coproduce.forum.b2b.verify import verify_texts

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
