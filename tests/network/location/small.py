"""Tiny problems whose best answer is found by trying everything."""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coproduce.engines import lp
from coproduce.network.location.types import Facilities


def made(seed: int, sites: int, customers: int, kind: str) -> Facilities:
    """A random problem; whole numbers, capacity for about twice the demand."""
    rng = np.random.default_rng(seed)
    demand = rng.integers(1, 10, customers).astype(float)
    capacity = None
    if kind != "ufl":
        mean = 2.2 * demand.sum() / sites
        capacity = np.maximum(demand.max(), rng.uniform(0.6 * mean, 1.4 * mean, sites).round())
    return Facilities(
        name=f"{kind}-{seed}",
        fixed=rng.integers(20, 90, sites).astype(float),
        demand=demand,
        cost=rng.integers(1, 60, (sites, customers)).astype(float),
        capacity=capacity,
        is_single_source=kind == "sscfl",
    )


def cheapest(problem: Facilities) -> float:
    """The optimum from the plain model, solved by the general solver without our bounds."""
    m, n = problem.cost.shape
    build = lp.Builder()
    opens = build.add_columns(m, cost=problem.fixed, upper=1.0, is_integer=True)
    is_whole = problem.is_single_source or problem.capacity is None
    serves = build.add_columns(m * n, cost=problem.cost.ravel(), upper=1.0, is_integer=is_whole)
    serves = serves.reshape(m, n)
    once = build.add_rows(n, lower=1.0, upper=1.0)
    build.add_entries(once[None, :], serves, 1.0)
    linked = build.add_rows(m * n, upper=0.0).reshape(m, n)
    build.add_entries(linked, serves, 1.0)
    build.add_entries(linked, opens[:, None], -1.0)
    if problem.capacity is not None:
        room = build.add_rows(m, upper=0.0)
        build.add_entries(room[:, None], serves, problem.demand[None, :])
        build.add_entries(room, opens, -problem.capacity)
    return lp.solve(build.problem(), gap_share=1e-9, threads=1).objective


def cheapest_by_trying(problem: Facilities) -> float:
    """The optimum of a problem without capacity: every set of facilities is tried."""
    best = np.inf
    for count in range(1, problem.sites + 1):
        for chosen in itertools.combinations(range(problem.sites), count):
            rows = list(chosen)
            value = problem.fixed[rows].sum() + problem.cost[rows].min(axis=0).sum()
            best = min(best, float(value))
    return best


def orlib_text(problem: Facilities) -> str:
    """The problem in the layout of the OR-Library."""
    assert problem.capacity is not None
    lines = [f" {problem.sites} {problem.customers}"]
    lines += [f" {c:g} {f:g}" for c, f in zip(problem.capacity, problem.fixed, strict=True)]
    for customer in range(problem.customers):
        lines.append(f" {problem.demand[customer]:g}")
        lines.append(" " + " ".join(f"{value:g}" for value in problem.cost[:, customer]))
    return "\n".join(lines) + "\n"


def holmberg_text(problem: Facilities) -> str:
    """The problem in the layout of Holmberg's set."""
    assert problem.capacity is not None
    lines = [f"{problem.sites} {problem.customers}"]
    lines += [f"{c:g} {f:g}" for c, f in zip(problem.capacity, problem.fixed, strict=True)]
    lines.append(" ".join(f"{value:g}." for value in problem.demand))
    lines += [" ".join(f"{value:g}." for value in row) for row in problem.cost]
    return "\n".join(lines) + "\n"


def sscflp_text(problem: Facilities) -> str:
    """The problem in the layout of the single-source collections."""
    assert problem.capacity is not None
    blocks = [problem.capacity, problem.fixed, problem.demand, *problem.cost.T]
    lines = [" ".join(f"{value:f}" for value in row) for row in blocks]
    return "\n".join([f"{problem.sites} {problem.customers}", *lines]) + "\n"


def ufl_text(problem: Facilities) -> str:
    """The problem in the simple layout of the UflLib."""
    lines = ["FILE: small", f"{problem.sites} {problem.customers} 0"]
    for site in range(problem.sites):
        costs = " ".join(f"{value:g}" for value in problem.cost[site])
        lines.append(f"{site + 1} {problem.fixed[site]:g} {costs}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Done:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


def command(monkeypatch: Any, capsys: Any, *arguments: str | Path) -> Done:
    """Run ``coproduce`` in this process, as the installed command does."""
    from coproduce.cli import main

    monkeypatch.setattr(sys, "argv", ["coproduce", *map(str, arguments)])
    code = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    printed = capsys.readouterr()
    return Done(code, printed.out, printed.err)
