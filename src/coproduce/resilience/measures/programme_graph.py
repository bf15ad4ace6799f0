"""The supply graph of each product of a programme, today and under a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from coproduce.records.errors import ModelError
from coproduce.records.programme import Programme
from coproduce.resilience.measures.supply_graph import Maker, Need, SupplyGraph
from coproduce.resilience.rates import Rates

Node = tuple[str, str]
"""A product and one of its stages."""
PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Graphs:
    """Supply graphs and what is needed to read them.

    Attributes:
        by_product: product → its graph; left out where nobody supplies it.
        unavailability: event → share of time down.
        countries: event → country.
        unknown: product → needs behind it of which no supplier is known; taken as always met.
    """

    by_product: dict[str, SupplyGraph]
    unavailability: dict[str, float]
    countries: dict[str, str]
    unknown: dict[str, int]


class _Book:
    """Makers by need, with their events, as they are found."""

    def __init__(self, programme: Programme) -> None:
        self.inputs = _inputs(programme)
        self.final = _finals(programme)
        self.rates = Rates(programme["disruptions"])
        self.host = _host(programme)
        self.inside = {
            self.host,
            *programme["countries"].filter("is_in_bloc")["country_id"].to_list(),
        }
        self.makers: dict[Need, dict[Maker, None]] = defaultdict(dict)
        self.down: dict[str, float] = {}
        self.countries: dict[str, str] = {}

    def add(self, need: Need, node: Node, event: str, country: str, market: str) -> None:
        """Put a maker under a need; it buys its inputs in a market."""
        down = 0.0
        if node[1] in self.rates.stage_ids:
            down = self.rates.of(country, node[1]).down_share(1.0, has_stock=False)
        # A place that makes several stages is as unreliable as its worst stage.
        self.down[event] = max(self.down.get(event, 0.0), down)
        self.countries[event] = country
        inputs = tuple((market, *one) for one in self.inputs.get(node, ()))
        self.makers[need][Maker(event, country, inputs)] = None

    def graphs(self) -> Graphs:
        """Return the graph of every product that somebody supplies."""
        suppliers = {need: tuple(makers) for need, makers in self.makers.items()}
        found, unknown = {}, {}
        for product, final in self.final.items():
            root = (self.host, *final)
            if root in suppliers:
                graph = SupplyGraph(root, suppliers)
                found[product] = graph
                unknown[product] = sum(need not in suppliers for need in graph.order())
        return Graphs(found, self.down, self.countries, unknown)


def graphs(
    programme: Programme, plan: Mapping[str, pl.DataFrame] | None = None, year: int | None = None
) -> Graphs:
    """Return who stands behind each product today, or in a year of a plan.

    Makers of a country at a stage of a product count as one source where the programme does not
    name firms. Under a plan its own sites join them: they buy from one another and from the
    sources of the plan, and what the plan no longer buys from today's makers is gone.

    Args:
        programme: the programme.
        plan: tables ``production``, ``purchases`` and ``supply`` of a plan; None for today.
        year: of the plan; None: its last year with output.

    Raises:
        ModelError: S120 for a cycle in the bill of materials, S132 without one host.
    """
    book = _Book(programme)
    of_plan = _PlanYear(programme, plan, year) if plan is not None else None
    rows = (
        programme["sources"]
        .filter(pl.col("share_today") > 0)
        .sort("source_id")
        .select("product_id", "stage_id", "maker_country_id", "market_country_id", "company_id")
        .iter_rows()
    )
    finals = set(book.final.values())
    for product, stage, maker, market, company in rows:
        node = (product, stage)
        if of_plan and market == book.host and node in finals:
            side = "others_inside" if maker in book.inside else "others_outside"
            if not of_plan.is_bought(product, side):
                continue
        book.add((market, *node), node, _event(node, maker, company), maker, maker)
    if of_plan:
        of_plan.add_to(book, finals)
    return book.graphs()


def _event(node: Node, country: str, company: str | None) -> str:
    return company or f"{country} {node[0]} {node[1]}"


class _PlanYear:
    """What a plan makes and buys in one year."""

    def __init__(
        self, programme: Programme, plan: Mapping[str, pl.DataFrame], year: int | None
    ) -> None:
        made = plan["production"]
        last = made["year"].max() if made.height else programme.settings.last_year
        self.year = last if year is None else year
        self.made = made.filter(pl.col("year") == self.year)
        self.bought = plan["purchases"].filter(pl.col("year") == self.year)
        columns = ("own", "others_inside", "others_outside")
        supply = plan["supply"].filter(pl.col("year") == self.year)
        totals = supply.group_by("product_id").agg(pl.col(columns).sum())
        self.supply = {row["product_id"]: row for row in totals.iter_rows(named=True)}
        places = programme["sites"].join(
            programme["regions"].select("region_id", "country_id"), on="region_id"
        )
        self.country = dict(places.select("site_id", "country_id").iter_rows())
        keys = ["source_id", "maker_country_id", "company_id"]
        self.sources = {row[0]: row[1:] for row in programme["sources"].select(keys).iter_rows()}

    def is_bought(self, product: str, side: str) -> bool:
        """Part of the product comes from a side; a product the plan leaves out is as today."""
        return product not in self.supply or self.supply[product][side] > 1e-9

    def add_to(self, book: _Book, finals: set[Node]) -> None:
        """Put the plan's sites and sources under the needs they meet."""
        keys = ["product_id", "stage_id", "site_id"]
        for product, stage, site in self.made.select(keys).unique().sort(keys).iter_rows():
            node, country = (product, stage), self.country[site]
            market = book.host if node in finals else PLAN
            book.add((market, *node), node, f"site {site}", country, PLAN)
        keys = ["product_id", "stage_id", "source_id"]
        for product, stage, source in self.bought.select(keys).unique().sort(keys).iter_rows():
            node = (product, stage)
            maker, company = self.sources[source]
            book.add((PLAN, *node), node, _event(node, maker, company), maker, maker)
        # What the plan neither makes nor buys by name its sites get as the host does.
        for need in [one for one in book.makers if one[0] == book.host]:  # type: ignore[index]
            plan_need = (PLAN, *need[1:])  # type: ignore[index]
            if plan_need not in book.makers:
                book.makers[plan_need] = dict(book.makers[need])


def _inputs(programme: Programme) -> dict[Node, list[Node]]:
    columns = ["product_id", "stage_id", "input_product_id", "input_stage_id"]
    found: dict[Node, list[Node]] = defaultdict(list)
    for product, stage, *of in programme["bom"].select(columns).sort(columns).iter_rows():
        found[product, stage].append((of[0], of[1]))
    return dict(found)


def _finals(programme: Programme) -> dict[str, Node]:
    last: dict[str, tuple[int, str]] = {}
    columns = ["product_id", "stage_id", "stage_no"]
    for product, stage, number in programme["stages"].select(columns).iter_rows():
        last[product] = max(last.get(product, (0, "")), (number, stage))
    return {product: (product, stage) for product, (_, stage) in sorted(last.items())}


def _host(programme: Programme) -> str:
    hosts = programme["parties"].filter(pl.col("role") == "host")["country_id"].to_list()
    if len(hosts) != 1:
        raise ModelError(
            f"found {len(hosts)} parties with role host, exactly one is allowed",
            code="S132",
            where="parties.csv",
        )
    return str(hosts[0])


__all__ = ["Graphs", "graphs"]
