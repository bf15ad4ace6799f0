"""Our location engine beside HiGHS, SCIP and CBC, one thread each.

    .venv-bench/bin/python benchmarks/location.py [--quick] [--only TEXT] [--time-cap 300]
        [--peer-cap 100] [--seeds 3] [--seeds-below 60] [--threads 1] [--table] [--again]
        [--solvers coproduce,highs,scip,cbc]

Every run is a process of its own; its row is kept in out/location.json at once, and a row that is
there already is not run again, so that a long run may be stopped and taken up. A row of ours
belongs to the code that made it: change the code and it is made anew. Limits and times are CPU
seconds (our own limit is the clock's, so on a crowded machine we get less). Reading the file,
importing libraries and loading compiled code (a tiny problem is solved first) count for nobody;
building the model counts for the peers, since they cannot do without. Ours is checked against
the published optimum and by the code behind `coproduce network verify`. Further seeds are run
where the first took less than `--seeds-below`. Nothing
here asserts, and no option of ours is set for an instance.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import statistics
import subprocess
import sys
import time
from typing import Any

from location_cases import DATA, QUICK, ROOT, Case, cases, tiny_like
from location_peers import GAP_SHARE, PEERS, cpu_s, model_of

OUT = ROOT / "out" / "location.json"
LIBRARIES = {"scip": ("pyscipopt",), "cbc": ("pulp",)}
SOLVERS = ("coproduce", "highs", "scip", "cbc")
CODE = ("src/coproduce/network/location", "src/coproduce/engines")
Rows = dict[str, Any]


def one(case: Case, solver: str, cap_s: float, seed: int, threads: int) -> Rows:
    """Solve once, in this process; return the row."""
    from coproduce.network.location import registry

    problem = registry.read(case.path, case.form, case.reading)
    # To start Python and to import the libraries counts for nobody.
    ours_needs = registry.FORMATS[case.form].solves.split(":")[0]
    own = (f"coproduce.network.location.{ours_needs}",) if solver == "coproduce" else ()
    for library in ("highspy", "scipy.sparse", *LIBRARIES.get(solver, ()), *own):
        importlib.import_module(library)
    if solver == "coproduce":
        return ours(case, problem, cap_s, seed, threads)
    used, wall = cpu_s(), time.perf_counter()
    objective, bound, version = PEERS[solver](model_of(problem, case.form), cap_s, seed)
    return row(objective, bound, used, wall, version)


def row(
    objective: float | None, bound: float | None, used: float, wall: float, version: str
) -> Rows:
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


def ours(case: Case, problem: Any, cap_s: float, seed: int, threads: int) -> Rows:
    from coproduce.network.location import record, registry
    from coproduce.network.location.types import Options

    if (tiny := tiny_like(problem)) is not None:
        registry.solve(tiny, case.form, Options(time_limit_s=10.0))
    used, wall = cpu_s(), time.perf_counter()
    answer = registry.solve(
        problem, case.form, Options(time_limit_s=cap_s, seed=seed, threads=threads)
    )
    found = row(answer.objective, answer.bound, used, wall, answer.engine)
    kind = str(getattr(problem, "kind", case.form))
    written = record.solution_record(case.path, case.form, case.reading, answer, kind)
    began = time.perf_counter()
    checked = registry.check(case.path, json.loads(json.dumps(written)), case.form)
    found |= {
        "verify_s": time.perf_counter() - began,
        "errors": list(checked.errors),
        "certified_gap": checked.certified_gap,
        "rests_on_solver": checked.rests_on_solver,
    }
    return found


def child(case: Case, solver: str, cap_s: float, seed: int, threads: int) -> Rows:
    """Run `one` in a process of its own; a crash or a hang becomes a row that says so."""
    call = [sys.executable, __file__, "--child", case.family, case.name, solver]
    call += [str(cap_s), str(seed), str(threads)]
    room = dict(os.environ, OMP_NUM_THREADS="1")
    hang_s = 20 * cap_s + 300
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=hang_s, env=room)
    except subprocess.TimeoutExpired:
        return {"failed": f"no end {hang_s:.0f} s after the start"}
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr else "crashed"}
    return json.loads(done.stdout.splitlines()[-1])


def code_version() -> str:
    """Return what names the engine's code: the trees of the commit, marked where edited."""
    trees = [git("rev-parse", "--short=8", f"HEAD:{path}") for path in CODE]
    return "-".join(trees) + ("+" if git("status", "--porcelain", "--", *CODE) else "")


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def load() -> Rows:
    return json.loads(OUT.read_text(encoding="utf-8")) if OUT.is_file() else {}


def store(rows: Rows) -> None:
    OUT.parent.mkdir(exist_ok=True)
    draft = OUT.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    draft.replace(OUT)


def key_of(case: Case, solver: str, cap_s: float, seed: int | str, code: str) -> str:
    who = f"coproduce@{code}" if solver == "coproduce" else solver
    return f"{case.family}/{case.name}/{who}/{cap_s:g}/{seed}"


def run(picked: list[Case], chosen: argparse.Namespace, code: str) -> None:
    """Run what is missing."""
    for case in picked:
        for solver in chosen.solvers.split(","):
            cap_s = chosen.time_cap if solver == "coproduce" else chosen.peer_cap
            for seed in range(chosen.seeds):
                key, first = (key_of(case, solver, cap_s, number, code) for number in (seed, 0))
                rows = load()
                if key in rows and not chosen.again:
                    continue
                if seed and rows[first].get("cpu_s", math.inf) > chosen.seeds_below:
                    continue
                found = child(case, solver, cap_s, seed, chosen.threads)
                store(load() | {key: found})
                short = found.get("failed") or f"{found['objective']} {found['cpu_s']:.2f} s CPU"
                print(key, short, *found.get("errors", []), file=sys.stderr, flush=True)


def tables(picked: list[Case], solvers: list[str], caps: tuple[float, float], code: str) -> None:
    """Print one table per family: medians over the seeds, and geometric means below it."""
    rows = load()
    for family in dict.fromkeys(case.family for case in picked):
        ratios: dict[str, list[float]] = {}
        print(f"\n### {family}: limit {caps[0]:g} s, peers {caps[1]:g} s")
        print("| instance | published | ours | gap | certified gap | verify | s |", end="")
        peers = [solver for solver in solvers if solver != "coproduce"]
        print("".join(f" {solver} | × |" for solver in peers))
        print("|---|---:|---:|---:|---:|---|---:|" + "---:|---:|" * len(peers))
        for case in (case for case in picked if case.family == family):
            entries = {
                solver: [
                    rows[key]
                    for seed in range(99)
                    if (key := key_of(case, solver, caps[solver != "coproduce"], seed, code))
                    in rows
                ]
                for solver in solvers
            }
            line(case, entries, peers, ratios)
        for solver, values in ratios.items():
            mean = math.exp(statistics.fmean(map(math.log, values)))
            print(f"\nGeometric mean {solver} / ours: {mean:.1f} over {len(values)},", end="")
            print(f" least {min(values):.1f}.", end="")
        print()


def line(
    case: Case, entries: dict[str, Any], peers: list[str], ratios: dict[str, list[float]]
) -> None:
    own = [entry for entry in entries.get("coproduce", []) if "failed" not in entry]
    value = median(own, "objective")
    base = median(own, "cpu_s")
    wrong = [error for entry in own for error in entry["errors"]]
    is_off = value is not None and case.published is not None and is_else(value, case.published)
    shown = "–" if value is None else f"{value:,.3f}{' (else)' if is_off else ''}"
    verify = "–" if not own else f"WRONG: {wrong[0]}" if wrong else "right"
    text = f"| {case.name} | {number(case.published)} | {shown} | {share(own, 'gap')}"
    text += f" | {share(own, 'certified_gap')} | {verify} | {seconds(base)} |"
    quickest: list[float] = []
    for solver in peers:
        ran = entries[solver]
        took = median(ran, "cpu_s")
        text += f" {cell(ran)} |"
        is_fair = took and base and (is_proven(ran) or took >= base)
        if base and took and is_fair and all(entry.get("gap") is not None for entry in own):
            # A peer that did not finish counts with the time it had: the ratio is at least this.
            ratio = max(took, 0.001) / max(base, 0.001)
            ratios.setdefault(solver, []).append(ratio)
            quickest.append(ratio)
            text += f" {'' if is_proven(ran) else '≥ '}{ratio:.1f} |"
        else:
            text += " – |"
    if quickest:
        ratios.setdefault("quickest peer", []).append(min(quickest))
    print(text)


def median(entries: list[Rows], what: str) -> float | None:
    values = [entry[what] for entry in entries if entry.get(what) is not None]
    return statistics.median(values) if values else None


def cell(entries: list[Rows]) -> str:
    if not entries:
        return "–"
    if any("failed" in entry for entry in entries):
        return "failed"
    took = seconds(median(entries, "cpu_s"))
    if is_proven(entries):
        return took
    objective = median(entries, "objective")
    gap = share(entries, "gap")
    return f"{took}, {'no answer' if objective is None else f'{objective:,.2f}'}, {gap}"


def is_proven(entries: list[Rows]) -> bool:
    return all(
        entry.get("gap") is not None and entry["gap"] <= 1.5 * GAP_SHARE for entry in entries
    )


def share(entries: list[Rows], what: str) -> str:
    values = [entry.get(what) for entry in entries]
    if not values or any(value is None for value in values):
        return "–"
    worst = max(values)
    return "0" if worst <= 1.5 * GAP_SHARE else f"{worst:.3%}"


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.3f}"


def seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}" if value < 10 else f"{value:.0f}"


def is_else(value: float, published: float) -> bool:
    return abs(value - published) > 2e-6 * abs(published) + 0.006


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few instances, cap 20 s, 1 seed")
    parser.add_argument("--only", default="", help="families or names that contain this")
    parser.add_argument("--time-cap", type=float, default=300.0)
    parser.add_argument("--peer-cap", type=float, default=100.0, help="of the peers")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seeds-below", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=1, help="of ours; peers get one")
    parser.add_argument("--solvers", default=",".join(SOLVERS))
    parser.add_argument("--table", action="store_true", help="run nothing, print the tables")
    parser.add_argument("--again", action="store_true", help="run what was run before")
    parser.add_argument("--code", default="", help="tables of this version of our code")
    return parser.parse_args()


def main() -> None:
    """Run what is missing, then print the tables."""
    if sys.argv[1:2] == ["--child"]:
        family, name, solver, cap, seed, threads = sys.argv[2:]
        case = next(c for c in cases() if c.family == family and c.name == name)
        print(json.dumps(one(case, solver, float(cap), int(seed), int(threads))))
        return
    chosen = parse()
    if not DATA.is_dir():
        sys.exit("benchmark data not found: ../shared/data/network is missing")
    if chosen.quick:
        chosen.seeds, chosen.time_cap, chosen.peer_cap = 1, 20.0, 20.0
    picked = [
        case
        for case in cases()
        if chosen.only in f"{case.family} {case.name}"
        and (not chosen.quick or case.name in QUICK.get(case.family, set()))
    ]
    code = chosen.code or code_version()
    if not chosen.table:
        run(picked, chosen, code)
    load_text = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    versions = sorted({entry["version"] for entry in load().values() if "version" in entry})
    print(
        f"code {code}, python {sys.version.split()[0]}, {os.cpu_count()} cores, load {load_text}"
    )
    print("; ".join(versions))
    tables(picked, chosen.solvers.split(","), (chosen.time_cap, chosen.peer_cap), code)


if __name__ == "__main__":
    main()
