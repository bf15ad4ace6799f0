"""The house holds: sizes, plan of a room, light imports, and no country or sector in code."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "coproduce"
MODULES = sorted(path for path in SOURCE.rglob("*.py"))
ROOMS = ("dependence", "partners", "network", "appraisal", "resilience", "forum", "projects")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_stays_under_600_lines_and_a_function_under_80(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 600, "which second thing does this file do?"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (node.end_lineno or 0) - (body[0].lineno if body else node.lineno) + 1
            assert length <= 80, f"{node.name} has {length} lines"


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_the_same_plan(room: str) -> None:
    folder = SOURCE / room
    for file in ("__init__.py", "README.md", "types.py", "checks.py", "explain.py"):
        assert (folder / file).is_file(), f"{room} lacks {file}"
    module = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    names = next(
        ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert {"run", "Inputs", "Options", "Result"} <= set(names)
    assert len(names) <= 10, "a room has at most ten public names"


CHECKERS = [
    SOURCE / "forum" / "verifier.py",
    SOURCE / "forum" / "b2b" / "verify.py",
    SOURCE / "forum" / "large" / "verify.py",
    SOURCE / "network" / "verify.py",
    *sorted((SOURCE / "network").glob("recount*.py")),
    *sorted((SOURCE / "network" / "location" / "check").glob("*.py")),
]


@pytest.mark.parametrize("path", CHECKERS, ids=name)
def test_a_checker_shares_no_code_with_what_it_checks(path: Path) -> None:
    room = ".".join(("coproduce", *path.parent.relative_to(SOURCE).parts))
    own = {f"{room}.types", *(f"{room}.{checker.stem}" for checker in CHECKERS)}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            (room, "coproduce.engines")
        ):
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            assert node.module in own or named <= own, f"{path.name} imports {node.module}"


def test_the_frame_of_the_command_line_imports_nothing_heavy() -> None:
    heavy = (
        "polars",
        "dataframely",
        "numpy",
        "scipy",
        "highspy",
        "ortools",
        "altair",
        "duckdb",
        "jinja2",
        "vl_convert",
        "xlsxwriter",
        "rapidfuzz",
    )
    code = (
        "import sys, coproduce.cli.app; "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# A language is code's business, a country is not: "Russian" passes, "Russia" does not.
WORDS_OF_DATA = re.compile(r"russia(?!n)|india|pharma|kazan|moscow|rosstat|rupee|rouble")


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_code_names_a_country_a_sector_or_a_currency(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    docstrings = {
        node.body[0].lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and ast.get_docstring(node) is not None
    }
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT or token.start[0] in docstrings:
            continue
        if token.type in (tokenize.NAME, tokenize.STRING):
            found = WORDS_OF_DATA.search(token.string.lower())
            assert not found, f"line {token.start[0]}: {token.string} is data, not code"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("0*.md"):
        assert page.name in index, f"{page.name} is not listed in docs/decisions/README.md"


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
