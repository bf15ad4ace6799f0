"""Placing without a search: what the theorems promise holds for any two-sided forum."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from coproduce.forum.place import Colouring, fill


@st.composite
def forums(draw, *, is_two_sided: bool):
    people = draw(st.integers(2, 10))
    possible = [
        (a, b)
        for a in range(people)
        for b in range(a + 1, people)
        if not is_two_sided or a % 2 != b % 2
    ]
    pairs = draw(st.lists(st.sampled_from(possible), unique=True)) if possible else []
    representatives = draw(st.lists(st.integers(1, 2), min_size=people, max_size=people))
    return pairs, representatives


def placed_by(pairs, representatives, slots):
    colouring = Colouring(pairs, representatives, slots)
    colouring.place(range(len(pairs)))
    return colouring


def assert_sound(pairs, representatives, slot_of):
    busy = Counter((person, slot) for n, slot in slot_of.items() for person in pairs[n])
    assert all(count <= representatives[person] for (person, _), count in busy.items())


@settings(deadline=None, max_examples=60)
@given(forums(is_two_sided=True))
def test_two_sides_are_always_placed_within_the_largest_load(forum):
    pairs, representatives = forum
    load = Counter(person for pair in pairs for person in pair)
    slots = max((-(-load[p] // r) for p, r in enumerate(representatives)), default=1) or 1
    colouring = placed_by(pairs, representatives, slots)
    assert len(colouring.slot_of) == len(pairs)
    assert_sound(pairs, representatives, colouring.slot_of)


@settings(deadline=None, max_examples=60)
@given(forums(is_two_sided=False), st.integers(1, 6))
def test_levelling_keeps_every_meeting_and_needs_no_more_tables_than_the_mean(forum, slots):
    pairs, representatives = forum
    colouring = placed_by(pairs, representatives, slots)
    before = set(colouring.slot_of)
    tables = -(-len(before) // slots)
    colouring.level(tables)
    assert set(colouring.slot_of) == before
    assert_sound(pairs, representatives, colouring.slot_of)
    assert max(Counter(colouring.slot_of.values()).values(), default=0) <= tables


def test_filling_respects_totals_slots_and_tables():
    pairs = [(0, 1), (0, 2), (0, 3), (4, 5), (1, 2)]
    limits = ([2, 9, 9, 9, 9, 9], [1] * 6)
    placed = fill({}, range(5), pairs, limits, (2, 2))
    assert placed == {0: 0, 1: 1, 3: 0}, "2 breaks a total, 4 finds no slot free for both"
