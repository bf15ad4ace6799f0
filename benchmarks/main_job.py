"""Times of the main job on the built-in programme, whole commands, beside their goals.

    .venv/bin/python benchmarks/main_job.py [--runs 3]

Prints, and never asserts, for each command: median and range of wall-clock seconds, peak memory,
the goal, and for `plan` the proven gap and the seconds each room took. The floor printed beside
`plan` is what the machine needs merely to start Python and import the libraries it uses.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = [sys.executable, "-m", "coproduce"]
IMPORTS = "import polars, dataframely, highspy, numpy, jinja2, vl_convert, xlsxwriter"


def run(arguments: list[str]) -> tuple[float, int, str]:
    """Return wall-clock seconds, exit code and standard output of one run."""
    started = time.perf_counter()
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    return time.perf_counter() - started, done.returncode, done.stdout


def row(name: str, seconds: list[float], goal: str, more: str = "") -> None:
    """Print one line of the table."""
    middle = statistics.median(seconds)
    print(f"{name:<28}{middle:>9.2f} {min(seconds):>8.2f}–{max(seconds):<8.2f}{goal:>10}  {more}")


def main() -> None:
    """Measure every command of the main job and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print(f"python {sys.version.split()[0]}, {os.cpu_count()} cores, {runs} runs after a warm-up")
    print(f"{'command':<28}{'median s':>9} {'range':>17}{'goal s':>10}")
    floor = [run([sys.executable, "-c", IMPORTS])[0] for _ in range(runs)]
    row("floor: import the libraries", floor, "–")
    built_in = Path(__file__).parents[1] / "src/coproduce/programmes/russia-india-pharma"
    for name, arguments, goal in (
        ("coproduce --help", ["--help"], "0.5"),
        ("coproduce check", ["check", str(built_in)], "2"),
    ):
        run(COMMAND + arguments)
        row(name, [run(COMMAND + arguments)[0] for _ in range(runs)], goal)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        plan = [*COMMAND, "plan", "--out", str(out), "--json"]
        results = [run(plan) for _ in range(runs + 1)][1:]
        if any(code for _, code, _ in results):
            sys.exit("coproduce plan failed; run it by hand to see why")
        seconds = [taken for taken, _, _ in results]
        answer = json.loads(results[-1][2])
        more = f"gap {answer['gap']:.3%}, × floor {statistics.median(seconds) / min(floor):.0f}"
        row("coproduce plan", seconds, "60 (20)", more)
        for room, taken in answer["seconds_by_room"].items():
            print(f"    {room:<36}{taken:>8.2f}")
        megabytes = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
        print(f"    written: {megabytes:.1f} MB in {len(list(out.rglob('*')))} files")
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of the largest process: {peak_mb:,.0f} MB")


if __name__ == "__main__":
    main()
