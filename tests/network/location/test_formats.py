"""Each public layout is read as it stands, and what is wrong is named with its line."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from tests.network.location.small import holmberg_text, made, orlib_text, sscflp_text, ufl_text

from coproduce.network.location import registry
from coproduce.network.location.types import Reading
from coproduce.records.errors import CoproduceError, ModelError, SourceError, UsageError

TEXTS = {"orlib": orlib_text, "holmberg": holmberg_text, "sscflp": sscflp_text, "ufl": ufl_text}


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_problem_comes_back_as_it_was_written(
    form: str, is_packed: bool, tmp_path: Path
) -> None:
    problem = made(2, 3, 5, "ufl" if form == "ufl" else "cfl")
    raw = TEXTS[form](problem).encode()
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(raw) if is_packed else raw)
    found = registry.read(path, form, Reading(is_split=form == "sscflp"))
    for name in ("fixed", "cost", "capacity"):
        assert np.array_equal(getattr(found, name), getattr(problem, name)), name
    if form != "ufl":
        assert np.array_equal(found.demand, problem.demand)


HOLMBERG = "2 3\n10 5\n10 6\n1 2 3\n4 5 6\n7 8 9\n"
WRONG: list[tuple[str, str, str, str, str]] = [
    ("cut off", "holmberg", HOLMBERG[:-6], "S044", "line 5"),
    ("too many numbers", "holmberg", HOLMBERG + "1 1\n", "S045", "line 7"),
    ("a negative demand", "holmberg", HOLMBERG.replace("1 2 3", "1 -2 3"), "S045", "line 4"),
    ("a number that is none", "holmberg", HOLMBERG.replace("8", "nan"), "S045", "line 6"),
    ("an endless number", "holmberg", HOLMBERG.replace("8", "inf"), "S045", "line 6"),
    ("a word", "holmberg", HOLMBERG.replace("8", "eight"), "S045", "line 6"),
    ("no facilities", "holmberg", HOLMBERG.replace("2 3\n10", "0 3\n10"), "S045", "line 1"),
    ("half a facility", "holmberg", HOLMBERG.replace("2 3\n10", "2.5 3\n10"), "S045", "line 1"),
    ("nothing", "holmberg", "", "S044", "file"),
    ("another layout", "ufl", HOLMBERG, "S045", "line 2"),
    ("too little capacity", "holmberg", HOLMBERG.replace("10 ", "2 "), "N040", "--uncapacitated"),
]


@pytest.mark.parametrize(("why", "form", "text", "code", "said"), WRONG)
def test_a_wrong_file_is_refused_with_the_place(
    why: str, form: str, text: str, code: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CoproduceError) as caught:
        registry.read(path, form, Reading())
    assert caught.value.code == code, why
    assert said in str(caught.value), why


def test_a_customer_too_large_to_serve_whole_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(HOLMBERG.replace("1 2 3", "1 2 12"), encoding="utf-8")
    assert registry.read(path, "holmberg", Reading()).kind == "cfl"
    with pytest.raises(ModelError, match="customer 2"):
        registry.read(path, "holmberg", Reading(is_single_source=True))


def test_damaged_packing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(HOLMBERG.encode())[:-12])
    with pytest.raises(SourceError, match="damaged"):
        registry.read(path, "holmberg", Reading())


def test_a_missing_file_and_an_unknown_format_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        registry.read(tmp_path / "none", "holmberg", Reading())
    with pytest.raises(UsageError, match="orlib"):
        registry.read(tmp_path / "none", "other", Reading())
    with pytest.raises(UsageError, match="single-source"):
        registry.read(tmp_path / "none", "ufl", Reading(is_single_source=True))


KINDS = [
    ("the name says single source", Reading(), "sscfl"),
    ("said twice", Reading(is_single_source=True), "sscfl"),
    ("asked to split", Reading(is_split=True), "cfl"),
    ("no capacity to share", Reading(is_uncapacitated=True), "ufl"),
]


@pytest.mark.parametrize(("why", "reading", "kind"), KINDS)
def test_the_single_source_layout_means_whole_customers(
    why: str, reading: Reading, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_text(sscflp_text(made(2, 3, 5, "cfl")), encoding="utf-8")
    assert registry.read(path, "sscflp", reading).kind == kind, why


def test_splitting_is_refused_where_it_makes_no_sense(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(sscflp_text(made(2, 3, 5, "cfl")), encoding="utf-8")
    with pytest.raises(UsageError, match="exclude"):
        registry.read(path, "sscflp", Reading(is_single_source=True, is_split=True))
    with pytest.raises(UsageError, match="--split"):
        registry.read(path, "holmberg", Reading(is_split=True))
