"""Our location engine beside HiGHS, SCIP and CBC on the strong formulation, one thread each.

    .venv-bench/bin/python benchmarks/location.py [--quick] [--only NAME] [--time-cap 300]
        [--seeds 3] [--solvers coproduce,highs,scip,cbc] [--again]

Every run is a process of its own; its row is appended to out/location.json at once, and a row
that is there already is not run again, so a long run may be stopped and taken up. Afterwards the
tables of all rows so far are printed: median over the seeds, CPU and wall seconds, the ratio to
ours, and geometric means. Reading the file and importing libraries counts for nobody; building
the model counts for the peers, since they cannot do without. Ours is checked against the
published optimum and by `coproduce network verify`. Nothing here asserts, and no option of ours
is set for an instance.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data" / "network"
OUT = ROOT / "out" / "location.json"
LIBRARIES = {
    "coproduce": ("coproduce.network.location.solve",),
    "scip": ("pyscipopt",),
    "cbc": ("pulp",),
}
SOLVERS = ("coproduce", "highs", "scip", "cbc")


@dataclass(frozen=True)
class Case:
    """One instance: where it lies, how it is read and what is published of it."""

    family: str
    name: str
    path: Path
    form: str
    is_free: bool = False
    is_single: bool = False
    published: float | None = None


def cases() -> list[Case]:
    """Return every instance in the data, the quickest families first."""
    return [*orlib(), *big_orlib(), *holmberg(), *collections(), *koerkel_ghosh()]


def published_orlib() -> dict[str, float]:
    text = (DATA / "orlib_cap" / "capopt.txt").read_text(encoding="utf-8")
    found = {name: float(value) for name, value in re.findall(r"(cap\d+)\s+([\d.]+)", text)}
    values = re.findall(r"([\d.]+) \(capacity (\d+)\)", text)
    for place, (value, _) in enumerate(values):
        found[f"cap{'abc'[place // 4]}{place % 4 + 1}"] = float(value)
    return found


# Published optima without capacity; OR-Library, uncapopt.
FREE = {
    "cap71": 932615.750,
    "cap72": 977799.400,
    "cap73": 1010641.450,
    "cap74": 1034976.975,
    "cap101": 796648.438,
    "cap102": 854704.200,
    "cap103": 893782.113,
    "cap104": 928941.750,
    "cap131": 793439.563,
    "cap132": 851495.325,
    "cap133": 893076.713,
    "cap134": 928941.750,
    "capa": 17156454.478,
    "capb": 12979071.582,
    "capc": 11505594.329,
}


def orlib() -> list[Case]:
    folder, best = DATA / "orlib_cap", published_orlib()
    small = sorted((p for p in folder.glob("cap[0-9]*")), key=lambda p: int(p.name[3:]))
    with_room = [Case("CFL OR-Library", p.name, p, "orlib", published=best[p.name]) for p in small]
    without = [
        Case("UFL OR-Library", p.name, p, "orlib", is_free=True, published=FREE[p.name])
        for p in small
        if p.name in FREE
    ]
    for letter in "abc":
        path = folder / f"cap{letter}1.rcflp.gz"
        if path.is_file():
            name = f"cap{letter}"
            without.append(
                Case("UFL OR-Library", name, path, "holmberg", True, published=FREE[name])
            )
    return without + with_room


def big_orlib() -> list[Case]:
    best = published_orlib()
    paths = sorted((DATA / "orlib_cap").glob("cap*.rcflp.gz"))
    names = [(path, path.name.split(".")[0]) for path in paths]
    return [Case("CFL capa-c", name, p, "holmberg", published=best[name]) for p, name in names]


def holmberg() -> list[Case]:
    text = (DATA / "SOURCES.md").read_text(encoding="utf-8")
    line = re.search(r"Holmberg single-source p1\.\.p71: ([\d ]+)", text)
    best = [float(value) for value in line[1].split()] if line else []
    paths = sorted((DATA / "holmberg").glob("p*"), key=lambda p: int(p.name[1:]))
    return [
        Case("SS Holmberg", p.name, p, "holmberg", False, True, best[int(p.name[1:]) - 1])
        for p in paths
    ]


def collections() -> list[Case]:
    made = []
    for folder in sorted((DATA / "sscflp").iterdir()):
        best = [float(v) for v in (folder / "os").read_text(encoding="utf-8").split()]
        for number in range(1, len(best) + 1):
            for path in folder.glob(f"p{number}*"):
                if path.name.split(".")[0] != f"p{number}":
                    continue
                label = folder.name.split("_")[-1]
                value = best[number - 1]
                name = f"p{number}"
                if label == "TBED1":  # what is published for this set allows splitting
                    made.append(Case("CFL TBED1", name, path, "sscflp", published=value))
                    made.append(Case("SS TBED1", name, path, "sscflp", is_single=True))
                else:
                    made.append(Case(f"SS {label}", name, path, "sscflp", False, True, value))
    return sorted(made, key=lambda case: case.family)


def koerkel_ghosh() -> list[Case]:
    paths = sorted((DATA / "ufl_koerkel_ghosh").glob("*.gz"))
    return [Case("UFL Koerkel-Ghosh", p.name[:-3], p, "ufl") for p in paths]


QUICK = {
    "UFL OR-Library": {"cap71", "cap134", "capa"},
    "CFL OR-Library": {"cap41", "cap64"},
    "CFL capa-c": {"capa4"},
    "SS Holmberg": {"p1", "p20"},
    "SS Delmaire": {"p2"},
    "SS Yang": {"p5"},
    "CFL TBED1": {"p1"},
}


def one(case: Case, solver: str, cap_s: float, seed: int) -> dict[str, Any]:
    """Solve once, in this process; return the row."""
    from coproduce.network.location import registry

    problem = registry.read(case.path, case.form, reading_of(case))
    # To start Python and to import the libraries counts for nobody.
    for library in ("highspy", "scipy.sparse", *LIBRARIES.get(solver, ())):
        importlib.import_module(library)
    if solver == "coproduce":
        return ours(case, problem, cap_s, seed)
    peer = {"highs": highs, "scip": scip, "cbc": cbc}[solver]
    used, wall = cpu_s(), time.perf_counter()
    model = strong(problem)
    objective, bound, version = peer(model, cap_s, seed)
    return row(objective, bound, used, wall, version)


def reading_of(case: Case) -> Any:
    from coproduce.network.location.types import Reading

    is_split = case.form == "sscflp" and not case.is_single
    return Reading(case.is_free, case.is_single, is_split)


def row(
    objective: float | None, bound: float | None, used: float, wall: float, version: str
) -> dict[str, Any]:
    gap = None
    if objective is not None and bound is not None:
        gap = max(0.0, objective - bound) / max(1e-9, abs(objective))
    return {
        "objective": objective,
        "bound": bound,
        "gap": gap,
        "cpu_s": cpu_s() - used,
        "wall_s": time.perf_counter() - wall,
        "version": version,
    }


def cpu_s() -> float:
    """Return CPU seconds of this process and its finished children."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def ours(case: Case, problem: Any, cap_s: float, seed: int) -> dict[str, Any]:
    from coproduce.network.location import record, registry
    from coproduce.network.location.types import Options

    used, wall = cpu_s(), time.perf_counter()
    answer = registry.solve(problem, case.form, Options(time_limit_s=cap_s, seed=seed))
    found = row(answer.objective, answer.bound, used, wall, answer.engine)
    reading = reading_of(case)
    written = record.solution_record(case.path, case.form, reading, answer, problem.kind)
    began = time.perf_counter()
    checked = registry.check(case.path, json.loads(json.dumps(written)), case.form)
    found |= {
        "verify_s": time.perf_counter() - began,
        "errors": list(checked.errors),
        "certified_gap": checked.certified_gap,
        "rests_on_solver": checked.rests_on_solver,
    }
    return found


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


def highs(model: Any, cap_s: float, seed: int) -> tuple[float | None, float | None, str]:
    from coproduce.engines import lp

    found = lp.solve(model, gap_share=1e-6, time_limit_s=cap_s, seed=seed, threads=1)
    objective = found.objective if found.has_answer else None
    bound = found.bound if math.isfinite(found.bound) else None
    return objective, bound, lp.engine_version()


def mps(model: Any, folder: str) -> str:
    """Write the model and return the file's name."""
    from coproduce.engines import lp

    path = str(Path(folder) / "model.mps")
    lp._loaded(model).writeModel(path)
    return path


def scip(model: Any, cap_s: float, seed: int) -> tuple[float | None, float | None, str]:
    import pyscipopt

    with tempfile.TemporaryDirectory() as folder:
        path = mps(model, folder)
        solver = pyscipopt.Model()
        solver.hideOutput()
        solver.readProblem(path)
    solver.setParam("limits/time", cap_s)
    solver.setParam("limits/gap", 1e-6)
    solver.setParam("parallel/maxnthreads", 1)
    solver.setParam("randomization/randomseedshift", seed)
    solver.optimize()
    objective = solver.getObjVal() if solver.getNSols() else None
    bound = solver.getDualbound()
    return objective, bound if abs(bound) < 1e19 else None, f"SCIP {solver.version()}"


def cbc(model: Any, cap_s: float, seed: int) -> tuple[float | None, float | None, str]:
    import pulp

    with tempfile.TemporaryDirectory() as folder:
        path = mps(model, folder)
        program = pulp.apis.PULP_CBC_CMD().path
        options = ["-threads", "1", "-ratioGap", "1e-6", "-timeMode", "elapsed"]
        options += ["-sec", str(cap_s), "-randomCbcSeed", str(seed + 1), "-solve"]
        done = subprocess.run([program, path, *options], capture_output=True, text=True)
    log = done.stdout
    value = re.search(r"Objective value:\s+([-\d.e+]+)", log)
    lower = re.search(r"Lower bound:\s+([-\d.e+]+)", log)
    is_proven = "Optimal solution found" in log
    objective = float(value[1]) if value and "No feasible" not in log else None
    bound = objective if is_proven else float(lower[1]) if lower else None
    version = re.search(r"Version:\s+(\S+)", log)
    return objective, bound, f"CBC {version[1] if version else ''}"


def child(case: Case, solver: str, cap_s: float, seed: int) -> dict[str, Any]:
    """Run `one` in a process of its own; a crash or a hang becomes a row that says so."""
    call = [sys.executable, __file__, "--child", case.family, case.name, solver]
    call += [str(cap_s), str(seed)]
    room = dict(os.environ, OMP_NUM_THREADS="1")
    try:
        done = subprocess.run(
            call, capture_output=True, text=True, timeout=2 * cap_s + 120, env=room
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"no end {2 * cap_s + 120:.0f} s after the start"}
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr else "crashed"}
    return json.loads(done.stdout.splitlines()[-1])


def load() -> dict[str, Any]:
    return json.loads(OUT.read_text(encoding="utf-8")) if OUT.is_file() else {}


def store(rows: dict[str, Any]) -> None:
    OUT.parent.mkdir(exist_ok=True)
    draft = OUT.with_suffix(".part")
    draft.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    draft.replace(OUT)


def table(picked: list[Case], rows: dict[str, Any], cap_s: float, solvers: list[str]) -> None:
    """Print one table per family: medians over the seeds, and geometric means at its end."""
    for family in dict.fromkeys(case.family for case in picked):
        print(f"\n{family}: cap {cap_s:g} s, CPU seconds (gap where not proven), ratio to ours")
        heads = "".join(f"{solver:>26}" for solver in solvers)
        print(f"{'':<12}{'published':>14}{'ours':>16}{heads}  verify")
        ratios: dict[str, list[float]] = {solver: [] for solver in solvers}
        for case in (case for case in picked if case.family == family):
            line(case, rows, cap_s, solvers, ratios)
        for solver in solvers:
            if solver != "coproduce" and ratios[solver]:
                mean = math.exp(statistics.fmean(map(math.log, ratios[solver])))
                print(f"  geometric mean {solver} / ours: {mean:.1f} over {len(ratios[solver])}")


def line(
    case: Case,
    rows: dict[str, Any],
    cap_s: float,
    solvers: list[str],
    ratios: dict[str, list[float]],
) -> None:
    found = {solver: of(case, solver, rows, cap_s) for solver in solvers}
    own = found.get("coproduce") or []
    value = own[0].get("objective") if own else None
    text = f"{case.name:<12}{shown(case.published):>14}{shown(value):>16}"
    base = middle(own)
    for solver in solvers:
        cell = cell_of(found[solver])
        seconds = middle(found[solver])
        if base and seconds and solver != "coproduce":
            ratio = max(seconds, 0.001) / max(base, 0.001)
            ratios[solver].append(ratio)
            cell += f" {ratio:>7.1f}x"
        text += f"{cell:>26}"
    wrong = [error for entry in own for error in entry.get("errors", [])]
    is_off = value is not None and case.published is not None and is_else(value, case.published)
    note = "WRONG " + wrong[0] if wrong else "right" if own else ""
    print(f"{text}  {note}{'  NOT THE PUBLISHED VALUE' if is_off else ''}")


def of(case: Case, solver: str, rows: dict[str, Any], cap_s: float) -> list[dict[str, Any]]:
    prefix = f"{case.family}/{case.name}/{solver}/{cap_s:g}/"
    return [entry for key, entry in sorted(rows.items()) if key.startswith(prefix)]


def middle(entries: list[dict[str, Any]]) -> float | None:
    times = [entry["cpu_s"] for entry in entries if "cpu_s" in entry]
    return statistics.median(times) if times else None


def cell_of(entries: list[dict[str, Any]]) -> str:
    if not entries:
        return "–"
    if any("failed" in entry for entry in entries):
        return "failed"
    gaps = [entry["gap"] for entry in entries]
    seconds = f"{middle(entries):.2f}"
    if any(gap is None for gap in gaps):
        return f"{seconds} (no gap)"
    worst = max(gaps)
    return seconds if worst <= 1.01e-6 else f"{seconds} ({worst:.2%})"


def shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def is_else(value: float, published: float) -> bool:
    return abs(value - published) > 2e-6 * abs(published) + 0.006


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few instances, cap 20 s, 1 seed")
    parser.add_argument("--only", default="", help="families or names that contain this")
    parser.add_argument("--time-cap", type=float, default=300.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--solvers", default=",".join(SOLVERS))
    parser.add_argument("--again", action="store_true", help="run what was run before")
    return parser.parse_args()


def main() -> None:
    """Run what is missing, then print the tables."""
    if sys.argv[1:2] == ["--child"]:
        family, name, solver, cap, seed = sys.argv[2:]
        case = next(c for c in cases() if c.family == family and c.name == name)
        print(json.dumps(one(case, solver, float(cap), int(seed))))
        return
    chosen = parse()
    if not DATA.is_dir():
        sys.exit("benchmark data not found: ../shared/data/network is missing")
    cap_s = 20.0 if chosen.quick else chosen.time_cap
    seeds = 1 if chosen.quick else chosen.seeds
    solvers = chosen.solvers.split(",")
    picked = [
        case
        for case in cases()
        if chosen.only in f"{case.family} {case.name}"
        and (not chosen.quick or case.name in QUICK.get(case.family, set()))
    ]
    rows = load()
    for case in picked:
        for solver in solvers:
            for seed in range(seeds):
                key = f"{case.family}/{case.name}/{solver}/{cap_s:g}/{seed}"
                if key in rows and not chosen.again:
                    continue
                found = child(case, solver, cap_s, seed)
                rows = load() | {key: found}
                store(rows)
                short = found.get("failed") or f"{found['objective']} {found['cpu_s']:.2f} s CPU"
                print(key, short, file=sys.stderr, flush=True)
    load_text = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    versions = sorted({entry["version"] for entry in rows.values() if "version" in entry})
    print(f"python {sys.version.split()[0]}, {os.cpu_count()} cores, load {load_text}")
    print("; ".join(versions))
    table(picked, rows, cap_s, solvers)


if __name__ == "__main__":
    main()
