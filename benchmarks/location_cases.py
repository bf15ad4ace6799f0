"""The public location instances: where each lies, how it is read, what is published of it."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data" / "network"


@dataclass(frozen=True)
class Case:
    """One instance.

    Attributes:
        published: optimum or best known value; None where none is published.
        rival_bound: of the best known solver run, where its bound is published too.
        note: what to know about the published value.
    """

    family: str
    name: str
    path: Path
    form: str
    is_free: bool = False
    is_single: bool = False
    published: float | None = None
    rival_bound: float | None = None
    note: str = ""

    @property
    def reading(self) -> Any:
        """How the file is to be read."""
        from coproduce.network.location.types import Reading

        is_split = self.form == "sscflp" and not self.is_single
        return Reading(self.is_free, self.is_single, is_split)


def cases() -> list[Case]:
    """Return every instance in the data, the quickest families first."""
    return [
        *orlib(),
        *big_orlib(),
        *holmberg(),
        *collections(),
        *koerkel_ghosh(),
        *two_stage(),
        *several_products(),
        *programs(),
        *scenarios(),
    ]


def tiny_like(problem: Any) -> Any:
    """Return a tiny problem of the same kind; None where no code is compiled for the kind."""
    import numpy as np

    from coproduce.network.location.multilevel.types import Levels
    from coproduce.network.location.types import Facilities

    random = np.random.default_rng(0)
    if isinstance(problem, Facilities):
        room = None if problem.capacity is None else np.array([9.0, 8.0, 7.0, 9.0, 8.0])
        return Facilities(
            name="tiny",
            fixed=random.integers(5, 20, 5).astype(float),
            demand=np.array([2.0, 3.0, 4.0, 2.0, 3.0, 1.0, 2.0]),
            cost=random.integers(1, 30, (5, 7)).astype(float),
            capacity=room,
            is_single_source=problem.is_single_source,
        )
    if isinstance(problem, Levels):
        plants, shape = 3 if problem.plants else 0, (problem.products, 4)
        return Levels(
            name="tiny",
            plant_fixed=np.full(plants, 20.0),
            plant_capacity=np.full((problem.products, plants), 30.0),
            depot_fixed=np.array([9.0, 11.0, 8.0, 10.0]),
            depot_capacity=np.full(shape, 20.0),
            demand=np.full((problem.products, 6), 5.0),
            inbound=random.integers(1, 9, (problem.products, plants, 4)).astype(float),
            outbound=random.integers(1, 9, (problem.products, 4, 6)).astype(float),
            kind=problem.kind,
        )
    return None


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

# Server location and capacity acquisition: best known values of the literature, as SOURCES.md
# of the data carries them; those of dcap are recalled there, not read.
PROGRAMS = {
    "sslp_5_25_50": -121.60,
    "sslp_5_25_100": -127.37,
    "sslp_15_45_5": -262.40,
    "dcap233_200": 1834.6,
    "dcap233_300": 1644.4,
    "dcap233_500": 1737.5,
    "dcap332_200": 1060.7,
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
        for number, value in enumerate(best, start=1):
            for path in folder.glob(f"p{number}*"):
                if path.name.split(".")[0] == f"p{number}":
                    made += collected(folder.name.split("_")[-1], f"p{number}", path, value)
    return sorted(made, key=lambda case: case.family)


def collected(label: str, name: str, path: Path, value: float) -> list[Case]:
    if label != "TBED1":
        return [Case(f"SS {label}", name, path, "sscflp", False, True, value)]
    # The list calls its values optima of whole customers; they are those of split customers
    # (docs/benchmarks/location.md), and for two files not even that.
    return [
        Case("CFL TBED1", name, path, "sscflp", published=value, note="listed"),
        Case("SS TBED1", name, path, "sscflp", is_single=True),
    ]


def koerkel_ghosh() -> list[Case]:
    paths = sorted((DATA / "ufl_koerkel_ghosh").glob("*.gz"))
    return [Case("UFL Koerkel-Ghosh", p.name[:-3], p, "ufl") for p in paths]


def two_stage() -> list[Case]:
    made = []
    for line in (DATA / "tscflp" / "bks-50.txt").read_text(encoding="utf-8").splitlines():
        words = line.split()
        name = f"PSC{words[1]}-C{words[0]}-50"
        path = DATA / "tscflp" / f"{name}.txt.gz"
        note = "not proven" if "*" in line else ""
        value = float(words[2].rstrip("*"))
        made.append(Case("TSCFL Fernandes", name, path, "tscflp", published=value, note=note))
    return [case for case in made if case.path.is_file()]


def several_products() -> list[Case]:
    folder, made = DATA / "mp_tscflp", []
    with (folder / "gurobi13_3600s_mauri_mip.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            path = folder / f"{row['instance']}.txt.gz"
            if path.is_file():
                value, bound = float(row["obj"]), float(row["bound"])
                made.append(
                    Case(
                        "MP-TSCFL Mauri",
                        row["instance"],
                        path,
                        "mptscflp",
                        published=value,
                        rival_bound=bound,
                        note="Gurobi 13.0.2, 3600 s",
                    )
                )
    return sorted(made, key=lambda case: case.name)


def programs() -> list[Case]:
    made = []
    for path in sorted((DATA / "siplib").glob("*/*.cor*")):
        name = path.name.split(".")[0].replace("-", "_")
        family = "SSLP" if name.startswith("sslp") else "DCAP"
        made.append(Case(family, name, path, "smps", published=PROGRAMS.get(name)))
    return made


def scenarios() -> list[Case]:
    paths = sorted((DATA / "scflp_stochastic").glob("*.json.gz"))
    return [Case("SCFL", p.name.split(".")[0], p, "scflp-json") for p in paths]


QUICK = {
    "UFL OR-Library": {"cap71", "cap134", "capa"},
    "CFL OR-Library": {"cap41", "cap64"},
    "CFL capa-c": {"capa4"},
    "SS Holmberg": {"p1", "p20"},
    "SS Delmaire": {"p2"},
    "SS Yang": {"p5"},
    "CFL TBED1": {"p1"},
    "TSCFL Fernandes": {"PSC1-C1-50"},
    "SSLP": {"sslp_5_25_50"},
    "SCFL": {"f10-c10-s25-r3-1"},
}
