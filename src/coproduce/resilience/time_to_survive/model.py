"""The linear programmes of one scenario: least loss for a time, longest time without loss.

Quantities are sums over the time that a scenario lasts. With y what each node makes of each
product, l what is lost, t the time: stock + made - used as input + l ≥ demand t for each product,
capacity used ≤ capacity t for each node. Least loss: min Σ f l at a fixed t. Time to survive:
max t with l = 0.

Source: Simchi-Levi, Schmidt, Wei, Zhang, Combs, Ge, Gusikhin, Sanders, Zhang, Identifying Risks
and Mitigating Disruptions in the Automotive Supply Chain, Interfaces 45(5), 2015.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coproduce.engines.lp import Solution, solve
from coproduce.engines.lp_build import Builder, Problem
from coproduce.records.errors import ModelError
from coproduce.resilience.time_to_survive.network import Scenario, SurviveNetwork

LONGEST = 999.0
"""A time to survive at or above this many periods is printed as this many, and said."""


@dataclass(frozen=True, slots=True)
class Model:
    """One scenario as a linear programme whose last column is time.

    Attributes:
        problem: least loss; the bounds of the last column fix the time.
        lost: columns of what is lost, one per product with demand.
        stock_rows: product → its row.
        node_rows: node → its row.
    """

    problem: Problem
    lost: tuple[int, ...]
    stock_rows: dict[str, int]
    node_rows: dict[str, int]

    def least_loss(self, periods: float) -> Solution:
        """Return the answer with the least loss over a time.

        Raises:
            ModelError: S123 if the solver stops without an answer.
        """
        lower, upper = self.problem.col_lower.copy(), self.problem.col_upper.copy()
        lower[-1] = upper[-1] = periods
        return _solved(self.problem.with_bounds(lower, upper))

    def longest(self, most: float) -> Solution:
        """Return the answer that lasts longest without loss, at most so many periods."""
        lower, upper = self.problem.col_lower.copy(), self.problem.col_upper.copy()
        upper[list(self.lost)] = 0.0
        lower[-1], upper[-1] = 0.0, most
        cost = np.zeros(self.problem.columns)
        cost[-1] = -1.0
        return _solved(self.problem.with_cost(cost).with_bounds(lower, upper))


def build(network: SurviveNetwork, scenario: Scenario) -> Model:
    """Return the programme of a scenario."""
    builder = Builder()
    names = list(network.products)
    rows = builder.add_rows(
        len(names), lower=[-one.stock for one in network.products.values()], upper=np.inf
    )
    stock_rows = dict(zip(names, rows.tolist(), strict=True))
    node_names = list(network.capacity)
    nodes = builder.add_rows(len(node_names), upper=0.0)
    node_rows = dict(zip(node_names, nodes.tolist(), strict=True))
    for (node, product), used in network.makes.items():
        is_down = bool(scenario.down & {(node, ""), (node, product)})
        column = builder.add_columns(1, upper=0.0 if is_down else np.inf)
        builder.add_entries(stock_rows[product], column, 1.0)
        builder.add_entries(node_rows[node], column, used)
        for needed, per_unit in network.bom.get(product, {}).items():
            builder.add_entries(stock_rows[needed], column, -per_unit)
    lost = []
    for name, wanted in network.products.items():
        if wanted.demand > 0:
            column = builder.add_columns(1, cost=wanted.loss_per_unit)
            builder.add_entries(stock_rows[name], column, 1.0)
            lost.append(int(column[0]))
    time = builder.add_columns(1)
    builder.add_entries(rows, time, [-one.demand for one in network.products.values()])
    builder.add_entries(nodes, time, [-one for one in network.capacity.values()])
    return Model(builder.problem(), tuple(lost), stock_rows, node_rows)


def dual_gap(problem: Problem, found: Solution) -> float:
    """Return how far the value of the duals lies from the objective, relative to it.

    Reckoned here from prices and bounds alone, so that it does not rest on the solver's word.
    """
    value = 0.0
    for prices, lower, upper in (
        (found.row_dual, problem.row_lower, problem.row_upper),
        (found.reduced_cost, problem.col_lower, problem.col_upper),
    ):
        bound = np.where(prices > 0, lower, upper)
        used = np.abs(prices) > 1e-12
        value += float(prices[used] @ bound[used])
    return abs(value - found.objective) / max(1.0, abs(found.objective))


def _solved(problem: Problem) -> Solution:
    found = solve(problem, threads=1)
    if found.was_interrupted:
        raise KeyboardInterrupt
    if found.status != "optimal":
        raise ModelError(
            f"the solver says {found.status} of a programme that always has an answer; look for "
            "numbers of very different size",
            code="S123",
        )
    return found


__all__ = ["LONGEST", "Model", "build", "dual_gap"]
