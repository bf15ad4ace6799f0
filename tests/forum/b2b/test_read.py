"""The reader takes the published format and names what is wrong with anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from coproduce.forum.b2b.read import parse_dzn, read_dzn
from coproduce.forum.b2b.types import Meeting
from coproduce.records.errors import SourceError
from tests.forum.b2b.small import drawn, dzn, written


def test_a_file_is_read_as_it_stands() -> None:
    text = dzn(
        [(1, 2, 3), (3, 4, 1)],
        forbidden={1: {0, 4}},
        fixed={2: 2},
        before={1: {2}},
    )
    problem = parse_dzn("% made by hand\n" + text, "a.dzn")
    assert problem.meetings == (Meeting(1, 2, 3), Meeting(3, 4, 1))
    assert (problem.participants, problem.tables, problem.slots, problem.morning_slots) == (
        4,
        2,
        4,
        2,
    )
    assert problem.forbidden == (frozenset({4}), frozenset(), frozenset(), frozenset())
    assert problem.fixed == (0, 2)
    assert problem.before == (frozenset({2}), frozenset())
    assert problem.allowed(1) == (1, 2, 3), "participant 1 is away in slot 4"
    assert problem.allowed(2) == (2,), "fixed"


@pytest.mark.parametrize("seed", range(20))
def test_what_is_written_is_read_back(seed: int) -> None:
    problem = drawn(seed)
    assert parse_dzn(written(problem), problem.name) == problem


ONE = [(1, 2, 3)]
BAD = [
    ("a participant nobody knows", dzn([(1, 9, 3)]), "F403", "participant 9"),
    ("a meeting with oneself", dzn([(2, 2, 3)]), "F404", "participant 2 with itself"),
    ("no table", dzn(ONE, tables=0), "F405", "nTables"),
    ("a session that is none", dzn([(1, 2, 7)]), "F406", "session 7"),
    ("a fixed slot that is none", dzn(ONE, fixed={1: 9}), "F406", "slot 9"),
    ("a precedence of a meeting that is none", dzn(ONE, before={1: {5}}), "F406", "names 5"),
    ("more morning than day", dzn(ONE, morning=9), "F406", "nMorningSlots"),
    ("a key is missing", "nBusiness = 3;", "F402", "nTotalSlots"),
    ("fewer rows than said", dzn(ONE).replace("nMeetings = 1", "nMeetings = 2"), "F402", "1 rows"),
    ("a word for a number", dzn(ONE).replace("nTables = 2", "nTables = many"), "F402", "'many'"),
    ("a word in a list", dzn(ONE).replace("fixed = [0", "fixed = [x"), "F402", "'x'"),
    ("two numbers in a row", dzn(ONE).replace("|1, 2,3, ", "|1, 2 "), "F402", "2 numbers"),
    ("said twice", dzn(ONE) + "nTables = 3;", "F402", "twice"),
    ("too few sets", dzn(ONE).replace("nBusiness = 4", "nBusiness = 5"), "F402", "4 sets"),
    ("no list", dzn(ONE).replace("fixed = [0]", "fixed = 0"), "F402", "square brackets"),
    ("not this format at all", "participant,slot\n1,2\n", "F402", "nBusiness"),
]


@pytest.mark.parametrize(("why", "text", "code", "named"), BAD, ids=[bad[0] for bad in BAD])
def test_a_bad_file_is_refused_by_name(why: str, text: str, code: str, named: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_dzn(text, "bad.dzn")
    assert caught.value.code == code, why
    assert named in caught.value.message
    assert "bad.dzn" in caught.value.where


def test_a_meeting_row_is_named_with_its_line() -> None:
    with pytest.raises(SourceError) as caught:
        parse_dzn(dzn([(1, 2, 3), (1, 9, 3)]), "bad.dzn")
    assert caught.value.where == "bad.dzn, line 8"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.dzn"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(SourceError, match="F401"):
        read_dzn(path)
