"""The forum room: what is held, what is refused and why, and that any small forum is feasible.

The solver runs in a process of its own, so all small cases go there in one batch.
"""

from __future__ import annotations

import random
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from coproduce.engines.cp import run_apart
from coproduce.forum import Inputs, Options, Result, run, verify
from coproduce.forum.plan import complete, prepare
from coproduce.forum.solve import Task, solve
from coproduce.records.errors import Cancelled, ModelError
from coproduce.records.handover import Matches
from coproduce.records.programme import Programme
from tests.worlds import programme, rows

WORLD = programme()
HEAD = "participant_id|side|representatives|max_meetings|languages|name_en"


def small(
    people: str, requests: str, *, slots: int = 3, tables: int = 2, blocked: int = 0
) -> Programme:
    """Return the world with another forum: people as ``a:1:3:en``, requests as ``a-b:meet:1``."""
    lines = [word.split(":") for word in people.split()]
    persons = [f"{name}|other|{reps}|{most}|{tongue}|{name}" for name, reps, most, tongue in lines]
    wants = []
    for word in requests.split():
        pair, kind, weight = word.split(":")
        wants.append("|".join([*pair.split("-"), kind, weight]))
    times = [
        f"s{n}|{n}|2026-12-01T{9 + n:02}:00|2026-12-01T{9 + n:02}:25|{str(n <= blocked).lower()}"
        for n in range(1, slots + blocked + 1)
    ]
    texts = {
        "participants": "\n".join([HEAD, *persons]),
        "requests": "\n".join(["participant_id|wanted_id|kind|weight", *wants]),
        "slots": "\n".join(["slot_id|slot_no|starts_at|ends_at|is_blocked", *times]),
        "tables": "\n".join(
            ["table_id|name_en|name_ru", *(f"t{n}|Table {n}|Стол {n}" for n in range(tables))]
        ),
    }
    made = {name: rows(name, text) for name, text in texts.items()}
    return replace(WORLD, tables={**WORLD.tables, **made})


def anything(seed: int) -> Programme:
    """Return a random small forum: any sides, sizes, limits and kinds of wish."""
    draw = random.Random(seed)
    names = [f"p{n}" for n in range(draw.randint(2, 9))]
    people = " ".join(
        f"{name}:{draw.randint(1, 2)}:{draw.randint(1, 4)}:{draw.choice(['en', 'ru', 'en+ru'])}"
        for name in names
    )
    pairs = [(a, b) for a in names for b in names if a != b and draw.random() < 0.45]
    kinds = ["must", "meet", "meet", "meet", "never"]
    wants = " ".join(
        f"{a}-{b}:{draw.choice(kinds)}:{draw.choice(['0', '0.5', '1', '2.25'])}" for a, b in pairs
    )
    return small(people, wants, slots=draw.randint(1, 4), tables=draw.randint(1, 3))


def several(worlds: list[Programme]) -> list[Result]:
    """Return the room's results, solved here one after another; called in the solver's process."""
    results = []
    for world in worlds:
        inputs, options = Inputs(world), Options(time_limit_s=2)
        wished, task = prepare(inputs, options)
        results.append(complete(inputs, options, wished, solve(task), 0.0))
    return results


def most_possible(world: Programme) -> tuple[int, float]:
    """Return musts and worth of the best timetable, by trying everything."""
    _, task = prepare(Inputs(world), Options())
    best = (0, 0)

    def extend(pair: int, at: dict[int, int]) -> None:
        nonlocal best
        if pair == len(task.pairs):
            held = sum(task.is_must[p] for p in at)
            best = max(best, (held, sum(task.weights[p] for p in at)))
            return
        extend(pair + 1, at)
        for slot in range(task.slots):
            trial = {**at, pair: slot}
            if _fits(task, trial):
                extend(pair + 1, trial)

    extend(0, {})
    return best[0], best[1] / 10_000


def _fits(task, at: dict[int, int]) -> bool:
    for person, most in enumerate(task.max_meetings):
        mine = [slot for pair, slot in at.items() if person in task.pairs[pair]]
        if len(mine) > most or any(mine.count(s) > task.representatives[person] for s in mine):
            return False
    return all(list(at.values()).count(slot) <= task.tables for slot in at.values())


CASES = {
    "triangle": small("a:1:9:en b:1:9:en c:1:9:en", "a-b:meet:3 b-c:meet:2 c-a:meet:1", slots=2),
    "must first": small("a:1:1:en b:1:9:en c:1:9:en", "a-b:must:1 a-c:meet:9"),
    "never wins": small("a:1:9:en b:1:9:en", "a-b:must:5 b-a:never:0"),
    "both sides add": small(
        "a:1:9:en b:1:9:en c:1:9:en", "a-b:meet:2 b-a:meet:2 a-c:meet:3", slots=1
    ),
    "one table": small(
        "a:1:9:en b:1:9:en c:1:9:en d:1:9:en", "a-b:meet:2 c-d:meet:1", slots=1, tables=1
    ),
    "two representatives": small("a:2:9:en b:1:9:en c:1:9:en", "a-b:meet:1 a-c:meet:1", slots=1),
    "no language": small("a:1:9:en b:1:9:ru", "a-b:meet:1"),
    "blocked": small("a:1:9:en b:1:9:en c:1:9:en", "a-b:meet:2 a-c:meet:1", slots=1, blocked=1),
    "worth nothing": small("a:1:9:en b:1:9:en", "a-b:meet:0"),
    "too many musts": small(
        "a:1:9:en b:1:9:en c:1:9:en d:1:9:en", "a-b:must:1 a-c:must:2 a-d:must:3", slots=2
    ),
}
RANDOM = {f"random {seed}": anything(seed) for seed in range(16)}
TRIED_IN_FULL = [
    name
    for name, world in RANDOM.items()
    if len(prepare(Inputs(world), Options())[1].pairs) in range(1, 7)
]


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    worlds = {**CASES, **RANDOM, "again": CASES["too many musts"]}
    return dict(zip(worlds, run_apart(several, list(worlds.values()), timeout_s=120), strict=True))


@pytest.fixture(scope="module")
def usual() -> Result:
    return run(Inputs(WORLD, matches(("ho_investor", "pa_fdf", 0.5), ("ho_maker", "pa_fdf", 0.4))))


def matches(*entries: tuple[str, str, float]) -> pl.DataFrame:
    table = [
        {
            "match_id": f"m{n}",
            "host_company_id": host,
            "partner_company_id": partner,
            "product_id": "alpha",
            "stage_id": "api",
            "score": score,
            "host_score": score,
            "partner_score": score,
            "reasons_en": "made up",
            "reasons_ru": "условно",
        }
        for n, (host, partner, score) in enumerate(entries)
    ]
    return Matches.validate(pl.DataFrame(table), cast=True)


def held(result: Result) -> set[str]:
    pairs = result.timetable.select("participant_a_id", "participant_b_id").iter_rows()
    return {"-".join(pair) for pair in pairs}


def reason(result: Result, a: str, b: str) -> str:
    return result.refused.filter(participant_a_id=a, participant_b_id=b)["reason_code"][0]


@pytest.mark.parametrize(
    ("case", "expected", "why"),
    [
        ("triangle", {"a-b", "b-c"}, "three people have one meeting a slot; the least falls"),
        ("must first", {"a-b"}, "a must outweighs any worth"),
        ("never wins", set(), "nobody is made to meet"),
        ("both sides add", {"a-b"}, "2 + 2 > 3"),
        ("one table", {"a-b"}, "one meeting fits, the better one"),
        ("two representatives", {"a-b", "a-c"}, "both at the same time"),
        ("no language", {"a-b"}, "held with an interpreter"),
        ("blocked", {"a-b"}, "only one slot is open; the better one"),
        ("worth nothing", {"a-b"}, "room is not left empty"),
        ("too many musts", {"a-c", "a-d"}, "two slots: the two best musts"),
    ],
)
def test_small_forums_are_solved_as_by_hand(results, case, expected, why):
    assert held(results[case]) == expected, why
    assert results[case].proof.status == "optimal"


@pytest.mark.parametrize(
    ("case", "pair", "code", "full"),
    [
        ("triangle", ("a", "c"), "no_common_slot", None),
        ("must first", ("a", "c"), "participant_full", "a"),
        ("never wins", ("a", "b"), "never", None),
        ("one table", ("c", "d"), "tables_full", None),
        ("too many musts", ("a", "b"), "participant_full", "a"),
    ],
)
def test_a_refusal_says_why(results, case, pair, code, full):
    row = results[case].refused.filter(participant_a_id=pair[0], participant_b_id=pair[1])
    assert (row["reason_code"][0], row["full_id"][0]) == (code, full)
    assert row["reason_en"][0]
    assert row["reason_ru"][0]


def test_the_same_forum_gets_the_same_timetable(results):
    assert_frame_equal(results["again"].details, results["too many musts"].details)


def test_a_must_that_is_not_held_is_warned_of(results):
    warned = [words.en for words in results["too many musts"].warnings]
    assert any(text.startswith("The meeting a – b must be held but is not") for text in warned)


def test_a_meeting_without_a_common_language_is_flagged(results):
    row = results["no language"].details.row(0, named=True)
    assert (row["needs_interpreter"], row["common_language"]) == (True, None)


@pytest.mark.parametrize("case", RANDOM)
def test_any_small_forum_gets_a_timetable_that_the_checker_finds_nothing_wrong_with(results, case):
    result = results[case]
    assert verify(RANDOM[case], result.timetable, result.refused) == ()
    assert result.proof.objective <= result.proof.bound + 1e-9
    assert "not_found" not in set(result.refused["reason_code"])


@pytest.mark.parametrize("case", TRIED_IN_FULL)
def test_no_timetable_found_by_trying_everything_is_better(results, case):
    result = results[case]
    musts = result.details.filter(pl.col("kind") == "must").height
    assert (musts, pytest.approx(result.proof.objective)) == most_possible(RANDOM[case])
    assert result.proof.status == "optimal"


def test_the_usual_world_holds_every_wish_and_adds_the_suggestion(usual):
    assert held(usual) == {
        "d_ho_maker-d_pa_api",
        "d_ho_maker-d_pa_fdf",
        "d_ho_investor-d_pa_fdf",
        "d_one-d_pa_api",
    }
    assert usual.proof.objective == pytest.approx(5 + 2.4 + 1.5 + 2)
    assert usual.proof.gap_share == 0
    assert usual.load.filter(participant_id="d_ho_maker")["meetings"][0] == 2


def test_a_pair_that_only_a_match_asks_for_is_marked_as_suggested():
    bare = replace(WORLD, tables={**WORLD.tables, "requests": WORLD["requests"].clear()})
    wished, _ = prepare(Inputs(bare, matches(("ho_maker", "pa_api", 0.75))), Options())
    row = wished.row(0, named=True)
    assert (row["is_suggested"], row["asked_by"], row["value"]) == (True, "match", 0.75)


def test_the_same_forum_in_another_row_order_gives_the_same_task():
    turned = replace(WORLD, tables={name: t.reverse() for name, t in WORLD.tables.items()})
    assert prepare(Inputs(turned), Options())[1] == prepare(Inputs(WORLD), Options())[1]


def test_figures_tell_worth_bound_and_gap(usual):
    figures = {figure.figure_id: figure for figure in usual.figures}
    assert figures["forum.value"].value == figures["forum.bound"].value
    assert "requests:d_ho_maker|d_pa_api" in figures["forum.meetings"].rows
    assert "no timetable is worth more" in usual.finding.en


def test_a_programme_without_a_forum_gives_an_empty_timetable():
    names = ("participants", "requests", "slots", "tables")
    bare = replace(WORLD, tables={**WORLD.tables, **{n: WORLD[n].clear() for n in names}})
    result = run(Inputs(bare))
    assert result.timetable.is_empty()
    assert result.proof.status == "optimal"


@pytest.mark.parametrize(
    ("world", "code", "why"),
    [
        (small("a:1:1:en b:1:1:en", "a-a:meet:1"), "F001", "a meeting with oneself"),
        (small("a:1:1:en b:1:1:en", "a-z:meet:1"), "F002", "an unknown guest"),
        (small("a:1:1:en b:1:1:en", "a-b:meet:1", tables=0), "F003", "no table"),
        (small("a:1:1:en b:1:1:en", "a-b:meet:1", slots=0, blocked=2), "F003", "no open slot"),
    ],
)
def test_a_forum_that_cannot_be_held_is_refused_with_its_cause(world, code, why):
    with pytest.raises(ModelError) as caught:
        run(Inputs(world))
    assert caught.value.code == code, why


def test_the_user_can_stop_the_search():
    with pytest.raises(Cancelled):
        run(Inputs(WORLD), Options(is_cancelled=lambda: True))


def large_two_sided(_: None) -> tuple[int, int, int, int]:
    """Return worth, bound, musts held and most musts of a forum of 300; called in the child."""
    draw = random.Random(5)
    worth = {
        (host, partner): draw.randint(1, 50_000)
        for host in range(150)
        for partner in draw.sample(range(150, 300), 12)
    }
    pairs = tuple(sorted(worth))
    task = Task(
        pairs=pairs,
        weights=tuple(worth[pair] for pair in pairs),
        is_must=tuple(draw.random() < 0.05 for _ in pairs),
        max_meetings=tuple(draw.randint(2, 9) for _ in range(300)),
        representatives=tuple(draw.randint(1, 2) for _ in range(300)),
        slots=12,
        tables=30,
        time_limit_s=1,
        seed=0,
        threads=1,
    )
    answer = solve(task)
    held = sum(task.is_must[pair] for pair in answer.meetings)
    value = sum(task.weights[pair] for pair in answer.meetings)
    assert all(len([s for s in answer.meetings.values() if s == slot]) <= 30 for slot in range(12))
    return value, answer.bound, held, answer.musts_bound


def test_between_two_sides_the_bound_is_reached():
    value, bound, held, most = run_apart(large_two_sided, None, timeout_s=60)
    assert (value, held) == (bound, most)
