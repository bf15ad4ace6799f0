"""The compiled and the plain inner loop of the polish give the same answer."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

CODE = """
from tests.forum.large.small import forum, request
from coproduce.forum.large.access import Access
from coproduce.forum.large.board import Board, place
from coproduce.forum.large.polish import State
from coproduce.forum.large.task import task_of
pairs = [(f"a{i}", f"b{j}") for i in range(8) for j in range(8) if (i * j) % 3]
made = forum([request(a, b) for a, b in pairs], slot_count=9, table_count=5)
task = task_of(made, Access(made))
board = Board(task)
place(board, range(len(task.meetings)))
state = State(board, "jair")
kept = state.anneal(3000, 7, (60.0, 8.0), 1)
print(kept, state.slot_of.tolist(), state.count_of.tolist(), state.spare.tolist())
"""


def test_compiled_and_plain_kernels_agree() -> None:
    pytest.importorskip("numba", reason="the extra `fast` is not installed")
    printed = []
    for flag in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", CODE],
            env={**os.environ, "NUMBA_DISABLE_JIT": flag},
            capture_output=True,
            text=True,
            check=True,
        )
        printed.append(done.stdout)
    assert printed[0] == printed[1]
    assert int(printed[0].split()[0]) > 0
