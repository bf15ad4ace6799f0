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


def print_large(quick: bool) -> None:
    """Print generated forums by number of participants, each a whole command."""
    sizes = (200, 500) if quick else (200, 500, 2000, 10_000)
    print("\nGenerated forums: choose and schedule (generated data, seed 1)")
    print(f"{'participants':<14}{'status':<10}{'gap %':>8}{'breaks':>8}{'bound':>8}", end="")
    print(f"{'CPU s':>8}{'wall s':>8}  checked")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            forum, out = str(Path(folder) / "forum"), str(Path(folder) / "answer.json")
            code, _, complaint, _, _ = command(
                ["generate", forum, "--participants", str(size), "--seed", "1"]
            )
            if code:
                print(f"{size:<14}NOT MEASURED: {complaint.strip()[-90:]}")
                continue
            code, output, complaint, cpu, wall = command(
                ["schedule", forum, "--json", "--solution", out, "--time-limit", "60"]
            )
            if not output:
                print(f"{size:<14}FAILED {code} {complaint.strip()[:90]}")
                continue
            answer = json.loads(output)
            valid = command(["verify", forum, out])[0] == 0
        print(
            f"{size:<14}{answer['status']:<10}{100 * answer['gap']:>8.3f}{answer['breaks']:>8}"
            f"{answer['breaks_bound']:>8}{cpu:>8.1f}{wall:>8.1f}  {'yes' if valid else 'NO'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
