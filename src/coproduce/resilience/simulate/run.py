"""The simulator's one call: replications in chunks, seeded, stoppable, with intervals."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coproduce.records.errors import Cancelled, UsageError
from coproduce.resilience.simulate import rows, vectorised
from coproduce.resilience.simulate.network import Item, Network
from coproduce.resilience.simulate.plan import Plan, compiled, keys, state

Floats = NDArray[np.float64]
CHUNK_S = 0.3
NUMPY_CHUNK = 1024
FEWEST = 2


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """How to simulate.

    Attributes:
        horizon: time that counts (days).
        warm_up: time before it that does not (days).
        replications: independent repetitions.
        seed: same seed, same fates, whatever the plan: so plans are compared on common numbers.
        intervals: pieces of the horizon for the course of shortage over time.
        confidence: of every interval (0-1).
        engine: ``auto`` (compiled where numba is installed), ``compiled`` or ``numpy``.
    """

    horizon: float = 3650.0
    warm_up: float = 365.0
    replications: int = 100
    seed: int = 1
    intervals: int = 1
    confidence: float = 0.95
    engine: str = "auto"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications with its t-interval.

    Attributes:
        half: half of the interval's width.
    """

    mean: float
    half: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was simulated.

    Attributes:
        replications: done; `asked` were asked for.
        shortage: unmet at once over demanded, all items (share).
        served: item label → share of demand unmet.
        course: by interval: end (days), mean shortage and the 5 % and 95 % of replications.
        shares: shortage of each replication, for paired comparison.
        cost: holding, orders and shortage by day (money of the file).
        sums: replication × measure × item as the kernel gives it.
        events: flips, fillings and emptyings; in days: item-days.
        cpu_s: processor time of the engine.
    """

    replications: int
    asked: int
    shortage: Estimate
    full_time: Estimate
    cost: Estimate
    served: dict[str, Estimate]
    stock: dict[str, float]
    course: tuple[tuple[float, float, float, float], ...]
    shares: Floats
    sums: Floats
    events: float
    cpu_s: float
    engine: str

    @property
    def is_complete(self) -> bool:
        """Whether all replications were done."""
        return self.replications == self.asked


def simulate(
    network: Network,
    options: SimulateOptions | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Outcome:
    """Return what the network delivers when things break.

    Stopped half-way (by `is_cancelled` or Ctrl-C), it returns what was finished, with the wider
    interval of fewer replications.

    Args:
        progress: called with replications done and asked.

    Raises:
        UsageError: S210 for options that make no sense, S211 without numba if it was asked for.
        ModelError: S206, S208 if the network cannot be run.
        Cancelled: S220 if it was stopped before two replications.
    """
    options = _sound(options or SimulateOptions())
    plan = compiled(network)
    work = _Work(plan, options)
    try:
        while work.done < options.replications and not (is_cancelled and is_cancelled()):
            work.go_on()
            if progress:
                progress(work.done, options.replications)
    except KeyboardInterrupt:
        pass
    if work.done < min(FEWEST, options.replications):
        raise Cancelled(
            f"stopped after {work.done} replications; an interval needs {FEWEST}", code="S220"
        )
    return _outcome(work)


def estimate(values: Floats, confidence: float) -> Estimate:
    """Return mean and half-width of the t-interval of independent values.

    Example:
        >>> made = estimate(np.array([1.0, 2.0, 3.0]), 0.95)
        >>> round(made.mean, 6), round(made.half, 4)
        (2.0, 2.4841)
    """
    from scipy.special import stdtrit

    count = len(values)
    if count < FEWEST:
        return Estimate(float(values.mean()), float("inf"))
    spread = float(values.std(ddof=1)) / count**0.5
    return Estimate(
        float(values.mean()), float(stdtrit(count - 1, 0.5 + confidence / 2.0)) * spread
    )


def compared(first: Outcome, second: Outcome, confidence: float = 0.95) -> Estimate:
    """Return how much more is short in the second, paired by replication (share)."""
    count = min(first.replications, second.replications)
    return estimate(second.shares[:count] - first.shares[:count], confidence)


class _Work:
    """The chunks done so far."""

    def __init__(self, plan: Plan, options: SimulateOptions) -> None:
        self.plan, self.options = plan, options
        self.engine = _engine(options.engine)
        ends = options.warm_up + options.horizon * np.arange(options.intervals + 1) / (
            options.intervals
        )
        self.marks = np.floor(ends + 0.5).astype(np.int64) if plan.is_daily else ends
        self.done, self.size = 0, 1
        self.cpu_s = 0.0
        self.sums: list[Floats] = []
        self.courses: list[Floats] = []
        if self.engine == "compiled":
            from coproduce.resilience.simulate import compiled as fast

            name = "days" if plan.is_daily else "star" if plan.is_star else "events"
            self.run: Callable[..., None] = fast.engine(name)
            self.state = state(plan)
        else:
            self.run = vectorised.all_days if plan.is_daily else vectorised.all_events

    def go_on(self) -> None:
        """Do one more chunk; its size follows the time the last one took."""
        net = self.plan.net
        left = self.options.replications - self.done
        count = min(left, self.size if self.engine == "compiled" else NUMPY_CHUNK)
        made = np.zeros((count, rows.MEASURES, net.items))
        course = np.zeros((count, len(self.marks), 2, net.items))
        chances = keys(self.plan, self.options.seed, self.done, count)
        wide = self.engine != "compiled"
        st = state(self.plan, count) if wide else self.state
        acc = np.zeros((rows.MEASURES, net.items, *((count,) if wide else ())))
        started = time.process_time()
        self.run(net, st, acc, chances, self.marks, made, course)
        took = time.process_time() - started
        self.cpu_s += took
        if self.done:
            self.size = max(1, min(4096, int(count * CHUNK_S / max(took, 1e-6))))
        self.done += count
        self.sums.append(made)
        self.courses.append(course)


def _sound(options: SimulateOptions) -> SimulateOptions:
    for name, value, is_right, need in (
        ("horizon", options.horizon, options.horizon > 0, "above nil"),
        ("warm-up", options.warm_up, options.warm_up >= 0, "nil or more"),
        ("replications", options.replications, options.replications >= FEWEST, "2 or more"),
        ("seed", options.seed, 0 <= options.seed < 2**63, "nil or more"),
        ("intervals", options.intervals, 1 <= options.intervals <= 10_000, "1 to 10,000"),
        ("confidence", options.confidence, 0 < options.confidence < 1, "between 0 and 1"),
    ):
        if not is_right:
            raise UsageError(f"{name} is {value:g}; it must be {need}", code="S210")
    return options


def _engine(wanted: str) -> str:
    if wanted not in ("auto", "compiled", "numpy"):
        raise UsageError(
            f"engine {wanted!r} is not known; use auto, compiled or numpy", code="S210"
        )
    has_numba = importlib.util.find_spec("numba") is not None
    if wanted == "compiled" and not has_numba:
        raise UsageError(
            "the compiled engine needs numba; install coproduce[fast] or use numpy", code="S211"
        )
    return "compiled" if has_numba and wanted != "numpy" else "numpy"


def label(item: Item) -> str:
    """Return how an item is named in answers."""
    return f"{item.product_id} at {item.node_id}"


def _shares(unmet: Floats, asked: Floats) -> Floats:
    """Return what is missing of what was asked; nothing is missing where nothing was asked."""
    return np.divide(unmet, asked, out=np.zeros_like(unmet), where=asked > 0)


def _outcome(work: _Work) -> Outcome:
    options, items = work.options, work.plan.items
    sums = np.concatenate(work.sums)
    course = np.concatenate(work.courses)[:, 1:]
    asked, unmet = sums[:, rows.SUM_DEMAND], sums[:, rows.SUM_UNMET]
    sold = [k for k, item in enumerate(items) if item.demand]
    shares = _shares(unmet.sum(axis=1), asked.sum(axis=1))
    time_ = float(work.marks[-1] - work.marks[0])
    full = sums[:, rows.SUM_FULL][:, sold].mean(axis=1) / time_
    costs = _cost(items, sums) / time_
    confidence = options.confidence
    return Outcome(
        replications=work.done,
        asked=options.replications,
        shortage=estimate(shares, confidence),
        full_time=estimate(full, confidence),
        cost=estimate(costs, confidence),
        served={
            label(items[k]): estimate(_shares(unmet[:, k], asked[:, k]), confidence) for k in sold
        },
        stock={
            label(item): float(sums[:, rows.SUM_STOCK, k].mean() / time_)
            for k, item in enumerate(items)
        },
        course=_course(course, work.marks[1:]),
        shares=shares,
        sums=sums,
        events=float(sums[:, rows.SUM_EVENTS, 0].sum()),
        cpu_s=work.cpu_s,
        engine=work.engine,
    )


def _cost(items: tuple[Item, ...], sums: Floats) -> Floats:
    """Return holding, order and shortage cost of each replication."""

    def of(name: str) -> Floats:
        return np.array([getattr(item, name) for item in items])

    waits = np.array([bool(item.demand and item.demand.waits) for item in items])
    short = np.where(waits, sums[:, rows.SUM_BACKLOG], sums[:, rows.SUM_UNMET])
    total: Floats = (
        sums[:, rows.SUM_STOCK] @ of("holding_cost")
        + sums[:, rows.SUM_ORDERS] @ of("order_cost")
        + short @ of("shortage_cost")
    )
    return total


def _course(course: Any, ends: Any) -> tuple[tuple[float, float, float, float], ...]:
    asked = course[:, :, 0].sum(axis=2)
    share = course[:, :, 1].sum(axis=2) / np.maximum(asked, 1e-300)
    low, high = np.quantile(share, (0.05, 0.95), axis=0)
    return tuple(
        (float(end), float(mean), float(a), float(b))
        for end, mean, a, b in zip(ends, share.mean(axis=0), low, high, strict=True)
    )


__all__ = ["Estimate", "Outcome", "SimulateOptions", "compared", "estimate", "label", "simulate"]
