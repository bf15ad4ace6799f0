"""The four queries as Ibis expressions, for flows that lie on a server.

Each takes a relation with the columns year, exporter, importer, product, value_usd (as
`ibis_table` of a server, or any other) and returns an expression with the columns of `duck`;
``.to_polars()`` runs it where the flows are.
"""

from __future__ import annotations

from typing import Any

COLUMNS = ("year", "exporter", "importer", "product", "value_usd")


def suppliers(flows: Any) -> Any:
    """Return the expression of `duck.suppliers`."""
    flow = _per_flow(flows)
    by = ("year", "importer", "product")
    most = flow.group_by(by).aggregate(
        imports_usd=flow.value_usd.sum(),
        squares_usd2=(flow.value_usd * flow.value_usd).sum(),
        n_suppliers=flow.count(),
        top_usd=flow.value_usd.max(),
    )
    # The largest is looked up again rather than taken by argmax: of equal suppliers every
    # server then names the same one.
    largest = most.join(flow.rename(flow_usd="value_usd"), by)
    largest = largest.filter(largest.flow_usd == largest.top_usd)
    top = largest.group_by(by).aggregate(top_exporter=largest.exporter.min())
    names = (*most.columns, "top_exporter")
    return most.join(top, by).select(*names).order_by(by)


def exports(flows: Any) -> Any:
    """Return the expression of `duck.exports`."""
    by = ("year", "exporter", "product")
    return flows.group_by(by).aggregate(exports_usd=flows.value_usd.sum()).order_by(by)


def pair(flows: Any, first: str, second: str) -> Any:
    """Return the expression of `duck.pair`."""
    both = flows.filter(
        ((flows.exporter == first) & (flows.importer == second))
        | ((flows.exporter == second) & (flows.importer == first))
    )
    by = ("exporter", "importer", "product", "year")
    return both.group_by(by).aggregate(value_usd=both.value_usd.sum()).order_by(by)


def mirror(sent: Any, got: Any, cif_over_fob: float = 1.0) -> Any:
    """Return the expression of `duck.mirror`."""
    by = ("year", "exporter", "importer", "product")
    told = _per_flow(sent).rename(exporter_usd="value_usd")
    heard = _per_flow(got).rename(importer_usd="value_usd")
    # Two outer joins and a union, since not every server joins fully on several columns alike.
    left = told.left_join(heard, by).select(
        *(told[name] for name in by), "exporter_usd", "importer_usd"
    )
    only = heard.anti_join(told, by)
    right = only.select(*by, exporter_usd=_nothing(only), importer_usd="importer_usd")
    whole = left.union(right)
    return whole.mutate(importer_usd=whole.importer_usd / cif_over_fob).order_by(by)


def _per_flow(flows: Any) -> Any:
    by = ("year", "exporter", "importer", "product")
    return flows.group_by(by).aggregate(value_usd=flows.value_usd.sum())


def _nothing(table: Any) -> Any:
    """Return an empty number in the type of the others."""
    return table.importer_usd.nullif(table.importer_usd)


__all__ = ["COLUMNS", "exports", "mirror", "pair", "suppliers"]
