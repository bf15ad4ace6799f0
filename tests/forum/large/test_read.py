"""A forum folder is read whole or refused with every problem named."""

from __future__ import annotations

from pathlib import Path

import pytest

from coproduce.forum.large import read_forum
from coproduce.records.errors import LoadError

GOOD = {
    "participants": "participant_id,name_en,side,representatives,max_meetings,languages\n"
    "a,A,host,1,9,en\nb,B,partner,1,9,en\nc,C,partner,1,9,en\nd,D,partner,1,9,en\n",
    "requests": "participant_id,wanted_id,kind,rank\na,b,meet,1\nb,a,meet,2\na,c,must,1\n",
    "tables": "table_id,name_en\nt1,One\n",
    "slots": "slot_id,slot_no,starts_at,ends_at,is_blocked\n"
    "s1,1,2030-05-06T09:00,2030-05-06T09:30,false\n"
    "s2,2,2030-05-06T09:30,2030-05-06T10:00,false\n",
}
MUSTS = "participant_id,wanted_id,kind\na,b,must\na,c,must\na,d,must\n"


def folder(path: Path, **changed: str) -> Path:
    for name, text in {**GOOD, **changed}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_a_good_folder_is_read_and_both_sides_of_a_wish_are_folded(tmp_path: Path) -> None:
    forum = read_forum(folder(tmp_path))
    wish = forum.wishes["a", "b"]
    assert wish.value == 4 * 15 * 14 + 6 * (15 + 14), "points 15 and 14 of ranks 1 and 2"
    assert wish.asked_by == ("a", "b")
    assert forum.wishes["a", "c"].kind == "must"


@pytest.mark.parametrize(
    ("changed", "code", "named"),
    [
        ({"requests": "participant_id,wanted_id,kind\na,zz,meet\n"}, "F210", ["zz"]),
        ({"requests": "participant_id,wanted_id,kind\na,a,meet\n"}, "F211", ["itself"]),
        ({"requests": "participant_id,wanted_id,kind\na,b,maybe\n"}, "F203", ["maybe"]),
        ({"requests": "participant_id,wanted_id,kind\na,b,meet\na,b,must\n"}, "F204", ["row 2"]),
        ({"tables": "table_id,name_en\n"}, "F213", ["no table"]),
        ({"slots": GOOD["slots"].replace("false", "true")}, "F214", ["blocked"]),
        (
            {"fixed": "people,slot_id\na+b,s1\na+c,s1\n"},
            "F215",
            ["a has 2 meetings", "s1", "a+b", "a+c"],
        ),
        (
            {
                "fixed": "people,slot_id,table_id\na+b,s1,t1\n",
                "absences": "person_id,slot_id\nb,s1\n",
            },
            "F216",
            ["b is absent"],
        ),
        ({"requests": MUSTS}, "F217", ["a must hold 3 meetings", "s1, s2", "a+b", "a+d"]),
        (
            {
                "requests": "participant_id,wanted_id,kind\na,b,must\na,c,must\n",
                "absences": "person_id,slot_id\nb,s1\nc,s1\n",
            },
            "F217",
            ["fit only into s2"],
        ),
        (
            {"absences": "person_id,slot_id\na,s1\nc,s2\n"},
            "F218",
            ["a+c must meet", "a is there in s2", "c is there in s1"],
        ),
        (
            {"precedences": "first_people,then_people\na+b,a+c\na+c,a+b\n"},
            "F219",
            ["a+b", "a+c"],
        ),
        ({"slots": GOOD["slots"].replace("09:30,2030", "09:10,2030")}, "F224", ["overlap"]),
        (
            {"participants": GOOD["participants"].replace(",host", ",guest")},
            "F203",
            ["guest"],
        ),
        ({"settings": "key,value\ntime_zone,Nowhere\n"}, "F203", ["time zone"]),
    ],
)
def test_bad_input_is_named_with_its_people_and_slots(
    tmp_path: Path, changed: dict[str, str], code: str, named: list[str]
) -> None:
    with pytest.raises(LoadError) as caught:
        read_forum(folder(tmp_path, **changed))
    codes = {issue.code for issue in caught.value.issues}
    assert code in codes
    text = str(caught.value)
    for part in named:
        assert part in text


def test_a_missing_folder_and_a_missing_table_are_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="no such folder"):
        read_forum(tmp_path / "none")
    folder(tmp_path)
    (tmp_path / "tables.csv").unlink()
    with pytest.raises(LoadError, match=r"tables\.csv"):
        read_forum(tmp_path)
