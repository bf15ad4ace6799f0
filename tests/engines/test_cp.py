"""The CP-SAT door: a process of its own that answers, fails clearly and ends on request."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from coproduce.engines import fanout
from coproduce.engines.cp import Child, run_apart, solver_child
from coproduce.records.errors import Cancelled, ModelError, UsageError


def double(task: int) -> int:
    print("noise on standard output must not spoil the answer")
    return 2 * task


def process_and_modules(_: None) -> tuple[bool, bool]:
    from ortools.sat.python import cp_model

    return cp_model.CpModel() is not None, "highspy" in sys.modules


def fail_as_ours(_: None) -> None:
    raise ModelError("two meetings at one table", code="X1", where="slot 3")


def fail_otherwise(_: None) -> None:
    raise ZeroDivisionError("planted")


def die(_: None) -> None:
    import os

    os._exit(7)


def sleep_long(_: None) -> None:
    time.sleep(60)


def test_the_answer_comes_back_and_printed_noise_does_not_spoil_it():
    assert run_apart(double, 21, timeout_s=60) == 42


def test_the_solver_loads_in_the_child_and_the_lp_engine_does_not():
    with Child() as child:
        assert child.run(process_and_modules, None, timeout_s=60) == (True, False)


@pytest.mark.parametrize(
    ("function", "code", "text"),
    [
        (fail_as_ours, "X1", "slot 3: two meetings at one table"),
        (fail_otherwise, "E103", "ZeroDivisionError: planted"),
        (die, "E103", "code 7 and no answer"),
    ],
)
def test_a_failure_in_the_child_is_raised_here_with_its_code(function, code, text):
    with pytest.raises(ModelError, match=text) as caught:
        run_apart(function, None, timeout_s=60)
    assert caught.value.code == code


def test_a_child_that_takes_too_long_is_ended():
    with pytest.raises(ModelError, match="no answer within") as caught:
        run_apart(sleep_long, None, timeout_s=0.3)
    assert caught.value.code == "E102"


def test_a_child_is_ended_when_the_user_gives_up():
    with pytest.raises(Cancelled):
        run_apart(sleep_long, None, timeout_s=60, is_cancelled=lambda: True)


def test_a_child_that_is_quicker_than_the_next_question_is_still_given_up(monkeypatch):
    monkeypatch.setattr(fanout, "POLL_SECONDS", 60.0)
    with pytest.raises(Cancelled):
        run_apart(double, 21, timeout_s=60, is_cancelled=lambda: True)


def test_a_child_that_was_never_used_is_ended_by_its_with_block():
    with Child() as child:
        pass
    assert child._process.poll() is not None


@pytest.mark.parametrize("function", [lambda task: task, subprocess.Popen.__init__.__call__])
def test_a_function_that_no_import_can_find_is_refused(function):
    with pytest.raises(UsageError) as caught:
        run_apart(function, None, timeout_s=60)
    assert caught.value.code == "E101"


def test_a_script_without_a_main_guard_may_use_it(tmp_path):
    script = tmp_path / "plain.py"
    script.write_text(
        "from coproduce.engines.cp import run_apart\n"
        "from operator import neg\n"
        "print(run_apart(neg, 5, timeout_s=60))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "-5"


def test_a_task_larger_than_a_pipe_arrives_whole_though_the_child_is_slow_to_read():
    # Loading the solver takes longer than a poll; a pipe holds 64 KB.
    with solver_child() as child:
        assert child.run(len, b"x" * 5_000_000, timeout_s=60) == 5_000_000
