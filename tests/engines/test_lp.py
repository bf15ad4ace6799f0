"""The door to HiGHS gives known answers, honest bounds and the same answer twice."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from coproduce.engines import lp
from coproduce.records.errors import ModelError


def _knapsack(values: list[float], weights: list[float], room: float) -> lp.Problem:
    build = lp.Builder(is_maximised=True)
    take = build.add_columns(len(values), cost=values, upper=1.0, is_integer=True)
    row = build.add_rows(1, upper=room)
    build.add_entries(row, take, weights)
    return build.problem()


def _hard_knapsack(size: int = 80) -> lp.Problem:
    """Weights that no bound closes quickly: several rows of random numbers."""
    rng = np.random.default_rng(5)
    build = lp.Builder(is_maximised=True)
    take = build.add_columns(size, cost=rng.integers(200, 600, size), upper=1.0, is_integer=True)
    rows = build.add_rows(10, upper=size * 80.0)
    build.add_entries(rows[:, None], take[None, :], rng.integers(100, 600, (10, size)))
    return build.problem()


def test_an_lp_gives_its_value_and_its_shadow_price() -> None:
    # max 3a + 2b, a + b <= 4, a + 3b <= 6, a <= 3: at a = 3, b = 1 the value is 11; a further
    # unit of the first row lets b grow until the second row binds at 1: worth 2.
    build = lp.Builder(is_maximised=True)
    col = build.add_columns(2, cost=[3.0, 2.0], upper=[3.0, np.inf])
    rows = build.add_rows(2, upper=[4.0, 7.0])
    build.add_entries(rows[0], col, [1.0, 1.0])
    build.add_entries(rows[1], col, [1.0, 3.0])
    found = lp.solve(build.problem())
    assert found.status == "optimal"
    assert found.objective == pytest.approx(11.0)
    assert found.bound == pytest.approx(11.0)
    assert found.row_dual == pytest.approx([2.0, 0.0])


def test_a_knapsack_is_solved_to_its_known_optimum() -> None:
    # 10 + 7 at weight 9 beats 12 + 3 at weight 10.
    found = lp.solve(_knapsack([10, 7, 12, 3], [5, 4, 8, 2], 10))
    assert found.status == "optimal"
    assert found.objective == pytest.approx(17.0)
    assert found.bound >= found.objective - 1e-9
    assert found.x == pytest.approx([1, 1, 0, 0])


def test_entries_at_the_same_place_add_up() -> None:
    build = lp.Builder(is_maximised=True)
    col = build.add_columns(1, cost=1.0)
    row = build.add_rows(1, upper=6.0)
    build.add_entries(row, col, 1.0)
    build.add_entries(row, col, 2.0)
    assert lp.solve(build.problem()).x == pytest.approx([2.0])


def test_a_problem_without_rows_is_solved_at_its_bounds() -> None:
    build = lp.Builder(is_maximised=True)
    build.add_columns(2, cost=[1.0, -1.0], upper=5.0)
    found = lp.solve(build.problem())
    assert found.x == pytest.approx([5.0, 0.0])


@pytest.mark.parametrize(
    ("lower", "upper", "status"),
    [
        (2.0, np.inf, "infeasible"),  # the row asks for more than the column may be
        (-np.inf, 1.0, "optimal"),
    ],
)
def test_the_status_says_what_happened(lower: float, upper: float, status: str) -> None:
    build = lp.Builder()
    col = build.add_columns(1, cost=-1.0, upper=1.0, is_integer=True)
    row = build.add_rows(1, lower=lower, upper=upper)
    build.add_entries(row, col, 1.0)
    found = lp.solve(build.problem())
    assert found.status == status
    assert found.has_answer == (status == "optimal")


def test_the_same_seed_gives_the_same_answer() -> None:
    problem = _hard_knapsack(40)
    first, second = (lp.solve(problem, gap_share=0.02, seed=3) for _ in range(2))
    assert np.array_equal(first.x, second.x)
    assert first.bound == second.bound


def test_a_start_is_used() -> None:
    problem = _hard_knapsack(40)
    best = lp.solve(problem, gap_share=0.02)
    again = lp.solve(problem, gap_share=0.5, start=best.x, extra={"mip_max_nodes": 0})
    assert again.objective >= best.objective - 1e-6


def test_running_out_of_time_keeps_the_gap_honest() -> None:
    found = lp.solve(_hard_knapsack(), gap_share=0.0, time_limit_s=0.3)
    assert found.status in ("feasible", "none")
    assert found.bound >= (found.objective if found.has_answer else -np.inf)
    assert found.gap_share > 0.0


@pytest.fixture
def no_stray_interrupt() -> Iterator[list[int]]:
    """Ctrl-C that reaches nobody is listed here; it must not end the whole run of tests."""
    strays: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: strays.append(number))
    yield strays
    signal.signal(signal.SIGINT, before)


def _interrupt_the_solver(delay_s: float) -> threading.Thread:
    """Press Ctrl-C once, so long after a solver has started: whatever the machine's load."""

    def work() -> None:
        while not any(thread.name == "solver" for thread in threading.enumerate()):
            time.sleep(0.001)
        time.sleep(delay_s)
        _thread.interrupt_main()

    sender = threading.Thread(target=work, daemon=True)
    sender.start()
    return sender


def test_ctrl_c_gives_the_best_point_so_far(no_stray_interrupt: list[int]) -> None:
    sender = _interrupt_the_solver(0.5)
    found = lp.solve(_hard_knapsack(), gap_share=0.0, time_limit_s=30.0)
    sender.join()
    assert no_stray_interrupt == []
    assert found.was_interrupted
    assert found.status == "feasible"
    assert found.bound >= found.objective


def test_progress_is_told_the_gap() -> None:
    told: list[tuple[float, str]] = []
    lp.solve(
        _hard_knapsack(),
        gap_share=0.0,
        time_limit_s=1.0,
        progress=lambda gap, text: told.append((gap, text)),
    )
    assert told
    assert all("gap" in text for _, text in told)


def test_an_unknown_option_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="no_such_option"):
        lp.solve(_knapsack([1.0], [1.0], 1.0), extra={"no_such_option": 1})


def test_relaxing_never_lowers_the_value() -> None:
    problem = _knapsack([10, 7, 12, 3], [5, 4, 8, 2], 10)
    assert lp.solve(problem.relaxed()).objective >= lp.solve(problem).objective


def test_the_engine_names_its_version() -> None:
    assert lp.engine_version().startswith("HiGHS 1.")


def _cuts_of(columns: int) -> list[lp.Cut]:
    half = np.arange(columns // 2, dtype=np.int32)
    return [lp.Cut(half, np.ones(len(half)), 1.0)]


def test_cuts_without_time_leave_the_last_solution_with_a_price_for_every_row() -> None:
    problem = _hard_knapsack()
    relaxation = lp.Relaxation(problem)
    first = relaxation.solve()

    def too_late(x: lp.Floats) -> list[lp.Cut]:
        relaxation.limit(-1.0)
        return _cuts_of(len(x))

    found = relaxation.tighten(first, too_late, rounds=5, least_gain_share=0.0)
    assert found.status == "optimal"
    assert len(found.row_dual) == relaxation.problem.rows
    assert found.objective >= lp.solve(relaxation.problem, gap_share=0.1).objective


def test_a_first_ctrl_c_does_not_lose_the_answer_that_finishes_a_plan(
    no_stray_interrupt: list[int],
) -> None:
    rng = np.random.default_rng(1)
    build = lp.Builder(is_maximised=True)
    cols = build.add_columns(1500, cost=rng.random(1500), upper=1.0)
    rows = build.add_rows(400, upper=50.0)
    build.add_entries(rows[:, None], cols[None, :], rng.random((400, 1500)))
    problem = build.problem()
    sender = _interrupt_the_solver(0.01)
    found = lp.settle(problem)
    sender.join()
    assert no_stray_interrupt == []
    assert found.was_interrupted
    assert found.status == "optimal"


def test_ctrl_c_is_again_the_callers_once_the_solver_is_done() -> None:
    before = signal.getsignal(signal.SIGINT)
    lp.solve(_knapsack([1.0], [1.0], 1.0))
    assert signal.getsignal(signal.SIGINT) is before


def test_many_ctrl_c_at_any_moment_of_the_search_raise_nothing(
    no_stray_interrupt: list[int],
) -> None:
    is_over = threading.Event()

    def press() -> None:
        while not is_over.wait(0.0005):
            _thread.interrupt_main()

    sender = threading.Thread(target=press, daemon=True)
    sender.start()
    found = lp.solve(_hard_knapsack(), gap_share=0.0, time_limit_s=20.0)
    is_over.set()
    sender.join()
    assert found.was_interrupted
