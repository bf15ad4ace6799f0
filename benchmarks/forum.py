"""Forum: the published meeting files proven, beside the published seconds; large forums.

    .venv-bench/bin/python benchmarks/forum.py [--quick] [--only NAME] [--data FOLDER]
        [--time-limit S] [--threads N]

Reads every .dzn file below FOLDER (default: ../shared/data/forum). For each it prints status,
optimum, bound, the published optimum, CPU and wall seconds of the whole command in a fresh
process, and the published seconds of MaxSAT on its authors' machine. The solution is checked by
the independent checker. NAME is part of a file's name, or one of the parts: ``files``,
``fairness``, ``drawn``, ``large``. Times are wall clock of a shared machine unless they say CPU.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "coproduce", "forum"]
PARTS = ("files", "fairness", "drawn", "large")
FAMILIES = {
    "original": (3, 0),
    "forb0003": (6, 0),
    "forb0007": (6, 3),
    "fixed020-Forb": (7, 0),
    "fixed040-Forb": (7, 3),
    "prec15": (8, 0),
    "prec25": (8, 3),
}
"""End of a file's name → published table and the cell in its row where MaxSAT stands."""
FAIRNESS_TABLES = {0: 9, 1: 10, 3: 11}


@dataclass(frozen=True)
class Published:
    """Seconds and optimum as printed; optimum None: printed as having no timetable."""

    seconds: str
    optimum: int | None


def published(data: Path) -> dict[tuple[int, str, int], Published]:
    """Return the printed MaxSAT cells by table, instance and place; garbled rows are left out."""
    found: dict[tuple[int, str, int], Published] = {}
    path = data / "jair2022_published_rows.csv"
    if not path.is_file():
        return found
    for row in csv.DictReader(path.open(encoding="utf-8")):
        table, name, cells = int(row["table"]), row["instance"], row["cells_as_printed"]
        pairs = re.findall(r"(TO|[\d.]+)(?: (\d+|-)(?![\d.]))?", cells)
        if table == 3:
            found[table, name, 0] = _cell(pairs[-1])
        elif table in (6, 7, 8) and len(pairs) == 6:
            found[table, name, 0], found[table, name, 3] = _cell(pairs[0]), _cell(pairs[3])
        elif table in (9, 10, 11) and len(pairs) == 3:
            found[table, name, 0] = _cell(pairs[0])
    return found


def _cell(pair: tuple[str, str]) -> Published:
    return Published(pair[0], int(pair[1]) if pair[1].isdigit() else None)


def command(arguments: list[str]) -> tuple[int, str, str, float, float]:
    """Return exit code, output, complaints, CPU and wall seconds of one whole command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.returncode, done.stdout, done.stderr, cpu, wall


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small files and forums only")
    parser.add_argument("--only", default="", help="part of a file's name, or a part")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "forum")
    parser.add_argument("--time-limit", type=float, default=600.0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    names = ("python-sat", "ortools", "highspy")
    print(f"python {sys.version.split()[0]}, {os.cpu_count()} cores, seed 1, ", end="")
    print(", ".join(f"{name} {version(name)}" for name in names))
    parts = (given.only,) if given.only in PARTS else PARTS
    text = "" if given.only in PARTS else given.only
    if given.data.is_dir() and "files" in parts:
        print_files(given, text)
    if given.data.is_dir() and "fairness" in parts:
        print_fairness(given, text)
    if not given.data.is_dir():
        print(f"NOT MEASURED: no published files at {given.data}")
    if "drawn" in parts and not text:
        print_drawn(300 if given.quick else 10_000)
    if "large" in parts and not text:
        print_large(given.quick)


def dzn_files(given: argparse.Namespace, text: str) -> Iterator[Path]:
    """Yield the problem files, each name once."""
    seen: set[str] = set()
    for path in sorted(given.data.rglob("*.dzn")):
        if text in path.name and path.name not in seen:
            seen.add(path.name)
            if not given.quick or path.name.startswith("tic-1"):
                yield path


HEADER = (
    f"{'file':<32}{'status':<11}{'breaks':>7}{'bound':>6}{'printed':>8}{'CPU s':>8}{'wall s':>8}"
    f"{'printed s':>10}  {'engine':<16}checked"
)


def print_files(given: argparse.Namespace, text: str) -> None:
    """Print the files, fairness 2 as published."""
    print("\nPublished files, all meetings held, fewest breaks, d = 2")
    print(HEADER)
    known = published(given.data)
    rows = []
    for path in dzn_files(given, text):
        instance, _, family = path.name.removesuffix(".dzn").partition(".")
        table, position = FAMILIES.get(family, (0, 0))
        rows.append(print_row(given, path, [], known.get((table, instance, position))))
    print_sum(rows)


def print_fairness(given: argparse.Namespace, text: str) -> None:
    """Print the originals at the other fairness bounds that were published."""
    known = published(given.data)
    for bound, table in FAIRNESS_TABLES.items():
        print(f"\nOriginals, d = {bound}")
        print(HEADER)
        rows = []
        for path in dzn_files(given, text):
            if path.name.endswith(".original.dzn"):
                instance = path.name.removesuffix(".original.dzn")
                cell = known.get((table, instance, 0))
                rows.append(print_row(given, path, ["--fairness", str(bound)], cell))
        print_sum(rows)


def print_row(
    given: argparse.Namespace, path: Path, more: list[str], printed: Published | None
) -> tuple[float, float, bool]:
    """Print one line; return CPU and wall seconds and whether it disagrees with the print."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "solution.json")
        limits = ["--time-limit", str(given.time_limit), "--threads", str(given.threads)]
        code, output, complaint, cpu, wall = command(
            ["schedule", str(path), "--json", "--solution", out, *limits, *more]
        )
        if not output:
            print(f"{path.name.removesuffix('.dzn'):<32}FAILED {code} {complaint.strip()[:90]}")
            return cpu, wall, False
        answer = json.loads(output)
        is_infeasible = answer["status"] == "infeasible"
        valid = is_infeasible or command(["verify", str(path), out])[0] == 0
    is_proven = answer["status"] in ("optimal", "infeasible")
    disagrees = is_proven and printed is not None and printed.optimum != answer["objective"]
    expected = "?" if printed is None else "none" if printed.optimum is None else printed.optimum
    found = ("none", "none") if is_infeasible else (answer["objective"], answer["bound"])
    print(
        f"{path.name.removesuffix('.dzn'):<32}{answer['status']:<11}{found[0]:>7}{found[1]:>6}"
        f"{expected:>8}{cpu:>8.2f}{wall:>8.2f}{printed.seconds if printed else '?':>10}  "
        f"{answer['engine'].split(' (')[0]:<16}{'yes' if valid else 'NO'}"
        f"{'  DISAGREES' if disagrees else ''}",
        flush=True,
    )
    return cpu, wall, disagrees


def print_sum(rows: list[tuple[float, float, bool]]) -> None:
    """Print totals of a table."""
    if rows:
        cpu = [row[0] for row in rows]
        print(
            f"{len(rows)} files: CPU sum {sum(cpu):.1f} s, worst {max(cpu):.1f} s; "
            f"wall sum {sum(row[1] for row in rows):.1f} s; "
            f"{sum(row[2] for row in rows)} disagreements"
        )


def print_drawn(count: int) -> None:
    """Print what the checker says of random small forums."""
    sys.path.insert(0, str(ROOT))
    from tests.forum.b2b.small import count_breaks, drawn, solved, written, answered  # noqa: I001

    from coproduce.forum.b2b.verify import verify_texts

    began, held, faults = time.process_time(), 0, 0
    for seed in range(count):
        problem = drawn(seed)
        slots = solved(problem, "jair", 2)
        if slots is None:
            continue
        held += 1
        breaks = sum(
            count_breaks([slots[n - 1] for n in numbers], frozenset())
            for numbers in problem.meetings_of()
        )
        text = json.dumps(answered(problem, slots, breaks))
        faults += bool(verify_texts(written(problem), text))
    print(
        f"\n{count} random small forums: {held} with a timetable, the checker objects to {faults}"
    )
    print(f"CPU {time.process_time() - began:.1f} s")


LARGE = (
    ("two sides, 2,000", {"participants": 2000, "slots": 20, "requests": 15, "cap": 12}, 5.0),
    ("two sides, 2,000, no cap", {"participants": 2000, "slots": 20, "requests": 15}, 5.0),
    (
        "any to any, 1,000",
        {"participants": 1000, "slots": 20, "requests": 15, "is_any_to_any": True},
        60.0,
    ),
    (
        "interpreters, 500, d = 2",
        {"participants": 500, "slots": 20, "requests": 15, "interpreters": 60},
        60.0,
    ),
    ("two sides, 10,000", {"participants": 10_000, "slots": 24, "requests": 15, "cap": 12}, 60.0),
)
"""Name, recipe and seconds allowed of each generated forum."""


def print_large(quick: bool) -> None:
    """Print generated forums, each made, scheduled and checked; then re-plans of the first."""
    from coproduce.forum.large.generate import Recipe, generate

    times: list[tuple[float, float]] = []
    excess = 0
    print("\nGenerated forums (seed 1): CPU and wall seconds of the whole command")
    print(
        f"{'forum':<28}{'limit s':>8}{'meetings':>9}{'gap %':>8}{'breaks':>8}{'bound':>7}", end=""
    )
    print(f"{'most':>5}{'CPU s':>8}{'wall s':>8}  checked")
    for name, recipe, limit in LARGE[:2] if quick else LARGE:
        with tempfile.TemporaryDirectory() as room:
            forum, out = Path(room) / "forum", Path(room) / "answer.json"
            generate(forum, Recipe(**recipe, seed=1))
            options = ["--time-limit", str(limit), "--fairness", "2", "--solution", str(out)]
            code, output, complaint, cpu, wall = command(
                ["schedule", str(forum), "--json", *options]
            )
            if not output:
                print(f"{name:<28}FAILED {code} {complaint.strip()[:90]}")
                continue
            answer = json.loads(output)
            valid = command(["verify", str(forum), str(out)])[0] == 0
            print(
                f"{name:<28}{limit:>8.0f}{answer['meetings']:>9}{100 * answer['gap']:>8.4f}"
                f"{answer['breaks']:>8}{answer['breaks_bound']:>7}{answer['most_breaks']:>5}"
                f"{cpu:>8.1f}{wall:>8.1f}  {'yes' if valid else 'NO'}",
                flush=True,
            )
            if name == LARGE[0][0]:
                times, excess = replan_times(forum, out, 50 if quick else 200)
    if not times:
        return
    ordered = sorted(times)
    print(f"\nRe-plans of the first, {len(times)} drawn changes, each on the desk of the last")
    for label, share in (("p50", 0.5), ("p95", 0.95), ("most", 1.0)):
        at = min(len(ordered) - 1, int(share * len(ordered)))
        print(
            f"{label:<5} wall {ordered[at][0]:.3f} s, CPU {sorted(t[1] for t in times)[at]:.3f} s"
        )
    print(f"moves beyond the proven minimum, all changes together: {excess}")


def replan_times(folder: Path, answer: Path, count: int) -> tuple[list[tuple[float, float]], int]:
    """Return wall and CPU seconds of drawn changes, and how many moves lie above the bound."""
    import random

    from coproduce.forum.large import read_answer, read_forum
    from coproduce.forum.large.replan import Change, Desk

    forum = read_forum(folder)
    desk = Desk(forum, read_answer(answer))
    rng = random.Random(1)
    people, tables, slots = list(forum.participants), list(forum.tables), list(forum.open_slots)
    times: list[tuple[float, float]] = []
    excess = 0
    for number in range(count):
        kind = ("drop_out", "no_show", "late_arrival", "lost_table")[number % 4]
        subject = rng.choice(tables if kind == "lost_table" else people)
        slot = rng.choice(slots) if kind != "drop_out" else ""
        wall, cpu = time.perf_counter(), time.process_time()
        plan = desk.apply(Change(kind, subject, slot))
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
        excess += plan.moved - plan.moved_bound
    return times, excess


if __name__ == "__main__":
    main()
