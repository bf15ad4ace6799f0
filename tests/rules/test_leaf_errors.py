"""Each way in which a leaf can be malformed has its code, and names file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coproduce import rules
from coproduce.records.errors import RuleError

from .worlds import FIRST_LINE, HEAD, LEAF, with_values, write_tree

GOOD = "from: 2020-01-01, value: 1, status: enacted, ref: act"
BAND = "shape: general, general: {total: 25}"


def shape(value: str) -> str:
    """Return a file with one regime of this value."""
    return (
        HEAD
        + LEAF.replace("number", "shape")
        + (f"      - {{from: 2020-01-01, value: {{{value}}}, status: enacted, ref: act}}\n")
    )


ERRORS = [
    ("R001", 3, "a: 1\nb: [\n", "not YAML"),
    ("R001", 1, "- 1\n", "a list instead of a mapping"),
    (
        "R002",
        FIRST_LINE,
        with_values("from: 2020-01-01, value: 1, value: 2, status: enacted, ref: act"),
        "value twice",
    ),
    (
        "R002",
        9,
        HEAD
        + LEAF.replace("unit: percent\n", "unit: percent\n    unit: share\n")
        + "      - {"
        + GOOD
        + "}\n",
        "unit twice",
    ),
    ("R003", FIRST_LINE, with_values(GOOD + ", knwon: 2020-01-01"), "misspelt key of a value"),
    (
        "R003",
        7,
        HEAD + LEAF.replace("label", "lable") + "      - {" + GOOD + "}\n",
        "misspelt key of a leaf",
    ),
    ("R003", 1, "leafs: {}\n" + with_values(GOOD), "misspelt key of a file"),
    ("R004", FIRST_LINE, with_values("from: 2020-01-01, status: enacted, ref: act"), "no value"),
    ("R004", FIRST_LINE, with_values("value: 1, status: enacted, ref: act"), "no effect date"),
    (
        "R004",
        6,
        HEAD + LEAF.replace("    kind: number\n", "") + "      - {" + GOOD + "}\n",
        "no kind",
    ),
    ("R004", 6, HEAD + LEAF.replace("values:", "values: []"), "no versions"),
    ("R004", 1, "refs: {}\n", "no leaves"),
    (
        "R005",
        6,
        HEAD + LEAF.replace("    unit: percent\n", "") + "      - {" + GOOD + "}\n",
        "no unit",
    ),
    (
        "R006",
        FIRST_LINE,
        with_values("from: 2020-01-01, value: 1, status: enacted"),
        "no reference",
    ),
    (
        "R006",
        FIRST_LINE,
        with_values("from: 2020-01-01, value: 1, status: enacted, ref: guess"),
        "law resting on a guess",
    ),
    (
        "R007",
        FIRST_LINE,
        with_values("from: 2020-01-01, value: 1, status: enacted, ref: ac"),
        "undefined reference",
    ),
    (
        "R008",
        3,
        with_values(GOOD).replace(', href: "https://example.org/act"', ""),
        "reference without link",
    ),
    ("R008", 3, with_values(GOOD).replace("title: An act, ", ""), "reference without title"),
    (
        "R009",
        FIRST_LINE,
        with_values("from: 2020, value: 1, status: enacted, ref: act"),
        "effect date is a year",
    ),
    (
        "R009",
        FIRST_LINE,
        with_values("from: 2020-13-01, value: 1, status: enacted, ref: act"),
        "no such month",
    ),
    ("R009", FIRST_LINE, with_values(GOOD + ", known: soon"), "publication date is a word"),
    (
        "R010",
        FIRST_LINE + 1,
        with_values(GOOD.replace("2020", "2021"), GOOD),
        "later before earlier",
    ),
    (
        "R010",
        FIRST_LINE + 1,
        with_values(GOOD + ", known: 2019-05-01", GOOD + ", known: 2019-04-01"),
        "same effect, publication out of order",
    ),
    ("R011", FIRST_LINE + 1, with_values(GOOD, GOOD), "same dates twice"),
    ("R012", FIRST_LINE, with_values(GOOD.replace("enacted", "valid")), "unknown status"),
    (
        "R013",
        FIRST_LINE,
        with_values(GOOD.replace("value: 1", "value: one")),
        "a word where a number belongs",
    ),
    (
        "R013",
        FIRST_LINE,
        with_values(GOOD.replace("value: 1", "value: true")),
        "a truth value is no number",
    ),
    ("R013", FIRST_LINE, with_values(GOOD + ", low: few"), "a range in words"),
    ("R014", 5, with_values(GOOD).replace("checked: {on: 2026-11-20}\n", ""), "no checked date"),
    ("R015", 6, with_values(GOOD).replace("aa.tax.rate", "bb.tax.rate"), "id of another folder"),
    (
        "R017",
        FIRST_LINE,
        shape("shape: general, general: {total: {leaf: aa.tax.rat}}"),
        "link to no leaf",
    ),
    (
        "R018",
        FIRST_LINE,
        with_values(GOOD + ", replaces: 2019-01-01"),
        "withdraws what is not there",
    ),
    ("R019", FIRST_LINE, shape("shape: odd, general: {total: 25}"), "unknown shape"),
    ("R019", FIRST_LINE, shape("shape: calendar_years, general: {total: 25}"), "no bands"),
    (
        "R019",
        FIRST_LINE,
        shape(
            "shape: calendar_years, general: {total: 25}, "
            "bands: [{from: 1, to: 5, total: 1}, {from: 5, total: 2}]"
        ),
        "overlapping bands",
    ),
    (
        "R019",
        FIRST_LINE,
        shape("shape: calendar_years, general: {total: 25}, bands: [{from: 1, to: 5}]"),
        "a band without rate",
    ),
    (
        "R019",
        FIRST_LINE,
        shape("shape: calendar_years, general: {}, bands: [{from: 1, total: 5}]"),
        "no general rate",
    ),
    (
        "R020",
        9,
        HEAD + LEAF.replace("number", "figure") + "      - {" + GOOD + "}\n",
        "unknown kind",
    ),
    ("R021", FIRST_LINE, with_values(GOOD + ", until: 2019-12-31"), "ends before it begins"),
    ("R022", 7, with_values(GOOD).replace(", ru: Ставка", ""), "label in one language"),
    ("R023", FIRST_LINE, with_values(GOOD + ", evidence: rumour"), "unknown evidence"),
    ("R023", FIRST_LINE, with_values(GOOD + ', operator: "<"'), "unknown operator"),
]


@pytest.mark.parametrize(
    ("code", "line", "text", "why"), ERRORS, ids=[f"{e[0]}-{e[3]}" for e in ERRORS]
)
def test_a_malformed_leaf_is_refused_with_code_file_and_line(
    tmp_path: Path, code: str, line: int, text: str, why: str
) -> None:
    tree = write_tree(tmp_path, text)
    with pytest.raises(RuleError) as caught:
        rules.load(tree)
    assert f"[{code}] aa/tax/rate.yaml:{line}: " in str(caught.value), why
    assert caught.value.code == "R000"


def test_a_good_leaf_loads(tmp_path: Path) -> None:
    assert list(rules.load(write_tree(tmp_path, with_values(GOOD))).leaves) == ["aa.tax.rate"]


def test_a_leaf_in_two_files_is_refused(tmp_path: Path) -> None:
    write_tree(tmp_path, with_values(GOOD), "one.yaml")
    tree = write_tree(tmp_path, with_values(GOOD), "two.yaml")
    with pytest.raises(RuleError, match=r"R016\] aa/tax/two.yaml:6: .*aa/tax/one.yaml:6"):
        rules.load(tree)


def test_all_problems_of_a_tree_are_told_at_once(tmp_path: Path) -> None:
    write_tree(tmp_path, with_values(GOOD.replace("enacted", "valid")), "one.yaml")
    two = with_values(GOOD.replace(", ref: act", "")).replace("aa.tax.rate", "aa.tax.other")
    tree = write_tree(tmp_path, two, "two.yaml")
    with pytest.raises(RuleError, match="2 problems") as caught:
        rules.load(tree)
    assert "[R012] aa/tax/one.yaml:11" in str(caught.value)
    assert "[R006] aa/tax/two.yaml:11" in str(caught.value)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"R001.*does not exist"):
        rules.load(tmp_path / "nowhere")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, "")
    (tree / "aa" / "tax" / "rate.yaml").write_bytes("checked: ставка".encode("cp1251"))
    with pytest.raises(RuleError, match=r"R001.*UTF-8"):
        rules.load(tree)


def test_a_value_that_contains_itself_is_refused(tmp_path: Path) -> None:
    text = with_values("from: 2020-01-01, value: &v {a: *v}, status: enacted, ref: act")
    with pytest.raises(RuleError, match=r"R001\].*nested deeper"):
        rules.load(write_tree(tmp_path, text.replace("kind: number", "kind: table")))


RICH = shape(
    "shape: calendar_years, general: {total: 25}, "
    "bands: [{from: 1, to: 5, total: 1}, {from: 6, federal: 2, regional: 13.5}]"
) + with_values(GOOD + ", known: 2019-05-01, until: 2020-12-31, low: 0, high: 2").split(
    "leaves:\n"
)[1].replace("rate", "other")
PIECES = (
    "",
    " ",
    "\n",
    ":",
    "-",
    "null",
    "[]",
    "{}",
    "[1]",
    "{a: 1}",
    "true",
    "x",
    "9",
    "*a",
    "'",
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(RICH)), st.integers(0, 12), st.sampled_from(PIECES)),
        min_size=1,
        max_size=3,
    )
)
def test_a_damaged_file_loads_or_is_refused_but_never_breaks_the_reader(
    tmp_path: Path, edits: list[tuple[int, int, str]]
) -> None:
    text = RICH
    for place, cut, piece in edits:
        text = text[:place] + piece + text[place + cut :]
    tree = write_tree(tmp_path, text)
    told = ""
    try:
        rules.load(tree)
    except RuleError as error:
        told = str(error)
    assert not told or (told.startswith("[R000]") and "aa/tax/rate.yaml:" in told)


def test_the_file_that_is_damaged_above_is_good_when_whole(tmp_path: Path) -> None:
    assert len(rules.load(write_tree(tmp_path, RICH)).leaves) == 2
