"""Every carried instance with a published optimum is solved to it.

The quick ones in each full run (`make story`), the others, an hour or more, by `make published`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from coproduce.network.location import record, registry
from coproduce.network.location.types import Options, Reading
from tests.conftest import SHARED

FOLDER = SHARED / "data" / "network"
WHOLE = Reading(is_single_source=True)

# OR-Library (Beasley 1990), uncapopt.
WITHOUT_CAPACITY = {
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
}
# Ahmed and Garcia's and Ntaimo and Sen's server location, SIPLIB.
SERVERS = {"sslp_5_25-50": -121.60, "sslp_5_25-100": -127.37, "sslp_15_45-5": -262.40}
# The list's digits are transposed (docs/benchmarks/location-multilevel.md).
MISPRINTED = {"PSC2-C4-50": 539718.0}


@dataclass(frozen=True)
class Instance:
    path: Path
    form: str
    reading: Reading
    published: float

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"


def instances() -> Iterator[Instance]:
    if not FOLDER.is_dir():
        return
    orlib = FOLDER / "orlib_cap"
    text = (orlib / "capopt.txt").read_text(encoding="utf-8")
    for name, value in re.findall(r"(cap\d+)\s+([\d.]+)", text):
        yield Instance(orlib / name, "orlib", Reading(), float(value))
    for at, (value, _) in enumerate(re.findall(r"([\d.]+) \(capacity (\d+)\)", text)):
        path = orlib / f"cap{'abc'[at // 4]}{at % 4 + 1}.rcflp.gz"
        if path.is_file():
            yield Instance(path, "holmberg", Reading(), float(value))
    for name, best in WITHOUT_CAPACITY.items():
        yield Instance(orlib / name, "orlib", Reading(is_uncapacitated=True), best)
    yield Instance(
        orlib / "capa1.rcflp.gz", "holmberg", Reading(is_uncapacitated=True), 17156454.478
    )
    listed = re.search(
        r"Holmberg single-source p1\.\.p71: ([\d ]+)",
        (FOLDER / "SOURCES.md").read_text(encoding="utf-8"),
    )
    for number, value in enumerate(listed[1].split() if listed else [], 1):
        if (path := FOLDER / "holmberg" / f"p{number}").is_file():
            yield Instance(path, "holmberg", WHOLE, float(value))
    for folder in ("Lib_1_Delmaire", "Lib_4_Yang"):
        values = (FOLDER / "sscflp" / folder / "os").read_text(encoding="utf-8").split()
        for number, value in enumerate(values, 1):
            if (path := FOLDER / "sscflp" / folder / f"p{number}").is_file():
                yield Instance(path, "sscflp", Reading(), float(value))
    for line in (FOLDER / "tscflp" / "bks-50.txt").read_text(encoding="utf-8").splitlines():
        words = line.split()
        name = f"PSC{words[1]}-C{words[0]}-50"
        path = FOLDER / "tscflp" / f"{name}.txt.gz"
        if path.is_file() and "*" not in line:
            value = MISPRINTED.get(name, float(words[2]))
            yield Instance(path, "tscflp", Reading(), value)
    for name, best in SERVERS.items():
        yield Instance(FOLDER / "siplib" / "sslp" / f"{name}.cor", "smps", Reading(), best)


# Proven in a few seconds each; the others take from half a minute to ten.
QUICK = re.compile(r"orlib_cap/|holmberg/|Delmaire/|Yang/p[3458]$|sslp/|C2-50")


def marked() -> list[object]:
    """Return the instances, each marked by how long it takes."""
    return [
        pytest.param(
            instance,
            id=instance.name,
            marks=pytest.mark.slow if QUICK.search(instance.name) else pytest.mark.long,
        )
        for instance in instances()
    ]


@pytest.mark.slow
def test_the_sets_are_there(shared_data: Path) -> None:
    """Skips loudly without them, so that their absence is seen."""
    assert len(list(instances())) > 100, shared_data


@pytest.mark.parametrize("instance", marked())
def test_an_instance_is_solved_to_its_published_optimum(instance: Instance) -> None:
    problem = registry.read(instance.path, instance.form, instance.reading)
    answer = registry.solve(problem, instance.form, Options(time_limit_s=600.0))
    kind = str(getattr(problem, "kind", instance.form))
    made = record.solution_record(instance.path, instance.form, instance.reading, answer, kind)
    checked = registry.check(instance.path, json.loads(json.dumps(made)), instance.form)
    assert checked.errors == ()
    assert answer.objective == pytest.approx(instance.published, rel=1e-7, abs=0.006)
    assert answer.bound <= instance.published + 1e-7 * abs(instance.published) + 0.006
    assert answer.status == "optimal"
    if kind in ("ufl", "cfl"):
        assert answer.certificate["rests_on_solver"] == ""
