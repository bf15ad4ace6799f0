"""The room's sentences in both languages and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from coproduce.projects.attrition import median_delays
from coproduce.projects.dates import months_between
from coproduce.projects.proposals import launch_of
from coproduce.projects.types import Inputs
from coproduce.projects.words import REASONS, STATES
from coproduce.records.figures import Figure, row_ref, weakest
from coproduce.records.programme import Programme
from coproduce.records.words import Words

DIRECTIONS = {
    "partner_in_host": (
        "of the partner side in the host country",
        "партнёра у принимающей стороны",
    ),
    "host_in_partner": (
        "of the host side in the partner's country",
        "принимающей стороны у партнёра",
    ),
    "host_alone": ("of the host side alone", "принимающей стороны без партнёра"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """See `types.Result` for the tables."""

    board: pl.DataFrame
    attrition: pl.DataFrame
    delays: pl.DataFrame
    kept: pl.DataFrame
    same_place: pl.DataFrame
    dropped: pl.DataFrame
    proposals: pl.DataFrame
    unmatched: pl.DataFrame
    path: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Explanation:
    """Sentences and figures of the room."""

    finding: Words
    reasons: tuple[Words, ...]
    figures: tuple[Figure, ...]


def explain(inputs: Inputs, answer: Answer) -> Explanation:
    """Return the finding, the reasons and every figure."""
    reasons = (
        *_attrition(answer),
        *_delays(answer),
        *_kept(answer),
        *_proposals(answer),
        *_owners(inputs, answer),
        *_given_up(inputs, answer),
    )
    return Explanation(_finding(answer), reasons, tuple(_figures(inputs, answer)))


def _finding(answer: Answer) -> Words:
    total = answer.attrition.row(0, named=True)
    proposed = answer.proposals.height
    late = _late(answer)
    if not total["announced"]:
        return Words(
            f"No announced project is known; the plan suggests {proposed} joint "
            f"projects{late.en}.",
            f"Объявленные проекты неизвестны; план предлагает совместных проектов: "
            f"{proposed}{late.ru}.",
        )
    return Words(
        f"Of {total['announced']} announced projects {total['operating']} operate and "
        f"{total['stopped']} have stopped; the plan suggests {proposed} joint projects{late.en}.",
        f"Из {total['announced']} объявленных проектов работают {total['operating']}, "
        f"остановились {total['stopped']}; план предлагает совместных проектов: "
        f"{proposed}{late.ru}.",
    )


def _late(answer: Answer) -> Words:
    """Say for how many proposals the plan's first output comes before the usual launch."""
    late = answer.proposals.filter(~pl.col("is_in_time")).height
    if not late:
        return Words("", "")
    usual = launch_of(answer.path)["mode"]
    is_all = late == answer.proposals.height
    whom = Words("all", "всех") if is_all else Words(f"{late}", f"{late} из них")
    return Words(
        f"; the usual launch ({usual:%Y-%m}) is later than the plan's first output for "
        f"{whom.en} of them",
        f"; обычный срок запуска ({usual:%m.%Y}) позже первого выпуска по плану для {whom.ru}",
    )


def _attrition(answer: Answer) -> Iterator[Words]:
    for row in answer.attrition.filter(pl.col("scope") == "direction").iter_rows(named=True):
        en, ru = DIRECTIONS[row["direction"]]
        if not row["due"]:
            continue
        yield Words(
            f"Projects {en}: {row['operating']} of {row['due']} that are due operate "
            f"({row['due_share']:.0%}; 95% interval {row['due_low']:.0%} to "
            f"{row['due_high']:.0%}).",
            f"Проекты {ru}: из {row['due']}, чей срок настал, работают {row['operating']} "
            f"({_ru(row['due_share'])}; интервал 95\u00a0%: от {_ru(row['due_low'])} до "
            f"{_ru(row['due_high'])}).",
        )
    stopped = answer.board.filter(pl.col("reason_code").is_not_null())
    if stopped.height:
        counts = (
            stopped["reason_code"]
            .value_counts()
            .sort(["count", "reason_code"], descending=[True, False])
        )
        en = ", ".join(f"{REASONS[code].en} ({count})" for code, count in counts.iter_rows())
        ru = ", ".join(f"{REASONS[code].ru} ({count})" for code, count in counts.iter_rows())
        yield Words(f"Reasons given for stopping: {en}.", f"Причины остановки: {ru}.")


def _delays(answer: Answer) -> Iterator[Words]:
    launched, everyone = median_delays(answer.delays)
    waiting = answer.delays.filter("is_still_open").height
    if launched is not None:
        yield Words(
            f"Projects that launched did so {launched:.1f} years after the first planned date "
            f"(median of {answer.delays.height - waiting}).",
            f"Запущенные проекты опоздали против первого срока на {_ru_number(launched)} года "
            f"(медиана по {answer.delays.height - waiting}).",
        )
    if waiting and everyone is not None:
        yield Words(
            f"{waiting} more are past their date without a launch; with them the median delay is "
            f"{everyone:.1f} years or more.",
            f"Ещё {waiting} не запущены, хотя срок прошёл; с ними медианное опоздание — не меньше "
            f"{_ru_number(everyone)} года.",
        )


def _kept(answer: Answer) -> Iterator[Words]:
    waiting = answer.kept.height + answer.same_place.height + answer.dropped.height
    if waiting:
        called = _called(answer, answer.kept)
        yield Words(
            f"Of {waiting} announced projects that do not run yet the plan would keep "
            f"{answer.kept.height}: {called.en or 'none'}.",
            f"Из {waiting} ещё не работающих объявленных проектов план сохранил бы "
            f"{answer.kept.height}: {called.ru or 'ни одного'}.",
        )
    if answer.same_place.height:
        called = _called(answer, answer.same_place)
        yield Words(
            f"Same place, line not stated, so not counted as kept ({answer.same_place.height}): "
            f"{called.en}.",
            f"То же место, линия не указана, поэтому сохранёнными не считаются "
            f"({answer.same_place.height}): {called.ru}.",
        )


def _called(answer: Answer, some: pl.DataFrame) -> Words:
    rows = answer.board.join(some, on="project_id", how="semi").sort("project_id")
    russian = rows.select(pl.coalesce("name_ru", "name_en"))["name_ru"]
    return Words("; ".join(rows["name_en"]), "; ".join(russian))


def _proposals(answer: Answer) -> Iterator[Words]:
    if answer.path.height and answer.proposals.height:
        last = launch_of(answer.path)
        late = answer.proposals.filter(~pl.col("is_in_time")).height
        yield Words(
            f"A project that starts at the first gate now launches in {last['mode']:%Y-%m} "
            f"(between {last['low']:%Y-%m} and {last['high']:%Y-%m}); for {late} of "
            f"{answer.proposals.height} that is later than the plan's first output.",
            f"Проект, начатый сейчас с первой точки, запускается к {last['mode']:%m.%Y} (от "
            f"{last['low']:%m.%Y} до {last['high']:%m.%Y}); для {late} из "
            f"{answer.proposals.height} это позже первого выпуска по плану.",
        )
    if answer.unmatched.height:
        yield Words(
            f"For {answer.unmatched.height} openings of the plan no pair of companies was found.",
            f"Для {answer.unmatched.height} объектов плана пара компаний не найдена.",
        )


def _owners(inputs: Inputs, answer: Answer) -> Iterator[Words]:
    """Name the sites whose owner is in no fitting pair."""
    rows = answer.proposals.filter("is_owner_to_be_won")
    pairs = sorted(set(rows.select("site_id", "owner_company_id").iter_rows()))
    if pairs:
        sites = _names(inputs.programme, "sites", "site_id")
        owners = _names(inputs.programme, "companies", "company_id")
        en = "; ".join(f"{sites[site].en} – {owners[owner].en}" for site, owner in pairs)
        ru = "; ".join(f"{sites[site].ru} — {owners[owner].ru}" for site, owner in pairs)
        yield Words(
            f"Site's owner to be won, since no fitting pair has it as host company: {en}.",
            f"Предстоит привлечь владельца площадки (ни в одной подходящей паре он не назван "
            f"принимающей компанией): {ru}.",
        )


def _given_up(inputs: Inputs, answer: Answer) -> Iterator[Words]:
    """Flag proposed pairs that have given up a project together before."""
    companies = _names(inputs.programme, "companies", "company_id")
    projects = _names(inputs.programme, "known_projects", "project_id")
    states = dict(answer.board.select("project_id", "state").iter_rows())
    rows = answer.proposals.filter(pl.col("stopped_project_ids").is_not_null())
    pairs = rows.select("host_company_id", "partner_company_id", "stopped_project_ids")
    for host, partner, ids in pairs.unique(maintain_order=True).iter_rows():
        for name in ids.split(";"):
            state = STATES[states[name]]
            yield Words(
                f"The proposed pair {companies[host].en} and {companies[partner].en} has a "
                f"project together that is {state.en}: {projects[name].en}.",
                f"У предложенной пары {companies[host].ru} и {companies[partner].ru} уже есть "
                f"общий проект, который {state.ru}: {projects[name].ru}.",
            )


def _names(programme: Programme, table: str, key: str) -> dict[str, Words]:
    rows = programme[table].select(key, "name_en", "name_ru").iter_rows()
    return {name: Words(en, ru or en) for name, en, ru in rows}


def _figures(inputs: Inputs, answer: Answer) -> Iterator[Figure]:
    known = inputs.programme["known_projects"]
    rows = tuple(row_ref("known_projects", one) for one in known["project_id"].sort())
    status = weakest(known["status"])
    launched, everyone = median_delays(answer.delays)
    waiting = answer.delays.filter("is_still_open").height
    for row in answer.attrition.iter_rows(named=True):
        name = row["direction"] or row["stage_id"]
        scope = f".{row['scope']}.{name}" if name else ""
        yield from _shares(row, scope, _of_whom(inputs, row), rows, status)
    for what, value, unit, en, ru, how in (
        ("known", float(known.height), "project", "Known projects", "Известные проекты", "count"),
        ("stale", float(answer.board["is_stale"].sum()), "project", "Projects with old evidence",
         "Проекты со старыми сведениями", "evidence older than the limit"),
        ("delay_launched", launched, "year", "Delay of launched projects, median",
         "Опоздание запущенных проектов, медиана", "actual less first planned launch"),
        ("delay_at_least", everyone, "year", "Delay of all due projects, median, at least",
         "Опоздание всех проектов с наступившим сроком, медиана, не меньше",
         "projects not launched count with their delay so far"),
        ("overdue", float(waiting), "project", "Projects past their date without a launch",
         "Проекты с прошедшим сроком без запуска", "count"),
        ("kept", float(answer.kept.height), "project",
         "Announced projects that the plan keeps", "Объявленные проекты, которые план сохраняет",
         "an opening at the same site whose only kind of line for the stage is built"),
    ):  # fmt: skip
        note = "" if value is not None else "no project has both dates"
        yield Figure(
            figure_id=f"projects.{what}",
            value=value,
            unit=unit,
            label_en=en,
            label_ru=ru,
            status=status,
            rows=rows,
            method=how,
            note=note,
        )
    yield from _of_proposals(inputs, answer)


def _of_whom(inputs: Inputs, row: dict[str, Any]) -> Words:
    """Say which projects a row of attrition counts; nothing for all of them."""
    if row["direction"]:
        en, ru = DIRECTIONS[row["direction"]]
        return Words(f" ({en})", f" ({ru})")
    if row["stage_id"]:
        stage = inputs.programme.settings.stage_name(row["stage_id"])
        return Words(f" ({stage.en})", f" ({stage.ru})")
    return Words("", "")


def _shares(
    row: dict[str, Any], scope: str, whom: Words, rows: tuple[str, ...], status: str
) -> Iterator[Figure]:
    for what, value, low, high, en, ru in (
        ("operate_share", row["operate_share"], row["low"], row["high"],
         f"Announced projects that operate{whom.en}",
         f"Доля работающих среди объявленных{whom.ru}"),
        ("due_share", row["due_share"], row["due_low"], row["due_high"],
         f"Due projects that operate{whom.en}",
         f"Доля работающих среди тех, чей срок настал{whom.ru}"),
    ):  # fmt: skip
        trials = int(row["announced" if what == "operate_share" else "due"])
        yield Figure(
            figure_id=f"projects.{what}{scope}",
            value=value if trials else None,
            unit="share",
            label_en=en,
            label_ru=ru,
            status=status,
            rows=rows,
            method=f"{int(row['operating'])} of {trials}; Wilson interval",
            low=low,
            high=high,
            note="" if trials else "no such project",
        )


def _of_proposals(inputs: Inputs, answer: Answer) -> Iterator[Figure]:
    gates = inputs.programme["gates"]
    rows = tuple(row_ref("gates", one) for one in gates.sort("gate_no")["gate_id"])
    yield Figure(
        figure_id="projects.proposals",
        value=float(answer.proposals.height),
        unit="project",
        label_en="Joint projects suggested",
        label_ru="Предложенные совместные проекты",
        status="estimated",
        method="openings of the plan with a fitting pair of companies",
    )
    if gates.height:
        last = launch_of(answer.path)
        yield Figure(
            figure_id="projects.months_to_launch",
            value=months_between(inputs.as_of, last["mode"]),
            unit="month",
            label_en="Usual time from the first gate to launch",
            label_ru="Обычный срок от первой точки до запуска",
            status=weakest(gates["status"]),
            rows=rows,
            method="usual times of the gates before launch; range: all shortest, all longest",
            low=months_between(inputs.as_of, last["low"]),
            high=months_between(inputs.as_of, last["high"]),
        )


def _ru(share: float) -> str:
    return f"{share * 100:.0f}\u00a0%"


def _ru_number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


__all__ = ["Answer", "Explanation", "explain"]
