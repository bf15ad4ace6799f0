"""Branch and price over cells of room, for second stages that are step functions.

Each block takes one cell of a grid over its room, at the least cost inside the cell and with the
least room of the cell. A linear programme mixes cells; its prices ask every block for its
cheapest cell. Where the mix leans on cells that hold several corners, those cells are split;
where it mixes exact cells, the room or a whole first-stage column is branched on.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np

from coproduce.engines import lp
from coproduce.engines.lp_held import Held, Keeper, whole
from coproduce.network.location.clock import Clock
from coproduce.network.location.stochastic.grid import Cell, Grid
from coproduce.network.location.stochastic.parts import Part, Proof, Tree
from coproduce.network.location.stochastic.reach import Reach, narrowed
from coproduce.network.location.stochastic.staircase import Staircase, seconds
from coproduce.network.location.stochastic.types import Found, TwoStage, no_answer
from coproduce.network.location.types import Floats, Options

_IN_MIX = 1e-6  # share of a cell that counts
_WHOLE = 1e-6
_GAIN = 1e-7  # a cell cheaper by less than this does not enter
_MOST_NODES = 40_000  # of a tree that is written down


@dataclass(slots=True)
class _Column:
    """A cell in the linear programme; a block's cell is live until it is split."""

    number: int
    block: int
    low: Floats
    end: Floats
    is_live: bool = True


def search(problem: TwoStage, stairs: list[Staircase], options: Options, clock: Clock) -> Found:
    """Return the best first stage with its bound and the tree that proves it.

    Raises:
        ModelError: there is no answer (code ``N042``).
    """
    return _Search(problem, stairs, options, clock).run()


class _Search:
    def __init__(
        self, problem: TwoStage, stairs: list[Staircase], options: Options, clock: Clock
    ) -> None:
        core, first, top = problem.core, problem.first_columns, problem.first_rows
        self.problem, self.options, self.clock, self.first = problem, options, clock, first
        self.grids = [Grid.over(stair) for stair in stairs]
        self.cost, self.is_integer = core.cost[:first], core.is_integer[:first]
        self.room = np.concatenate([stair.room for stair in stairs])
        self.floor = np.concatenate([stair.floor for stair in stairs])
        ends = np.cumsum([grid.axes for grid in self.grids])
        self.mine = [
            slice(int(end) - grid.axes, int(end))
            for end, grid in zip(ends, self.grids, strict=True)
        ]
        self.matrix = np.concatenate([core.matrix[:top, :first], self.room])
        self.start = Reach(
            core.lower[:first],
            core.upper[:first],
            np.concatenate([core.row_lower[:top], self.floor]),
            np.concatenate([core.row_upper[:top], np.full(len(self.floor), np.inf)]),
        )
        self.rows, self.bands = slice(0, top), slice(top, top + len(self.floor))
        self.links = slice(self.bands.stop, self.bands.stop + len(self.floor))
        self.sums = slice(self.links.stop, self.links.stop + len(self.grids))
        self.model = self.first_stage()
        # The mix: rows that link rooms to cells, rows that take one cell per block.
        self.mix = Keeper(self.with_links().relaxed(), seed=options.seed)
        self.columns: list[_Column] = []
        self.known: dict[tuple[int, bytes, bytes], _Column] = {}
        self.tried: set[bytes] = set()
        self.lowest = np.inf  # bound of the parts that are done with
        self.tree = Tree()
        self.best: Floats | None = None
        self.best_cost = np.inf

    def first_stage(self) -> lp.Problem:
        """Return the first stage: its rows, then one row per room."""
        built = lp.Builder()
        start = self.start
        x = built.add_columns(self.first, cost=self.cost, lower=start.lower, upper=start.upper)
        rows = built.add_rows(len(self.matrix), lower=start.row_lower, upper=start.row_upper)
        at, column = np.nonzero(self.matrix)
        built.add_entries(rows[at], x[column], self.matrix[at, column])
        return replace(built.problem(), is_integer=self.is_integer.copy())

    def with_links(self) -> lp.Problem:
        """Return the first stage with the rows that cells stand in."""
        built = lp.Builder()
        start = self.start
        x = built.add_columns(self.first, cost=self.cost, lower=start.lower, upper=start.upper)
        matrix = np.concatenate([self.matrix, self.room])
        rooms, blocks = len(self.room), len(self.grids)
        lower = np.concatenate([start.row_lower, np.zeros(rooms), np.ones(blocks)])
        upper = np.concatenate([start.row_upper, np.full(rooms, np.inf), np.ones(blocks)])
        rows = built.add_rows(len(lower), lower=lower, upper=upper)
        at, column = np.nonzero(matrix)
        built.add_entries(rows[at], x[column], matrix[at, column])
        return built.problem()

    def run(self) -> Found:
        """Return the best first stage, with its bound and the tree that proves it."""
        start = self.start
        high = np.full(len(self.floor), np.inf)
        heap = [(-np.inf, 0, Part(0, start.lower, start.upper, self.floor, high, None))]
        nodes = self.tree.nodes
        nodes.append(None)
        while heap and heap[0][0] < self.cutoff() and not self.clock.is_over():
            part = heapq.heappop(heap)[2]
            for child in self.look(part):
                nodes[child.number] = child.proof
                heapq.heappush(heap, (child.bound, child.number, child))
            self.tell(heap[0][0] if heap else self.best_cost)
        bound = min([self.best_cost, self.lowest, *(bound for bound, _, _ in heap)])
        if not np.isfinite(bound) and not heap:
            raise no_answer(self.problem)
        return self.found(bound)

    def found(self, bound: float) -> Found:
        """Return the best with its second stages and the tree."""
        certified, certificate = min(self.best_cost, self.tree.certified), None
        if np.isfinite(certified) and len(self.tree.nodes) <= _MOST_NODES:
            certificate = self.tree.certificate(self.grids)
        second = None
        if self.best is not None:
            second = seconds(self.problem, [grid.stair for grid in self.grids], self.best)
        method = f"branch and price in {len(self.tree.nodes)} parts"
        return Found(self.best, self.best_cost, bound, method, second, certificate, certified)

    def cutoff(self) -> float:
        """Return the bound from which on a part is done with."""
        if self.best is None:
            return np.inf
        return self.best_cost - max(1e-9, 0.5 * self.options.gap_share * abs(self.best_cost))

    def tell(self, bound: float) -> None:
        if self.options.progress is not None and self.best is not None:
            gap = max(0.0, self.best_cost - bound) / max(1e-9, abs(self.best_cost))
            self.options.progress(gap, f"cost {self.best_cost:,.4f}, gap {gap:.4%}")

    def look(self, part: Part) -> list[Part]:
        """Bound a part and note the proof; return what is left of it."""
        top, first = self.rows.stop, self.start
        sides = (
            np.concatenate([first.row_lower[:top], part.low]),
            np.concatenate([first.row_upper[:top], part.high]),
        )
        reach = narrowed(self.matrix, Reach(part.lower, part.upper, *sides), self.is_integer)
        if reach is None:
            self.tree.nodes[part.number] = ("empty",)
            return []
        low = np.maximum(reach.row_lower[top:], self.floor)
        # Just above what is reached: the room itself may be that large.
        high = np.minimum(part.high, reach.row_upper[top:] + 1e-9 * (1.0 + np.abs(low)))
        part = replace(part, lower=reach.lower, upper=reach.upper, low=low, high=high)
        self.mix.bound_columns(whole(range(self.first)), part.lower, part.upper)
        self.mix.bound_rows(whole(range(top, self.bands.stop)), low, np.maximum(low, high))
        self.show(part)
        while True:
            found, proof, is_open = self.priced(part)
            if proof is not None and proof.bound > part.bound:
                part = replace(part, proof=proof)
                self.tree.nodes[part.number] = proof
            if found is None:
                return [part] if is_open else []
            if part.bound < self.cutoff():
                self.try_mix(found)
            if part.bound >= self.cutoff():
                self.lowest = min(self.lowest, part.bound)
                return []
            if self.clock.is_over():
                return [part]
            if not self.split(part, found):
                return self.branch(part, found)

    def show(self, part: Part) -> None:
        """Let the linear programme use the cells of a part alone, and its lowest ones."""
        if self.columns:
            # No roof of 1: the row that sums them has it, and a second would take prices away.
            inside = [self.is_inside(part, column) for column in self.columns]
            upper = np.where(inside, np.inf, 0.0)
            numbers = whole([column.number for column in self.columns])
            self.mix.bound_columns(numbers, np.zeros(len(upper)), upper)
        for block, grid in enumerate(self.grids):
            self.enter(block, grid.cell_of(part.low[self.mine[block]]))

    def is_inside(self, part: Part, column: _Column) -> bool:
        low, high = part.low[self.mine[column.block]], part.high[self.mine[column.block]]
        return column.is_live and bool((column.end > low).all() and (column.low < high).all())

    def enter(self, block: int, cell: Cell) -> bool:
        """Let a cell into the linear programme; return whether it is new there."""
        grid = self.grids[block]
        low, end = grid.low(cell), grid.end(cell)
        key = (block, low.tobytes(), end.tobytes())
        column = self.known.get(key)
        if column is not None:
            self.mix.bound_columns(whole([column.number]), np.zeros(1), np.full(1, np.inf))
            return False
        links = range(self.links.start, self.links.stop)[self.mine[block]]
        rows = whole([*links, self.sums.start + block])
        cost = float(grid.table[cell])
        number = self.mix.add_column(cost, 0.0, np.inf, rows, np.append(-low, 1.0))
        self.known[key] = _Column(number, block, low, end)
        self.columns.append(self.known[key])
        return True

    def priced(self, part: Part) -> tuple[Held | None, Proof | None, bool]:
        """Return the cheapest mix of a part's cells, the best proof, whether it may hold answers.

        There is no mix where the part is empty or time is up.
        """
        parts = [
            grid.part(part.low[mine], part.high[mine])
            for grid, mine in zip(self.grids, self.mine, strict=True)
        ]
        best: Proof | None = None
        while True:
            found = self.mix.solve(self.clock.left_s)
            if found.status == "infeasible":
                return None, self.emptied(part, parts, best, found.row_dual), False
            if found.status != "optimal":
                return None, best, True
            duals = found.row_dual
            rooms = np.maximum(duals[self.links], 0.0)
            bound, is_new = found.objective, False
            for block, grid in enumerate(self.grids):
                worth, cell = grid.cheapest(parts[block], rooms[self.mine[block]])
                gain = worth - duals[self.sums.start + block]
                bound += min(0.0, gain)
                if gain < -_GAIN:
                    is_new |= self.enter(block, cell)
            if best is None or bound > best.bound:
                best = Proof(duals[self.rows], duals[self.bands], rooms, bound)
            if not is_new or best.bound >= self.cutoff():
                return found, best, True

    def emptied(
        self,
        part: Part,
        cells: list[tuple[slice, ...]],
        proof: Proof | None,
        ray: Floats,
    ) -> Proof | None:
        """Return prices that prove a part without an answer to be above the best, if some do.

        Any multiple of a ray may be added to prices; a large one lifts the bound over all limits.
        """
        base = proof or part.proof
        if base is None or not ray.size:
            return base
        for scale in (1.0, -1.0, 1e2, -1e2, 1e4, -1e4):
            rooms = np.maximum(base.rooms + scale * ray[self.links], 0.0)
            rows, bands = base.rows + scale * ray[self.rows], base.bands + scale * ray[self.bands]
            bound = self.worth(part, cells, rows, bands, rooms)
            if np.isfinite(bound) and bound > max(base.bound, self.cutoff()):
                return Proof(rows, bands, rooms, bound)
        return base

    def worth(
        self,
        part: Part,
        cells: list[tuple[slice, ...]],
        rows: Floats,
        bands: Floats,
        rooms: Floats,
    ) -> float:
        """Return the bound that prices prove in a part."""
        prices = np.concatenate([rows, bands])
        lower = np.concatenate([self.start.row_lower[self.rows], part.low])
        upper = np.concatenate([self.start.row_upper[self.rows], part.high])
        rest = self.cost - prices @ self.matrix - rooms @ self.room
        with np.errstate(invalid="ignore"):
            sides = np.where(prices > 0, prices * lower, prices * upper)
            ends = np.where(rest > 0, rest * part.lower, rest * part.upper)
        bound = sides[prices != 0].sum() + ends[rest != 0].sum()
        for block, grid in enumerate(self.grids):
            bound += grid.cheapest(cells[block], rooms[self.mine[block]])[0]
        return float(bound)

    def try_mix(self, found: Held) -> None:
        """Price first stages near a mix: for its main cells, for its mean, and its own."""
        main, mean = [], []
        for block in range(len(self.grids)):
            share, lows = self.shares(found, block)
            main.append(lows[int(np.argmax(share))])
            mean.append(share @ lows)
        for rooms in (np.concatenate(main), np.concatenate(mean)):
            if rooms.tobytes() not in self.tried:
                self.tried.add(rooms.tobytes())
                self.try_rooms(rooms)
        x = found.x[: self.first]
        if (np.abs(x - np.rint(x))[self.is_integer] <= _WHOLE).all():
            self.try_first(x)

    def shares(self, found: Held, block: int) -> tuple[Floats, Floats]:
        """Return the shares of a block's cells in a mix, and their least rooms."""
        mine = [column for column in self.columns if column.block == block]
        share = np.array([found.x[column.number] for column in mine])
        lows = np.array([column.low for column in mine]).reshape(len(mine), -1)
        is_used = share > _IN_MIX
        return share[is_used], lows[is_used]

    def try_rooms(self, rooms: Floats) -> None:
        lower = self.model.row_lower.copy()
        lower[self.bands] = rooms
        keeper = Keeper(replace(self.model, row_lower=lower), has_presolve=True)
        found = keeper.solve(self.clock.left_s)
        if found.x.size:
            self.try_first(found.x)

    def try_first(self, x: Floats) -> None:
        x = np.where(self.is_integer, np.rint(x), x)
        cost = float(self.cost @ x) + sum(
            grid.stair.value(grid.stair.room @ x) for grid in self.grids
        )
        if cost < self.best_cost - 1e-9:
            self.best, self.best_cost = x, cost

    def split(self, part: Part, found: Held) -> bool:
        """Split the cells that a mix leans on; return whether any was split."""
        is_split = False
        for block, grid in enumerate(self.grids):
            _, lows = self.shares(found, block)
            if grid.is_full or not grid.split(list(lows)):
                continue
            is_split = True
            for column in self.columns:
                if column.block == block and column.is_live:
                    end = grid.end(grid.cell_of(column.low))
                    column.is_live = bool((end == column.end).all())
        if is_split:
            self.show(part)
        return is_split

    def branch(self, part: Part, found: Held) -> list[Part]:
        """Return two halves of a part, neither of which holds the mix."""
        x = found.x[: self.first]
        away = np.where(self.is_integer, np.abs(x - np.rint(x)), 0.0)
        if away.max(initial=0.0) > _WHOLE:
            at = int(np.argmax(away))
            down, up = part.upper.copy(), part.lower.copy()
            down[at], up[at] = np.floor(x[at]), np.ceil(x[at])
            low, high = self.halves(part, "column", at, float(up[at]))
            return [replace(low, upper=down), replace(high, lower=up)]
        widest, room, value = 1e-9, -1, 0.0
        for block, mine in enumerate(self.mine):
            share, lows = self.shares(found, block)
            mean = share @ lows
            spread = share @ np.abs(lows - mean)
            for axis in range(self.grids[block].axes):
                over = lows[lows[:, axis] > mean[axis] + 1e-12, axis]
                if spread[axis] > widest and len(over):
                    widest, room, value = spread[axis], mine.start + axis, float(over.min())
        if room < 0:
            # One cell per block. If it is exact the mix is an answer, already tried; its bound
            # says how far it may be off.
            self.lowest = min(self.lowest, part.bound)
            return []
        less, more = part.high.copy(), part.low.copy()
        less[room], more[room] = value, value
        low, high = self.halves(part, "room", room, value)
        return [replace(low, high=less), replace(high, low=more)]

    def halves(self, part: Part, kind: str, at: int, value: float) -> tuple[Part, Part]:
        tree = self.tree.nodes
        numbers = (len(tree), len(tree) + 1)
        tree[part.number] = (kind, at, value, *numbers)
        tree += [None, None]
        return replace(part, number=numbers[0]), replace(part, number=numbers[1])
