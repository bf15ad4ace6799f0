"""The case as a mixed-integer problem; `docs/method/network.md` derives every row.

What decides whether the problem closes: a line-open column per line and year with an upper bound
for every product on it, the national pool in place of flows from site to zone, and freight priced
by a feasible point of the transport dual, so that the pool's value is never below the true one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from coproduce.engines.lp import Builder, Problem
from coproduce.network.case import Case, Floats, Key, Line, Part
from coproduce.network.dominance import dominators
from coproduce.network.freight import FreightPrices

Ints = npt.NDArray[np.int32]


@dataclass(slots=True)
class Columns:
    """Where each decision sits; years not allowed have no column.

    Attributes:
        build: (line, size number) → columns by order year, first year first.
        is_open: line → columns by year from its first possible output.
        make: (key, line) → columns by year from the line's first possible output.
        buy: (key, source) → columns by year.
        sell: (market number, bid number) → (year numbers, columns).
        start: key → columns by year from the first possible output of any of its lines: 1 once
            its transfer is paid for.
        others, unmet: market number → columns by year, where supply can run short.
        relief: site → columns by year.
    """

    build: dict[tuple[int, int], Ints] = field(default_factory=dict)
    is_open: dict[int, Ints] = field(default_factory=dict)
    make: dict[tuple[Key, int], Ints] = field(default_factory=dict)
    buy: dict[tuple[Key, str], Ints] = field(default_factory=dict)
    sell: dict[tuple[int, int], tuple[Ints, Ints]] = field(default_factory=dict)
    start: dict[Key, Ints] = field(default_factory=dict)
    others: dict[int, Ints] = field(default_factory=dict)
    unmet: dict[int, Ints] = field(default_factory=dict)
    relief: dict[str, Ints] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """The problem with the map of its columns and of the rows that a reader asks about."""

    problem: Problem
    columns: Columns
    capacity_rows: dict[int, Ints]
    demand_rows: dict[int, Ints]
    limit_rows: dict[str, list[int]]
    dominators: dict[int, tuple[int, ...]]

    @property
    def is_limited(self) -> bool:
        """The user set limits."""
        return bool(self.limit_rows)


class Assembly:
    """Builds the model of a case; each method adds one family of columns and rows."""

    def __init__(self, case: Case, freight: FreightPrices) -> None:
        self.case, self.freight = case, freight
        self.build = Builder(is_maximised=True)
        self.columns = Columns()
        self.years = len(case.years)
        self.capacity_rows: dict[int, Ints] = {}
        self.demand_rows: dict[int, Ints] = {}
        self.limit_rows: dict[str, list[int]] = {}
        self.build_worth: dict[tuple[int, int], Floats] = {}
        self.make_worth: dict[tuple[Key, int], Floats] = {}
        discount = case.discount_by_year
        # After the horizon the last year's cash goes on, taxed without relief.
        self.after = np.zeros(self.years)
        self.after[-1] = case.annuity * discount[-1]
        self.worth_trade = (discount + self.after) * (1.0 - case.trade_rate_by_year)

    def add_all(self) -> None:
        """Add every column and row of the plan itself; limits come after."""
        self._add_lines()
        self._add_making()
        self._add_buying()
        self._add_selling()
        self._add_balances()
        self._add_starts()
        self._add_shortage()
        self._add_relief()

    def model(self) -> Model:
        """Return what has been added."""
        return Model(
            self.build.problem(),
            self.columns,
            self.capacity_rows,
            self.demand_rows,
            self.limit_rows,
            dominators(self.case, self.columns, self.build_worth, self.make_worth)
            if not self.limit_rows
            else {},
        )

    def tax_rate(self, line: Line) -> Floats:
        """Return the rate that a line's columns carry; capped relief has columns of its own."""
        site = self.case.sites[line.site_id]
        return site.general_by_year if site.is_relief_capped else site.rate_by_year

    def worth_site(self, line: Line) -> Floats:
        """Return the worth of a unit of a line's yearly cash, after tax, with what comes after."""
        site = self.case.sites[line.site_id]
        return self.case.discount_by_year * (1.0 - self.tax_rate(line)) + self.after * (
            1.0 - site.general_by_year
        )

    def _add_lines(self) -> None:
        for number, line in enumerate(self.case.lines):
            last_order = self.years - line.lead_years
            # Nothing is ordered before the first year allowed, so nothing is open or made.
            is_allowed = np.arange(last_order) >= line.first_order
            open_cols = self.build.add_columns(
                last_order, upper=is_allowed.astype(np.float64), is_integer=True
            )
            self.columns.is_open[number] = open_cols
            rows = self.build.add_rows(last_order, upper=0.0)
            capacity = self.build.add_rows(last_order, upper=0.0)
            self.capacity_rows[number] = capacity
            self.build.add_entries(rows, open_cols, 1.0)
            fit = self.build.add_rows(1, upper=float(line.max_modules))
            most = self._most_used(number)[line.lead_years :]
            for index, size in enumerate(line.sizes):
                self.build_worth[number, index] = self._build_worth(line, index)
                cols = self.build.add_columns(
                    last_order,
                    cost=self.build_worth[number, index],
                    upper=is_allowed * float(line.max_modules),
                    is_integer=True,
                )
                self.columns.build[number, index] = cols
                self.build.add_entries(fit, cols, 1.0)
                for order in range(last_order):
                    # What is ordered at `order` is open from row `order` on (first output year).
                    later = np.arange(order, last_order)
                    self.build.add_entries(rows[later], cols[order], -1.0)
                    share = np.array([line.usable(int(t) - order) for t in later])
                    # Capacity beyond all that could ever be needed is none: a tighter relaxation.
                    room = np.minimum(size.capacity * share, most[later])
                    self.build.add_entries(capacity[later], cols[order], -room)
            self._add_monotone(open_cols)

    def _most_used(self, number: int) -> Floats:
        """Return the capacity of a line that all its products together could ever need."""
        out = np.zeros(self.years)
        for part in self.case.parts.values():
            if number in part.lines:
                out += part.use_per_unit * part.need_by_year
        return out

    def _add_monotone(self, cols: Ints) -> None:
        if len(cols) > 1:
            rows = self.build.add_rows(len(cols) - 1, upper=0.0)
            self.build.add_entries(rows, cols[:-1], 1.0)
            self.build.add_entries(rows, cols[1:], -1.0)

    def _build_worth(self, line: Line, index: int) -> Floats:
        size, rate = line.sizes[index], self.tax_rate(line)
        worth, discount = self.worth_site(line), self.case.discount_by_year
        last_order = self.years - line.lead_years
        out = np.zeros(last_order)
        for order in range(last_order):
            first = order + line.lead_years
            capex = size.capex_by_year[order]
            written = depreciation(capex, line.life_years, first, self.years)
            out[order] = -capex * discount[order]
            out[order] -= float((size.fixed_by_year * worth)[first:].sum())
            out[order] += float((written * rate * discount).sum())
        return out

    def margin(self, part: Part) -> Floats:
        """Return transfer price less inputs and variable cost, per unit by year."""
        out = part.transfer_by_year - part.variable_mn
        for key, quantity in part.inputs.items():
            out = out - quantity * self.case.parts[key].transfer_by_year
        return out

    def _pool_cost(self, part: Part) -> Floats:
        """Return what the trade account pays for a unit net of what it sells to make it."""
        out = part.transfer_by_year.copy()
        for key, quantity in part.inputs.items():
            out -= quantity * self.case.parts[key].transfer_by_year
        return out

    def _add_making(self) -> None:
        for part in self.case.parts.values():
            margin, pool = self.margin(part), self._pool_cost(part)
            for number in part.lines:
                line = self.case.lines[number]
                freight = self.freight.made(self.case, part, line.site_id)
                worth = margin * self.worth_site(line)
                worth = worth - (pool + freight) * self.worth_trade
                worth = worth[line.lead_years :]
                self.make_worth[part.key, number] = worth
                is_allowed = np.arange(len(worth)) >= line.first_order
                most = np.where(is_allowed, np.inf, 0.0)
                cols = self.build.add_columns(len(worth), cost=worth, upper=most)
                self.columns.make[part.key, number] = cols
                self.build.add_entries(self.capacity_rows[number], cols, part.use_per_unit)
                self._bound_by_open(part, line, cols, self.columns.is_open[number])

    def _bound_by_open(self, part: Part, line: Line, cols: Ints, open_cols: Ints) -> None:
        rows = self.build.add_rows(len(cols), upper=0.0)
        self.build.add_entries(rows, cols, 1.0)
        self.build.add_entries(rows, open_cols, -most_made(part, line))

    def _add_buying(self) -> None:
        for part in self.case.parts.values():
            for supply in part.supplies:
                inland = self.freight.bought(part, supply)
                cols = self.build.add_columns(
                    self.years,
                    cost=-(supply.delivered_by_year + inland) * self.worth_trade,
                    upper=np.minimum(supply.capacity_by_year, part.need_by_year),
                )
                self.columns.buy[part.key, supply.source_id] = cols

    def _add_selling(self) -> None:
        for number, market in enumerate(self.case.markets):
            final = self.case.parts[self.case.final_of[market.product_id]]
            if not final.lines:
                continue
            into = market.zone_shares @ self.freight.into_zones * final.tonnes_per_unit
            bids = [
                (index, bid)
                for index, bid in enumerate(market.bids)
                if self._is_possible(bid.route.needs)
            ]
            room = market.room_by_year([bid for _, bid in bids])
            rows = self.build.add_rows(self.years, upper=room)
            self.demand_rows[number] = rows
            for index, bid in bids:
                cap = market.cap_by_year(bid)
                open_years = np.flatnonzero(cap > 0.0)
                if not open_years.size:
                    continue
                worth = self._sale_worth(bid.price_by_year, into)
                cols = self.build.add_columns(len(open_years), cost=worth[open_years])
                self.columns.sell[number, index] = (open_years.astype(np.int32), cols)
                # A lot is fought one way or the other: each bid fills its part of one demand.
                part = room[open_years] / cap[open_years]
                self.build.add_entries(rows[open_years], cols, part)

    def _sale_worth(self, price: Floats, into: Floats) -> Floats:
        """Return the worth of one unit sold: price, selling cost, freight in, money tied up."""
        case = self.case
        margin = price * (1.0 - case.overhead_share) - into
        # Tied up in the year of the sale, set free in the next; after the horizon, at its end.
        free = np.append(case.discount_by_year[1:], case.discount_by_year[-1] * case.returned)
        tied = case.working_share * (case.discount_by_year - free)
        return np.asarray(margin * self.worth_trade - price * tied)

    def _is_possible(self, needs: dict[Key, float]) -> bool:
        return all(
            self.case.parts[key].lines
            or any(supply.is_inside for supply in self.case.parts[key].supplies)
            for key in needs
        )

    def _add_balances(self) -> None:
        """A finished good made is sold; any other output made or bought is used, pool by pool."""
        pool = {key: self.build.add_rows(self.years, lower=0.0, upper=0.0) for key in self.parts}
        inside = {
            key: self.build.add_rows(self.years, lower=0.0)
            for key, part in self.parts.items()
            if not part.is_final
        }
        for (key, number), cols in self.columns.make.items():
            first = self.case.lines[number].lead_years
            self.build.add_entries(pool[key][first:], cols, 1.0)
            if key in inside:
                self.build.add_entries(inside[key][first:], cols, 1.0)
            for source, quantity in self.parts[key].inputs.items():
                self.build.add_entries(pool[source][first:], cols, -quantity)
        for (key, source_id), cols in self.columns.buy.items():
            self.build.add_entries(pool[key], cols, 1.0)
            if next(s for s in self.parts[key].supplies if s.source_id == source_id).is_inside:
                self.build.add_entries(inside[key], cols, 1.0)
        for (number, index), (when, cols) in self.columns.sell.items():
            market = self.case.markets[number]
            final = self.case.final_of[market.product_id]
            self.build.add_entries(pool[final][when], cols, -1.0)
            for key, quantity in market.bids[index].route.needs.items():
                if key in inside:
                    self.build.add_entries(inside[key][when], cols, -quantity)

    @property
    def parts(self) -> dict[Key, Part]:
        """Every output of a stage."""
        return self.case.parts

    def _add_starts(self) -> None:
        """The first year in which a stage of a product is made pays for its transfer."""
        if self.case.start_cost_mn <= 0.0:
            return
        by_key: dict[Key, list[int]] = {}
        for key, number in self.columns.make:
            by_key.setdefault(key, []).append(number)
        for key, numbers in by_key.items():
            first = min(self.case.lines[number].lead_years for number in numbers)
            paid = self.case.discount_by_year * (1.0 - self.case.trade_rate_by_year)
            # The columns say whether the stage has been started; a step up is what is paid for.
            step = paid[first:] - np.append(paid[first + 1 :], 0.0)
            cols = self.build.add_columns(
                self.years - first,
                cost=-self.case.start_cost_mn * step,
                upper=1.0,
                is_integer=True,
            )
            self.columns.start[key] = cols
            self._add_monotone(cols)
            rows = self.build.add_rows(self.years - first, upper=0.0)
            for number in numbers:
                made = self.columns.make[key, number]
                self.build.add_entries(rows[-len(made) :], made, 1.0)
            self.build.add_entries(rows, cols, -self.parts[key].need_by_year[first:])

    def _add_shortage(self) -> None:
        """Where today's makers can run short, what nobody meets costs a multiple of its price."""
        by_product: dict[str, list[int]] = {}
        for number, market in enumerate(self.case.markets):
            by_product.setdefault(market.product_id, []).append(number)
        for product_id, numbers in by_product.items():
            capacity = self.case.others[product_id].capacity_by_year
            whole = sum(self.case.markets[number].demand_by_year for number in numbers)
            if (capacity >= whole).all():
                continue
            limit = self.build.add_rows(self.years, upper=capacity)
            for number in numbers:
                market = self.case.markets[number]
                others = self.build.add_columns(self.years)
                penalty = self.case.shortage_factor * market.list_price_by_year
                unmet = self.build.add_columns(
                    self.years, cost=-penalty * self.case.discount_by_year
                )
                self.columns.others[number], self.columns.unmet[number] = others, unmet
                self.build.add_entries(limit, others, 1.0)
                demand = market.demand_by_year
                met = self.build.add_rows(self.years, lower=demand, upper=demand)
                self.build.add_entries(met, others, 1.0)
                self.build.add_entries(met, unmet, 1.0)
                for when, cols in self._sold_in(number):
                    self.build.add_entries(met[when], cols, 1.0)

    def _sold_in(self, number: int) -> list[tuple[Ints, Ints]]:
        return [found for (market, _), found in self.columns.sell.items() if market == number]

    def _add_relief(self) -> None:
        """Relief at a capped site: at most its profit's, in sum at most its capital cost."""
        for site_id, site in self.case.sites.items():
            spared = site.general_by_year - site.rate_by_year
            if not site.is_relief_capped or not (spared > 0).any():
                continue
            cols = self.build.add_columns(
                self.years, cost=self.case.discount_by_year, lower=-np.inf
            )
            self.columns.relief[site_id] = cols
            rows = self.build.add_rows(self.years, upper=0.0)
            total = self.build.add_rows(1, upper=0.0)
            self.build.add_entries(rows, cols, 1.0)
            self.build.add_entries(total, cols, 1.0)
            for number, line in enumerate(self.case.lines):
                if line.site_id == site_id:
                    self._add_profit(number, line, rows, total, spared)

    def _add_profit(
        self, number: int, line: Line, rows: Ints, total: Ints, spared: Floats
    ) -> None:
        first = line.lead_years
        for part in self.parts.values():
            if number in part.lines:
                earned = self.margin(part) * spared
                cols = self.columns.make[part.key, number]
                self.build.add_entries(rows[first:], cols, -earned[first:])
        for index, size in enumerate(line.sizes):
            for order, col in enumerate(self.columns.build[number, index]):
                capex = size.capex_by_year[order]
                cost = depreciation(capex, line.life_years, order + first, self.years)
                cost[order + first :] += size.fixed_by_year[order + first :]
                self.build.add_entries(rows, col, cost * spared)
                self.build.add_entries(total, col, -capex)


def most_made(part: Part, line: Line) -> Floats:
    """Return the most of a part that a line could ever make, by year from its first output."""
    largest = line.max_modules * max((size.capacity for size in line.sizes), default=0.0)
    need = part.need_by_year[line.lead_years :]
    return np.asarray(np.minimum(need, largest / part.use_per_unit))


def depreciation(capex_mn: float, life_years: float, first: int, years: int) -> Floats:
    """Return capital cost written off by year, in equal parts from year number `first`.

    A last part of a life that is not whole is written off in proportion.

    Example:
        >>> depreciation(10.0, 2.5, 1, 5).tolist()
        [0.0, 4.0, 4.0, 2.0, 0.0]
    """
    age = np.arange(years) - first
    part = np.clip(life_years - age, 0.0, 1.0) * (age >= 0)
    return np.asarray(capex_mn / life_years * part)
