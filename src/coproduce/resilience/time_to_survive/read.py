"""A survival network from a JSON file or a folder of CSV files; both have the same tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from coproduce.records.errors import DataError, SourceError
from coproduce.resilience.exact.given import not_negative, positive, probability
from coproduce.resilience.plain_csv import Row, read_rows, read_text
from coproduce.resilience.time_to_survive.network import Product, Scenario, SurviveNetwork

TABLES: Mapping[str, tuple[str, ...]] = {
    "nodes": ("node_id", "capacity", "ttr"),
    "products": ("product_id", "demand", "stock", "loss_per_unit"),
    "makes": ("node_id", "product_id", "capacity_per_unit"),
    "bom": ("product_id", "input_id", "input_per_unit"),
    "scenarios": ("scenario_id", "ttr", "probability"),
    "down": ("scenario_id", "node_id", "product_id"),
}
OPTIONAL_TABLES = ("bom", "scenarios", "down")
OPTIONAL_COLUMNS = {
    "nodes": ("ttr",),
    "makes": ("capacity_per_unit",),
    "scenarios": ("probability",),
    "down": ("product_id",),
}

Tables = Mapping[str, Sequence[Row]]


def read_network(path: Path) -> SurviveNetwork:
    """Return the network in a JSON file or in a folder of CSV files.

    Tables and columns are those of `TABLES`; ``bom``, ``scenarios`` and ``down`` may be left out.
    Without scenarios each node is down alone, for the ``ttr`` of its row.

    Raises:
        SourceError: S110 if a file cannot be read, S111 if a table or column is missing.
        DataError: S101–S103, S112 for a cell; S120 for a cycle in the bill of materials; S121 for
            a demand without a path; S122 for a name that is not declared or declared twice.
    """
    tables = _folder(path) if path.is_dir() else _json(path)
    nodes = _named(tables["nodes"], "node_id")
    products = _named(tables["products"], "product_id")
    network = SurviveNetwork(
        capacity={
            name: not_negative(row.number("capacity"), "the capacity", where=row.where)
            for name, row in nodes.items()
        },
        products={name: _product(row) for name, row in products.items()},
        makes=_makes(tables["makes"], nodes, products),
        bom=_bom(tables["bom"], products),
        scenarios=_scenarios(tables, nodes, products),
    )
    network.check(path.name)
    return network


def _folder(path: Path) -> Tables:
    found: dict[str, Sequence[Row]] = {}
    for table, columns in TABLES.items():
        file = path / f"{table}.csv"
        if table in OPTIONAL_TABLES and not file.exists():
            found[table] = ()
        else:
            found[table] = tuple(read_rows(file, columns, OPTIONAL_COLUMNS.get(table, ())))
    return found


def _json(path: Path) -> Tables:
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise SourceError(
            f"this is not JSON ({error.msg})",
            code="S110",
            where=f"{path.name}, line {error.lineno}",
        ) from None
    if not isinstance(content, dict):
        raise SourceError("the outermost thing must be an object", code="S110", where=path.name)
    found: dict[str, Sequence[Row]] = {}
    for table, columns in TABLES.items():
        rows = content.get(table, [] if table in OPTIONAL_TABLES else None)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SourceError(
                f"there is no list {table!r} of objects with {', '.join(columns)}",
                code="S111",
                where=path.name,
            )
        found[table] = tuple(
            Row(f"{path.name}, {table}", number, {k: _cell(v) for k, v in row.items()})
            for number, row in enumerate(rows, start=1)
        )
    return found


def _cell(value: object) -> str:
    return "" if value is None else str(value).strip()


def _named(rows: Iterable[Row], column: str) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in rows:
        name = row.text(column)
        if name in found:
            raise DataError(f"{name!r} is declared twice", code="S122", where=row.where)
        found[name] = row
    return found


def _known(row: Row, column: str, known: Mapping[str, object]) -> str:
    name = row.text(column)
    if name not in known:
        raise DataError(
            f"{column} {name!r} is not declared; there are {', '.join(list(known)[:20])}",
            code="S122",
            where=row.where,
        )
    return name


def _product(row: Row) -> Product:
    return Product(
        demand=not_negative(row.number("demand"), "the demand", where=row.where),
        stock=not_negative(row.number("stock"), "the stock", where=row.where),
        loss_per_unit=not_negative(row.number("loss_per_unit"), "the loss", where=row.where),
    )


def _makes(
    rows: Iterable[Row], nodes: Mapping[str, Row], products: Mapping[str, Row]
) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for row in rows:
        pair = (_known(row, "node_id", nodes), _known(row, "product_id", products))
        if pair in found:
            raise DataError(f"{' makes '.join(pair)} stands twice", code="S122", where=row.where)
        used = 1.0 if row.is_empty("capacity_per_unit") else row.number("capacity_per_unit")
        found[pair] = positive(used, "the capacity used by a unit", where=row.where)
    return found


def _bom(rows: Iterable[Row], products: Mapping[str, Row]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        made, used = _known(row, "product_id", products), _known(row, "input_id", products)
        per_unit = positive(row.number("input_per_unit"), "the input", where=row.where)
        inputs = found.setdefault(made, {})
        inputs[used] = inputs.get(used, 0.0) + per_unit
    return found


def _scenarios(
    tables: Tables, nodes: Mapping[str, Row], products: Mapping[str, Row]
) -> dict[str, Scenario]:
    rows = _named(tables["scenarios"], "scenario_id")
    if not rows:
        return {
            name: Scenario(
                positive(row.number("ttr"), "the time to recover", where=row.where),
                frozenset({(name, "")}),
            )
            for name, row in nodes.items()
        }
    down: dict[str, set[tuple[str, str]]] = {name: set() for name in rows}
    for row in tables["down"]:
        scenario = _known(row, "scenario_id", rows)
        node = _known(row, "node_id", nodes)
        product = "" if row.is_empty("product_id") else _known(row, "product_id", products)
        down[scenario].add((node, product))
    return {
        name: Scenario(
            positive(row.number("ttr"), "the time to recover", where=row.where),
            frozenset(down[name]),
            None
            if row.is_empty("probability")
            else probability(row.number("probability"), "the probability", where=row.where),
        )
        for name, row in rows.items()
    }


__all__ = ["TABLES", "read_network"]
