"""Tiny programs of two public families, made by seed and written as SMPS."""

from __future__ import annotations

from pathlib import Path

import numpy as np

Line = dict[str, float]


class Text:
    """Rows and columns of a core, collected by name."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, float]] = []
        self.columns: dict[str, tuple[Line, str]] = {}

    def column(self, name: str, bound: str, **entries: float) -> None:
        """Add a column; `bound` is ``BV``, ``PL`` or a number for a continuous roof."""
        self.columns[name] = (entries, bound)

    def core(self) -> str:
        lines = ["NAME tiny", "ROWS", " N obj", *(f" {kind} {row}" for kind, row, _ in self.rows)]
        lines.append("COLUMNS")
        for name, (entries, bound) in self.columns.items():
            if bound == "BV":
                lines.append(" M 'MARKER' 'INTORG'")
            lines += [f" {name} {row} {value!r}" for row, value in entries.items()]
            if bound == "BV":
                lines.append(" M 'MARKER' 'INTEND'")
        lines.append("RHS")
        lines += [f" rhs {row} {value!r}" for _, row, value in self.rows if value]
        lines.append("BOUNDS")
        for name, (_, bound) in self.columns.items():
            if bound != "PL":
                lines.append(f" UP bnd {name} {1 if bound == 'BV' else bound}")
        return "\n".join([*lines, "ENDATA", ""])


def server_location(folder: Path, seed: int, *, has_overflow: bool = True) -> Path:
    """Return a server location program: few sites, clients that appear or not, dear overflow.

    Without overflow some first stages have no answer.
    """
    draw = np.random.default_rng(seed)
    sites, clients, scenarios = (int(draw.integers(low, 5)) for low in (2, 2, 1))
    room = int(draw.integers(8, 25))
    made = Text()
    made.rows.append(("G", "first", -float(draw.integers(1, sites + 1))))
    made.rows += [("G", f"room{j}", 0.0) for j in range(sites)]
    made.rows += [("E", f"client{i}", 1.0) for i in range(clients)]
    for j in range(sites):
        cost = float(draw.integers(2, 12))
        made.column(f"x{j}", "BV", obj=cost, first=-1.0, **{f"room{j}": float(room)})
    for i in range(clients):
        for j in range(sites):
            use = float(draw.integers(0, 15))
            ends = {f"client{i}": 1.0, f"room{j}": -use, "obj": -use}
            made.column(f"y{i}_{j}", "BV", **{key: value for key, value in ends.items() if value})
    for j in range(sites if has_overflow else 0):
        made.column(f"o{j}", "PL", obj=float(draw.integers(3, 60)), **{f"room{j}": 1.0})
    lines = []
    for at in range(scenarios):
        lines.append(f" SC s{at} ROOT {1 / scenarios:.6f} TWO")
        lines += [f" RHS client{i} {draw.integers(0, 2)}" for i in range(clients)]
    return _written(folder, made, ("x0", "first"), ("y0_0", "room0"), lines)


def strict_servers(folder: Path, seed: int) -> Path:
    """Return a server location program without overflow."""
    return server_location(folder, seed, has_overflow=False)


def capacity(folder: Path, seed: int) -> Path:
    """Return a capacity acquisition program: room is bought by period, tasks take it or pay."""
    draw = np.random.default_rng(seed)
    resources, tasks, periods = (int(draw.integers(1, 4)) for _ in range(3))
    scenarios, dear = int(draw.integers(1, 6)), float(draw.choice([30.0, 120.0, 700.0]))
    made = Text()
    each = [(i, t) for i in range(resources) for t in range(periods)]
    made.rows += [("L", f"may{i}_{t}", 0.0) for i, t in each]
    made.rows += [("L", f"room{i}_{t}", 0.0) for i, t in each]
    made.rows += [("E", f"task{j}_{t}", 1.0) for j in range(tasks) for t in range(periods)]
    for i, t in each:
        rooms = {f"room{i}_{later}": -1.0 for later in range(t, periods)}
        cost = round(float(draw.uniform(5, 10)), 4)
        made.column(f"x{i}_{t}", "PL", obj=cost, **{f"may{i}_{t}": 1.0}, **rooms)
        fixed = round(float(draw.uniform(15, 50)), 4)
        made.column(f"u{i}_{t}", "BV", obj=fixed, **{f"may{i}_{t}": -1.0})
    for t in range(periods):
        for j in range(tasks):
            for i in range(resources):
                cost = round(float(draw.uniform(5, 10)), 4)
                ends = {f"room{i}_{t}": 1.0, f"task{j}_{t}": 1.0}
                made.column(f"y{i}_{j}_{t}", "BV", obj=cost, **ends)
            cost = round(dear * float(draw.uniform(0.5, 1.0)), 4)
            made.column(f"z{j}_{t}", "BV", obj=cost, **{f"task{j}_{t}": 1.0})
    lines = []
    for at in range(scenarios):
        lines.append(f" SC s{at} ROOT {1 / scenarios:.6f} TWO")
        for t in range(periods):
            for j in range(tasks):
                use = float(draw.uniform(0.5, 1.5))
                lines += [f" y{i}_{j}_{t} room{i}_{t} {use:.6f}" for i in range(resources)]
    return _written(folder, made, ("x0_0", "may0_0"), ("y0_0_0", "room0_0"), lines)


def _written(
    folder: Path, made: Text, one: tuple[str, str], two: tuple[str, str], lines: list[str]
) -> Path:
    time = ["TIME tiny", "PERIODS LP", f" {one[0]} {one[1]} ONE", f" {two[0]} {two[1]} TWO"]
    stoch = ["STOCH tiny", "SCENARIOS DISCRETE", *lines]
    (folder / "tiny.cor").write_text(made.core())
    (folder / "tiny.tim").write_text("\n".join([*time, "ENDATA", ""]))
    (folder / "tiny.sto").write_text("\n".join([*stoch, "ENDATA", ""]))
    return folder / "tiny.cor"
