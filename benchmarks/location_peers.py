"""What the peers get and how they are run: one thread, limits in CPU seconds of their own.

One level: the strong formulation, one linking row per facility and customer, and the row of
total capacity. Two levels: the plain formulation with rows of total capacity; with the strong
rows the linear programme alone takes longer than the whole search takes without. Programs with
scenarios: the extensive form.
"""

from __future__ import annotations

import math
import re
import resource
import subprocess
import tempfile
from pathlib import Path
from typing import Any

GAP_SHARE = 1e-6
Found = tuple[float | None, float | None, str]


def cpu_s() -> float:
    """Return CPU seconds of this process and its finished children."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def model_of(problem: Any, form: str) -> Any:
    """Return the model that peers get."""
    if form == "smps":
        from coproduce.network.location.stochastic.program import joined

        every = dict(enumerate(problem.probability))
        first = problem.core.cost[: problem.first_columns]
        return joined(problem, every, first_cost=first)
    if form == "scflp-json":
        return scenarios(problem)
    return levels(problem) if form in ("tscflp", "mptscflp") else strong(problem)


def strong(problem: Any) -> Any:
    """Return the strong formulation: one linking row per facility and customer."""
    import numpy as np

    from coproduce.engines import lp

    m, n = problem.cost.shape
    build = lp.Builder()
    opens = build.add_columns(m, cost=problem.fixed, upper=1.0, is_integer=True)
    serves = build.add_columns(
        m * n, cost=problem.cost.ravel(), upper=1.0, is_integer=problem.is_single_source
    ).reshape(m, n)
    once = build.add_rows(n, lower=1.0, upper=1.0)
    build.add_entries(once[None, :], serves, 1.0)
    linked = build.add_rows(m * n, upper=0.0).reshape(m, n)
    build.add_entries(linked, serves, 1.0)
    build.add_entries(linked, opens[:, None], -1.0)
    if problem.capacity is not None:
        room = build.add_rows(m, upper=0.0)
        build.add_entries(room[:, None], serves, problem.demand[None, :])
        build.add_entries(room, opens, -problem.capacity)
        total = build.add_rows(1, lower=float(np.sum(problem.demand)))
        build.add_entries(total, opens, problem.capacity)
    return build.problem()


def levels(problem: Any) -> Any:
    """Return plants, depots and customers, product by product."""
    from coproduce.engines import lp

    build = lp.Builder()
    plants = build.add_columns(
        problem.plants, cost=problem.plant_fixed, upper=1.0, is_integer=True
    )
    depots = build.add_columns(
        problem.depots, cost=problem.depot_fixed, upper=1.0, is_integer=True
    )
    for layer in range(problem.products):
        demand = problem.demand[layer]
        inbound, outbound = problem.inbound[layer], problem.outbound[layer]
        sent = build.add_columns(inbound.size, cost=inbound.ravel()).reshape(inbound.shape)
        served = build.add_columns(outbound.size, cost=outbound.ravel()).reshape(outbound.shape)
        build.add_entries(
            build.add_rows(len(demand), lower=demand, upper=demand)[None, :], served, 1.0
        )
        balance = build.add_rows(problem.depots, lower=0.0, upper=0.0)
        build.add_entries(balance[:, None], served, 1.0)
        build.add_entries(balance[None, :], sent, -1.0)
        for opened, flow, room in (
            (plants, sent, problem.plant_capacity[layer]),
            (depots, served, problem.depot_capacity[layer]),
        ):
            rows = build.add_rows(len(room), upper=0.0)
            build.add_entries(rows[:, None], flow, 1.0)
            build.add_entries(rows, opened, -room)
            build.add_entries(build.add_rows(1, lower=float(demand.sum())), opened, room)
    return build.problem()


def scenarios(problem: Any) -> Any:
    """Return facilities once and services per scenario, each scenario as likely."""
    from coproduce.engines import lp

    count, sites = len(problem.demand), len(problem.fixed)
    build = lp.Builder()
    opened = build.add_columns(sites, cost=problem.fixed, upper=1.0, is_integer=True)
    for demand in problem.demand:
        served = build.add_columns(problem.cost.size, cost=problem.cost.ravel() / count).reshape(
            problem.cost.shape
        )
        rows = build.add_rows(len(demand), lower=demand, upper=demand)
        build.add_entries(rows[None, :], served, 1.0)
        room = build.add_rows(sites, upper=0.0)
        build.add_entries(room[:, None], served, 1.0)
        build.add_entries(room, opened, -problem.capacity)
        build.add_entries(build.add_rows(1, lower=float(demand.sum())), opened, problem.capacity)
    return build.problem()


def highs(model: Any, cap_s: float, seed: int) -> Found:
    from coproduce.engines import lp

    until = cpu_s() + cap_s
    found = lp.solve(
        model,
        gap_share=GAP_SHARE,
        time_limit_s=100.0 * cap_s,
        seed=seed,
        threads=1,
        stop=lambda: cpu_s() > until,
    )
    objective = found.objective if found.has_answer else None
    bound = found.bound if math.isfinite(found.bound) else None
    return objective, bound, lp.engine_version()


def mps(model: Any, folder: str) -> str:
    """Write the model and return the file's name."""
    from coproduce.engines import lp

    path = str(Path(folder) / "model.mps")
    lp._loaded(model).writeModel(path)
    return path


def scip(model: Any, cap_s: float, seed: int) -> Found:
    import pyscipopt

    with tempfile.TemporaryDirectory() as folder:
        path = mps(model, folder)
        solver = pyscipopt.Model()
        solver.hideOutput()
        solver.readProblem(path)
    solver.setParam("timing/clocktype", 1)  # CPU seconds
    solver.setParam("limits/time", cap_s)
    solver.setParam("limits/gap", GAP_SHARE)
    solver.setParam("parallel/maxnthreads", 1)
    solver.setParam("randomization/randomseedshift", seed)
    solver.optimize()
    objective = solver.getObjVal() if solver.getNSols() else None
    bound = solver.getDualbound()
    return objective, bound if abs(bound) < 1e19 else None, f"SCIP {solver.version()}"


def cbc(model: Any, cap_s: float, seed: int) -> Found:
    import pulp

    with tempfile.TemporaryDirectory() as folder:
        path = mps(model, folder)
        program = pulp.apis.PULP_CBC_CMD().path
        options = ["-threads", "1", "-ratioGap", str(GAP_SHARE), "-timeMode", "cpu"]
        options += ["-sec", str(cap_s), "-randomCbcSeed", str(seed + 1), "-solve"]
        done = subprocess.run([program, path, *options], capture_output=True, text=True)
    log = done.stdout
    value = re.search(r"Objective value:\s+([-\d.e+]+)", log)
    lower = re.search(r"Lower bound:\s+([-\d.e+]+)", log)
    is_proven = "Optimal solution found" in log
    objective = float(value[1]) if value and "No feasible" not in log else None
    if objective is not None and objective > 1e49:  # how it writes that it has none
        objective = None
    bound = objective if is_proven else float(lower[1]) if lower else None
    version = re.search(r"Version:\s+(\S+)", log)
    return objective, bound, f"CBC {version[1] if version else ''}"


PEERS = {"highs": highs, "scip": scip, "cbc": cbc}
