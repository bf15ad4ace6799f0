"""Both provers answer the same small questions alike."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import pytest

from coproduce.engines.boolean import BoolModel, opposite
from coproduce.engines.cp import CpTask, minimise_bool, run_apart
from coproduce.engines.maxsat import ImproveTask, SatTask, improve, minimise, read_progress, unmet


def drawn(seed: int) -> BoolModel:
    """Return a random model of eight variables."""
    rng = random.Random(seed)
    model = BoolModel()
    names = [model.new() for _ in range(8)]
    for _ in range(rng.randint(0, 14)):
        model.clause(*(rng.choice((1, -1)) * name for name in rng.sample(names, 3)))
    for _ in range(3):
        model.limit(rng.sample(names, rng.randint(2, 8)), rng.randint(0, 4))
    model.wishes = [rng.choice((1, -1)) * name for name in rng.sample(names, 5)]
    return model


def cost_by_trying(model: BoolModel) -> int | None:
    best: int | None = None
    for values in product((False, True), repeat=model.variables):

        def holds(literal: int, values: tuple[bool, ...] = values) -> bool:
            return values[abs(literal) - 1] == (literal > 0)

        if all(any(map(holds, clause)) for clause in model.clauses) and all(
            sum(map(holds, literals)) <= most for literals, most in model.limits
        ):
            cost = sum(not holds(wish) for wish in model.wishes)
            best = cost if best is None else min(best, cost)
    return best


def test_maxsat_finds_what_trying_everything_finds() -> None:
    for seed in range(100):
        model = drawn(seed)
        assert minimise(SatTask(model)).cost == cost_by_trying(model), f"seed {seed}"


def test_an_answer_is_bettered_and_never_made_worse() -> None:
    bettered = 0
    for seed in range(100):
        model = drawn(seed)
        plain = BoolModel(model.variables, model.clauses, model.limits)
        first = minimise(SatTask(plain))
        best = cost_by_trying(model)
        if best is None:
            continue
        before = unmet(model, first.true)
        after = unmet(model, improve(ImproveTask(model, first.true, 10.0)))
        assert best <= after <= before, f"seed {seed}"
        bettered += after < before
    assert bettered > 10


@pytest.mark.parametrize("size", [2, 6, 7, 13, 30])
def test_at_most_one_of_many_is_said_rightly(size: int) -> None:
    model = BoolModel()
    names = [model.new() for _ in range(size)]
    model.limit(names, 1)
    model.wishes = names
    answer = minimise(SatTask(model))
    assert (answer.cost, len(answer.true)) == (size - 1, 1)


def test_terms_known_beforehand_leave_the_clauses() -> None:
    model = BoolModel()
    name = model.new()
    model.clause(name, True)
    model.clause(opposite(True), -name)
    assert model.clauses == [[-name]]
    assert (opposite(False), opposite(-name)) == (True, name)


def test_a_contradiction_has_no_answer() -> None:
    model = BoolModel()
    model.clause()
    assert minimise(SatTask(model)).status == "infeasible"


def test_an_empty_model_is_met() -> None:
    answer = minimise(SatTask(BoolModel()))
    assert (answer.status, answer.cost) == ("optimal", 0)


def test_progress_is_read_even_if_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "told.jsonl"
    assert read_progress(path) == (0, None)
    path.write_text('{"true": [1, 3]}\n{"bound": 2}\n{"bound": 3}\n{"bou', encoding="ascii")
    assert read_progress(path) == (3, frozenset({1, 3}))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_cp_sat_finds_what_maxsat_finds(seed: int) -> None:
    model = drawn(seed)
    answer = run_apart(minimise_bool, CpTask(model, time_limit_s=10.0), timeout_s=60)
    expected = cost_by_trying(model)
    assert answer.cost == expected
    assert answer.status == ("infeasible" if expected is None else "optimal")
