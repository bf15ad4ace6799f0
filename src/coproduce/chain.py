"""The chain: the only file that knows the order of the rooms.

dependence → partners → network → appraisal → resilience → forum → projects
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal, Protocol

import polars as pl

from coproduce import (
    __version__,
    appraisal,
    dependence,
    forum,
    network,
    partners,
    projects,
    resilience,
)
from coproduce.engines.fanout import Child
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.figures import Figure
from coproduce.records.programme import Programme
from coproduce.records.words import Words
from coproduce.rules import load
from coproduce.rules.programme_law import Law, compile_law

if TYPE_CHECKING:
    from collections.abc import Iterator

Progress = Callable[[float, str], None]

Mode = Literal["joint", "host_alone"]

CHILD_GRACE = 1.5
"""A search may overrun its limit by finishing touches; only then is its process given up."""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a user may set for one run.

    Attributes:
        scenario_id, deal_id, rule_instant: instead of the programme's own.
        gap_share: proven gap that is good enough.
        time_limit_s: most seconds for one optimisation.
        threads, seed: of the solvers.
    """

    scenario_id: str | None = None
    deal_id: str | None = None
    rule_instant: date | None = None
    gap_share: float = 0.01
    time_limit_s: float = 120.0
    threads: int = 2
    seed: int = 1


@dataclass(frozen=True, slots=True)
class PlanRun:
    """Everything one run of the chain found, for report, export and trace."""

    programme: Programme
    options: PlanOptions
    law: Mapping[str, pl.DataFrame]
    rule_notes: tuple[Words, ...]
    rule_values: tuple[dict[str, Any], ...]
    today: dependence.Result
    partners: partners.Result
    alone: network.Result
    network: network.Result
    after: dependence.Result
    appraisal: appraisal.Result
    safety: resilience.Safety
    resilience: resilience.Result
    forum: forum.Result
    projects: projects.Result
    figures: Mapping[str, Figure]
    seconds: Mapping[str, float]
    manifest: Mapping[str, Any]


def plan(
    programme: Programme, options: PlanOptions | None = None, *, progress: Progress | None = None
) -> PlanRun:
    """Return the plan of a programme with everything that proves and explains it.

    Args:
        programme: a valid programme.
        options: what differs from the programme's own settings.
        progress: called with the share done (0–1) and what is being done.

    Raises:
        InfeasiblePlan: if the user's limits conflict; names the smallest set found.
        VerificationFailed: if an independent count of the plan does not agree with it.
        RuleError: if a law that the programme needs has no value at the rule instant.
    """
    options = options or PlanOptions()
    programme = _with_options(programme, options)
    clock = _Clock(progress or (lambda share, doing: None))
    with clock.room("rules", 0.0):
        law = compile_law(programme, load())
    with clock.room("dependence", 0.03):
        today = _dependence(programme)
    with clock.room("partners", 0.06):
        pairs = _partners(programme, today)
    with clock.room("network", 0.10):
        joint, alone = _networks(programme, law, options, clock.within(0.10, 0.78))
    with clock.room("network, checked again", 0.78):
        _verify(programme, law, joint)
    with clock.room("dependence after the plan", 0.80):
        after = _dependence(programme, joint)
    with clock.room("appraisal", 0.83):
        worth = _appraisal(programme, law, joint, alone)
    with clock.room("resilience", 0.87):
        fragility = _resilience(programme, today, after)
    with clock.room("resilience, safeguards compared", 0.88):
        safety = _safety(programme, joint, today, after, fragility)
    with clock.room("forum", 0.89):
        meetings = _forum(programme, pairs, options)
    with clock.room("projects", 0.95):
        pipeline = _projects(programme, pairs, joint)
    return PlanRun(
        programme=programme,
        options=options,
        law=law.tables,
        rule_notes=law.notes,
        rule_values=law.values,
        today=today,
        partners=pairs,
        network=joint,
        alone=alone,
        after=after,
        appraisal=worth,
        resilience=fragility,
        safety=safety,
        forum=meetings,
        projects=pipeline,
        figures=_figures(
            {"today": today, "alone": alone, "after": after},
            (pairs, joint, worth, fragility, safety, meetings, pipeline),
        ),
        seconds=clock.seconds,
        manifest=_manifest(programme, options, joint),
    )


def _dependence(programme: Programme, joint: network.Result | None = None) -> dependence.Result:
    plan_tables = joint.tables if joint else None
    return dependence.run(
        dependence.Inputs(programme=programme, plan=plan_tables), dependence.Options()
    )


def _partners(programme: Programme, today: dependence.Result) -> partners.Result:
    return partners.run(
        partners.Inputs(programme=programme, exposures=today.exposures), partners.Options()
    )


def _appraisal(
    programme: Programme, law: Law, joint: network.Result, alone: network.Result
) -> appraisal.Result:
    return appraisal.run(
        appraisal.Inputs(
            programme=programme,
            law=law.tables,
            joint=joint.tables,
            alone=alone.tables,
            joint_proof=joint.proof,
            alone_proof=alone.proof,
        ),
        appraisal.Options(deal_id=programme.settings.deal_id),
    )


def _resilience(
    programme: Programme, today: dependence.Result, after: dependence.Result
) -> resilience.Result:
    return resilience.run(
        resilience.Inputs(programme=programme, before=today.exposures, after=after.exposures),
        resilience.Options(),
    )


def _safety(
    programme: Programme,
    joint: network.Result,
    today: dependence.Result,
    after: dependence.Result,
    fragility: resilience.Result,
) -> resilience.Safety:
    """Compare today, the plan and the plan with each safeguard, and the plan year by year."""
    by_year = {
        year: dependence.run(
            dependence.Inputs(programme=programme, plan=joint.tables),
            dependence.Options(year=year, is_explained=False),
        ).exposures
        for year in joint.tables["supply"]["year"].unique().sort()
    }
    return resilience.safety(
        resilience.SafetyInputs(
            programme=programme,
            before=today.exposures,
            after=after.exposures,
            weakest=fragility.weakest,
            plan=joint.tables,
            by_year=by_year,
            demand_value_mn=after.totals.demand_value_mn,
        )
    )


def _forum(programme: Programme, pairs: partners.Result, options: PlanOptions) -> forum.Result:
    return forum.run(
        forum.Inputs(programme=programme, matches=pairs.matches),
        forum.Options(seed=options.seed),
    )


def _projects(
    programme: Programme, pairs: partners.Result, joint: network.Result
) -> projects.Result:
    return projects.run(
        projects.Inputs(
            programme=programme,
            matches=pairs.matches,
            openings=joint.tables["openings"],
            as_of=programme.settings.rule_instant,
        ),
        projects.Options(),
    )


class _Clock:
    """Times each room and tells the face what is being done."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def room(self, name: str, share_done: float) -> Iterator[None]:
        self.progress(share_done, name)
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started

    def within(self, first: float, last: float) -> Progress:
        """Return a callback that maps a room's own 0–1 onto its part of the whole."""
        return lambda share, doing: self.progress(first + (last - first) * share, doing)


def _with_options(programme: Programme, options: PlanOptions) -> Programme:
    settings = replace(
        programme.settings,
        scenario_id=options.scenario_id or programme.settings.scenario_id,
        deal_id=options.deal_id or programme.settings.deal_id,
        rule_instant=options.rule_instant or programme.settings.rule_instant,
    )
    for table, column, wanted in (
        ("scenarios", "scenario_id", settings.scenario_id),
        ("deals", "deal_id", settings.deal_id),
    ):
        known = programme[table][column].to_list()
        if wanted not in known:
            raise UsageError(
                f"there is no {column} {wanted!r} in {table}; there are: {', '.join(known)}",
                code="U005",
            )
    return replace(programme, settings=settings)


def _networks(
    programme: Programme, law: Law, options: PlanOptions, progress: Progress
) -> tuple[network.Result, network.Result]:
    """Return the joint plan, and what the host could do alone.

    The two searches share nothing, so each has a core. The user's limits bind the joint plan;
    what the host does without a partner is measured free of them.
    """
    free = replace(programme, tables={**programme.tables, "limits": programme["limits"].clear()})
    threads = max(1, options.threads // 2)
    with Child(preload=("coproduce.network",)) as child, ThreadPoolExecutor(1) as pool:
        task = (
            network.Inputs(programme=free, law=law.tables),
            _network_options(programme, options, "host_alone", threads),
        )
        other = pool.submit(
            child.run, run_network, task, timeout_s=CHILD_GRACE * options.time_limit_s + 60.0
        )
        try:
            joint = network.run(
                network.Inputs(programme=programme, law=law.tables),
                replace(_network_options(programme, options, "joint", threads), progress=progress),
            )
        except BaseException:
            child.close()
            raise
        progress(0.95, "what the host could do alone")
        return joint, other.result()


def _verify(programme: Programme, law: Law, joint: network.Result) -> None:
    """Let the checker, which does not know the model, count the plan again from its tables."""
    network.verify_plan(
        programme,
        law.tables,
        joint.tables,
        joint.proof,
        mode="joint",
        deal_id=programme.settings.deal_id,
        scenario_id=programme.settings.scenario_id,
    )


def run_network(task: tuple[network.Inputs, network.Options]) -> network.Result:
    """Return `network.run` of a task, for a process of its own."""
    return network.run(*task)


def _network_options(
    programme: Programme, options: PlanOptions, mode: Mode, threads: int
) -> network.Options:
    return network.Options(
        mode=mode,
        deal_id=programme.settings.deal_id,
        scenario_id=programme.settings.scenario_id,
        gap_share=options.gap_share,
        time_limit_s=options.time_limit_s,
        seed=options.seed,
        threads=threads,
    )


class _HasFigures(Protocol):
    @property
    def figures(self) -> tuple[Figure, ...]: ...


def _figures(
    by_state: Mapping[str, _HasFigures], others: Sequence[_HasFigures]
) -> dict[str, Figure]:
    """Return all figures by id; a room that ran twice gets its state in front."""
    found: dict[str, Figure] = {}
    for state, room in [*by_state.items(), *(("", room) for room in others)]:
        for figure in room.figures:
            name = f"{state}.{figure.figure_id}" if state else figure.figure_id
            if name in found:
                raise ModelError(f"two figures are called {name}; rename one", code="C001")
            parts = tuple(f"{state}.{part}" if state else part for part in figure.parts)
            found[name] = replace(figure, figure_id=name, parts=parts)
    return found


def _manifest(programme: Programme, options: PlanOptions, joint: network.Result) -> dict[str, Any]:
    settings = programme.settings
    return {
        "coproduce": __version__,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in ("polars", "numpy", "highspy", "ortools")},
        "programme_id": settings.programme_id,
        "programme_hash": programme.content_hash,
        "rule_instant": settings.rule_instant.isoformat(),
        "scenario_id": settings.scenario_id,
        "deal_id": settings.deal_id,
        "options": {
            "gap_share": options.gap_share,
            "time_limit_s": options.time_limit_s,
            "threads": options.threads,
            "seed": options.seed,
        },
        "proof": joint.proof.as_dict(),
        "warnings": [str(issue) for issue in programme.warnings],
    }
