"""Recursive exposure: demand followed up the bill of materials, from makers to their suppliers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from coproduce.dependence.graph import Node, ProductChain
from coproduce.dependence.mix import Mix, Shares, country_of


@dataclass(frozen=True, slots=True)
class Walk:
    """One product's chain followed from its demand to its first inputs.

    Attributes:
        chain: the product's stages.
        makers: node → maker → share of final demand whose input at this node it makes.
        by_default: node → country → the part of that share counted as the country's own only
            because no row says where its makers buy.
        full_cycle_share: share of demand for which every node of the full cycle is made inside
            the bloc.
        whole_chain_share: share of demand for which every node is, from the first input on.
        full_unknown_share: share of demand for which `full_cycle_share` is not known: no known
            maker, or a maker inside the bloc of whose inputs no row speaks (they count as made
            inside).
        unknown_share: the same for `whole_chain_share`.
    """

    chain: ProductChain
    makers: dict[Node, Shares]
    by_default: dict[Node, Shares]
    full_cycle_share: float
    whole_chain_share: float
    full_unknown_share: float
    unknown_share: float

    def countries(self, node: Node) -> Shares:
        """Return country → share of final demand whose input at this node is made there."""
        shares: Shares = defaultdict(float)
        for maker, share in self.makers[node].items():
            shares[country_of(maker)] += share
        return dict(sorted(shares.items()))


def walk(chain: ProductChain, mix: Mix, host_id: str, inside: frozenset[str]) -> Walk:
    """Return the walk of one product.

    At the finished good, shares are those of the host's market. At an input they are the users'
    shares, each spread over the makers its own market buys from: D[input][m'] = Σ_m D[user][m] ·
    mix[m, input][m'], averaged over users by quantity where a node has several. A maker whose
    market has no row for an input makes it itself (`by_default`). Rings of countries are no
    problem, because each step goes one stage up a chain that ends.

    Args:
        chain: the product's stages.
        mix: who supplies whom.
        host_id: country whose demand is followed.
        inside: countries of the bloc.
    """
    makers: dict[Node, Shares] = {chain.final: dict(_suppliers(mix, host_id, chain.final))}
    by_default: dict[Node, Shares] = {chain.final: {}}
    if (host_id, chain.final) not in mix.shares:
        by_default[chain.final] = {host_id: 1.0}
    for node in chain.order[1:]:
        makers[node], by_default[node] = _spread(chain, mix, node, makers)
    whole = frozenset(chain.order)
    return Walk(
        chain=chain,
        makers=makers,
        by_default=by_default,
        full_cycle_share=_inside(chain, mix, host_id, inside, chain.full_cycle),
        whole_chain_share=_inside(chain, mix, host_id, inside, whole),
        full_unknown_share=_unknown(chain, mix, host_id, inside, chain.full_cycle),
        unknown_share=_unknown(chain, mix, host_id, inside, whole),
    )


def _suppliers(mix: Mix, market_id: str, node: Node) -> Shares:
    return mix.shares.get((market_id, node)) or {market_id: 1.0}


def _spread(
    chain: ProductChain, mix: Mix, node: Node, makers: dict[Node, Shares]
) -> tuple[Shares, Shares]:
    flow_in = sum(flow for _, flow in chain.users[node])
    shares: Shares = defaultdict(float)
    default: Shares = defaultdict(float)
    for user, flow in chain.users[node]:
        for buyer, bought in makers[user].items():
            weight = bought * flow / flow_in
            if (buyer, node) not in mix.shares:
                default[country_of(buyer)] += weight
            for maker, share in _suppliers(mix, buyer, node).items():
                shares[maker] += weight * share
    return dict(shares), dict(default)


def _inside(
    chain: ProductChain, mix: Mix, host_id: str, inside: frozenset[str], counted: frozenset[Node]
) -> float:
    """Return the share of demand for which every counted node is made inside.

    Exact along a chain; where a node has several inputs, they are taken as independent.
    """

    @cache
    def all_inside(node: Node, maker: str) -> float:
        if country_of(maker) not in inside:
            return 0.0
        share = 1.0
        for source in (item for item in chain.inputs[node] if item in counted):
            share *= sum(
                part * all_inside(source, supplier)
                for supplier, part in _suppliers(mix, maker, source).items()
            )
        return share

    return sum(
        part * all_inside(chain.final, maker)
        for maker, part in _suppliers(mix, host_id, chain.final).items()
    )


def _unknown(
    chain: ProductChain, mix: Mix, host_id: str, inside: frozenset[str], counted: frozenset[Node]
) -> float:
    def followed(node: Node, maker: str) -> list[Node]:
        is_inside = country_of(maker) in inside
        return [source for source in chain.inputs[node] if is_inside and source in counted]

    @cache
    def known(node: Node, market: str) -> float:
        if country_of(market) not in inside:
            return 1.0
        if (market, node) not in mix.shares:
            return 0.0
        total = 0.0
        for supplier, part in mix.shares[market, node].items():
            share = part
            for source in followed(node, supplier):
                share *= known(source, supplier)
            total += share
        return total

    return max(0.0, 1 - mix.unmet.get(chain.product_id, 0.0) - known(chain.final, host_id))
