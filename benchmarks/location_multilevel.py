"""Two-level and stochastic location: ours beside HiGHS on the whole problem, and published values.

Run: python benchmarks/location_multilevel.py [--quick] [--only NAME] [--time-limit S] [--no-peer]
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path
from typing import Any

import numpy as np

from coproduce.engines import lp
from coproduce.network.location import record, registry
from coproduce.network.location.multilevel.bound import whole
from coproduce.network.location.multilevel.compact import close
from coproduce.network.location.stochastic.program import joined
from coproduce.network.location.stochastic.scenarios import levels_of
from coproduce.network.location.types import Options, Reading

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "network"
SETS = {
    "tscflp": ("tscflp", "PSC*.txt.gz"),
    "mptscflp": ("mp_tscflp", "PSC*.txt.gz"),
    "smps": ("siplib", "*/*.cor"),
    "scflp-json": ("scflp_stochastic", "*.json.gz"),
}
QUICK = ("PSC1-C2-50.txt", "PSC1-C2-50-5", "sslp_5_25-50", "dcap233-200", "f10-c10-s25")


def published() -> dict[str, str]:
    """Return best known values; of the multi-product set those of Gurobi in 3600 s."""
    found: dict[str, str] = {}
    for line in (DATA / "tscflp" / "bks-50.txt").read_text().splitlines():
        words = line.split()
        found[f"PSC{words[1]}-C{words[0]}-50"] = " ".join(words[2:])
    with (DATA / "mp_tscflp" / "gurobi13_3600s_mauri_mip.csv").open() as stream:
        for row in csv.DictReader(stream):
            found[row["instance"]] = f"{row['obj']} / {row['bound']}"
    return found


def peer(problem: Any, form: str, limit_s: float) -> tuple[str, float]:
    """Return cost and bound of HiGHS on the whole problem, one thread, and its CPU seconds."""
    began = time.process_time()
    if form == "smps":
        every = dict(enumerate(problem.probability))
        extensive = joined(problem, every, first_cost=problem.core.cost[: problem.first_columns])
        found = lp.solve(extensive, time_limit_s=limit_s, threads=1)
        text = f"{found.objective:.2f} / {found.bound:.2f}"
    else:
        levels = levels_of(problem) if form == "scflp-json" else problem
        closed = close(
            levels,
            whole(levels),
            keep=None,
            offers=0,
            start=None,
            gap_share=1e-6,
            time_limit_s=limit_s,
            seed=0,
            threads=1,
            stop=lambda: False,
        )
        text = f"{'none' if closed.opened is None else 'found'} / {closed.bound:.2f}"
    return text, time.process_time() - began


def main() -> None:
    """Print one line per instance."""
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    options.add_argument("--only", default="")
    options.add_argument("--time-limit", type=float, default=300.0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--no-peer", action="store_true")
    chosen = options.parse_args()
    known = published()
    print(f"{lp.engine_version()}, numpy {np.__version__}, seed {chosen.seed}, one thread")
    print("| instance | cost | bound | certified | gap | wall s | CPU s | check | known | HiGHS |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for form, (folder, pattern) in SETS.items():
        for path in sorted((DATA / folder).glob(pattern)):
            if chosen.only not in path.name:
                continue
            if chosen.quick and not any(path.name.startswith(name) for name in QUICK):
                continue
            line(path, form, chosen, known)


def line(path: Path, form: str, chosen: argparse.Namespace, known: dict[str, str]) -> None:
    """Solve, check and print one instance."""
    problem = registry.read(path, form, Reading())
    began = time.process_time()
    answer = registry.solve(problem, form, Options(chosen.time_limit, 1, chosen.seed))
    cpu = time.process_time() - began
    made = record.solution_record(path, form, Reading(), answer, problem.kind)
    errors = registry.check(path, made, form).errors
    name = path.name.split(".")[0]
    text, seconds = ("", 0.0) if chosen.no_peer else peer(problem, form, chosen.time_limit)
    gap = "open" if answer.gap is None else f"{answer.gap:.4%}"
    certified = answer.certificate["certified_bound"]
    print(
        f"| {name} | {answer.objective} | {answer.bound:.3f} | {certified:.3f} | {gap} |"
        f" {answer.seconds:.1f} | {cpu:.1f} | {'right' if not errors else errors[0]} |"
        f" {known.get(name, '')} | {text} {seconds:.1f} s |",
        flush=True,
    )


if __name__ == "__main__":
    main()
