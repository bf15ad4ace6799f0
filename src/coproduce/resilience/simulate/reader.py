"""Network files: our JSON format, and the files of another open tool as they are."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from coproduce.records.errors import ModelError, SourceError
from coproduce.resilience.simulate.checks import PARAMETERS, checked
from coproduce.resilience.simulate.days_of_cover import is_days_of_cover, read_days_of_cover
from coproduce.resilience.simulate.network import (
    Clock,
    Demand,
    Disruption,
    Hit,
    Input,
    Item,
    Law,
    Network,
    Node,
    Pause,
    Policy,
    Source,
    Stock,
)

FORMAT = "coproduce-network-1"
LARGEST_BYTES = 200_000_000
NUMBERS = ("holding_cost", "order_cost", "shortage_cost")
FLAGS = ("holds_orders", "ships_whole")


def read_network(path: Path) -> Network:
    """Return the network of a file, checked.

    Args:
        path: JSON in the format of the method page, or a network of Days of Cover.

    Raises:
        SourceError: S201 if the file cannot be read as a network.
        ModelError: S202-S209 for what is wrong in it; see `checks.checked`.
    """
    record = _load(path)
    if is_days_of_cover(record):
        try:
            return checked(read_days_of_cover(record))
        except (KeyError, TypeError, ValueError) as error:
            raise SourceError(
                f"it looks like a network of Days of Cover, but {error!r} is missing or wrong",
                code="S201",
                where=path.name,
            ) from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise SourceError(
            f'the file must be a JSON object with "format": "{FORMAT}" (see the method page on '
            "simulation), or a network of Days of Cover",
            code="S201",
            where=path.name,
        )
    return checked(network_of(record))


def network_of(record: Mapping[str, Any]) -> Network:
    """Return the network of a record in our format, unchecked.

    Raises:
        ModelError: S201 for a field that is missing, unknown or of the wrong kind; S207 for a
            stock policy without its parameters.
    """
    at = "network"
    _only(record, at, "format", "clock", "time_unit", "nodes", "items", "disruptions", "note")
    return Network(
        nodes=tuple(_node(one) for one in _list(record, "nodes", at)),
        items=tuple(_item(one) for one in _list(record, "items", at)),
        disruptions=tuple(
            _disruption(one) for one in _list(record, "disruptions", at, is_needed=False)
        ),
        clock=_word(record.get("clock", "daily"), Clock, at),
    )


def _load(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SourceError("the file is over 200 MB", code="S201", where=path.name)
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SourceError(
            f"the file cannot be read as JSON: {error}", code="S201", where=path.name
        ) from None


def _wrong(message: str, where: str) -> ModelError:
    return ModelError(message, code="S201", where=where)


def _only(record: Any, where: str, *names: str) -> None:
    if not isinstance(record, Mapping):
        raise _wrong(f"an object is expected, not {type(record).__name__}", where)
    unknown = sorted(set(record) - set(names))
    if unknown:
        raise _wrong(f"field {', '.join(unknown)} is not known; known: {', '.join(names)}", where)


def _list(record: Mapping[str, Any], name: str, where: str, *, is_needed: bool = True) -> Any:
    value = record.get(name, None if is_needed else [])
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _wrong(f"{name} must be a list", where)
    return value


def _text(record: Mapping[str, Any], name: str, where: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(f"{name} must be a name", where)
    return value


def _number(
    record: Mapping[str, Any], name: str, where: str, default: float | None = None
) -> float:
    value = record.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _wrong(f"{name} must be a number, not {value!r}", where)
    return float(value)


def _word(value: Any, words: Any, where: str) -> Any:
    try:
        return words(value)
    except ValueError:
        known = ", ".join(one.value for one in words)
        raise _wrong(f"{value!r} is not one of {known}", where) from None


def _node(record: Any) -> Node:
    _only(record, "nodes", "node_id", "name", "country_id", "opens")
    name = _text(record, "node_id", "nodes")
    where = f"node {name}"
    return Node(
        name,
        str(record.get("country_id", "")),
        str(record.get("name", "")),
        _number(record, "opens", where, 0.0),
    )


def _law(value: Any, where: str) -> Law:
    """Return a law; a bare number is a fixed one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Law("fixed", {"value": float(value)})
    if not isinstance(value, Mapping):
        raise _wrong("a law is a number or an object with the field law", where)
    names = [name for name in value if name not in ("law", "values")]
    values = [_number({"values": one}, "values", where) for one in value.get("values", ())]
    return Law(
        _text(value, "law", where),
        {name: _number(value, name, where) for name in names},
        tuple(values),
    )


def _item(record: Any) -> Item:
    allowed = ("node_id", "product_id", "capacity", "stock", "inputs", "demand", "make_days")
    _only(record, "items", *allowed, *NUMBERS, *FLAGS)
    node_id, product_id = (_text(record, name, "items") for name in ("node_id", "product_id"))
    where = f"item {product_id} at {node_id}"
    limit = record.get("capacity")
    is_limited = limit is not None and limit != "unlimited"
    return Item(
        node_id,
        product_id,
        _number(record, "capacity", where) if is_limited else None,
        _stock(record.get("stock"), where),
        tuple(
            _input(one, node_id, where) for one in _list(record, "inputs", where, is_needed=False)
        ),
        _demand(record.get("demand"), where),
        int(_number(record, "make_days", where, 0.0)),
        holds_orders=bool(record.get("holds_orders", False)),
        ships_whole=bool(record.get("ships_whole", False)),
        holding_cost=_number(record, "holding_cost", where, 0.0),
        order_cost=_number(record, "order_cost", where, 0.0),
        shortage_cost=_number(record, "shortage_cost", where, 0.0),
        is_source=limit == "unlimited",
    )


def _stock(record: Any, where: str) -> Stock:
    if record is None:
        return Stock()
    _only(record, f"{where}, stock", "policy", "level", "low", "lot", "review", "initial")
    policy = _word(record.get("policy", "base-stock"), Policy, f"{where}, stock")
    missing = [name for name in PARAMETERS[policy] if name not in record]
    if missing:
        raise ModelError(
            f"stock policy {policy.value} needs {', '.join(missing)}", code="S207", where=where
        )
    return Stock(
        policy,
        _number(record, "level", where, 0.0),
        _number(record, "low", where, 0.0),
        _number(record, "lot", where, 0.0),
        int(_number(record, "review", where, 1.0)),
        _number(record, "initial", where) if "initial" in record else None,
    )


def _demand(record: Any, where: str) -> Demand | None:
    if record is None:
        return None
    if not isinstance(record, Mapping) or ("law" in record and "size" not in record):
        return Demand(_law(record, f"{where}, demand"))
    _only(record, f"{where}, demand", "size", "season", "season_days", "waits")
    return Demand(
        _law(record.get("size"), f"{where}, demand"),
        tuple(
            _number({"season": one}, "season", where)
            for one in _list(record, "season", where, is_needed=False)
        ),
        int(_number(record, "season_days", where, 7.0)),
        bool(record.get("waits", False)),
    )


def _input(record: Any, buyer: str, where: str) -> Input:
    _only(record, f"{where}, inputs", "quantity", "sources")
    return Input(
        _number(record, "quantity", where, 1.0),
        tuple(_source(one, buyer, where) for one in _list(record, "sources", where)),
    )


def _source(record: Any, buyer: str, where: str) -> Source:
    where = f"{where}, sources"
    _only(
        record, where, "node_id", "product_id", "lane_id", "transit", "share", "refusal", "opens"
    )
    node_id = _text(record, "node_id", where)
    return Source(
        node_id,
        _text(record, "product_id", where),
        str(record.get("lane_id", f"{node_id}>{buyer}")),
        _law(record.get("transit", 0.0), f"{where}, transit"),
        _number(record, "share", where) if "share" in record else None,
        _number(record, "refusal", where, 0.0),
        _number(record, "opens", where, 0.0),
    )


def _disruption(record: Any) -> Disruption:
    _only(record, "disruptions", "disruption_id", "up", "down", "hits", "learning", "floor")
    name = _text(record, "disruption_id", "disruptions")
    where = f"disruption {name}"
    return Disruption(
        name,
        _law(record.get("up"), f"{where}, up"),
        _law(record.get("down"), f"{where}, down"),
        tuple(_hit(one, where) for one in _list(record, "hits", where)),
        _number(record, "learning", where, 0.0),
        _number(record, "floor", where, 0.0),
    )


def _hit(record: Any, where: str) -> Hit:
    _only(record, f"{where}, hits", "pauses", "node_id", "lane_id", "country_id", "chance")
    return Hit(
        _word(record.get("pauses", "production"), Pause, where),
        str(record.get("node_id", "")),
        str(record.get("lane_id", "")),
        str(record.get("country_id", "")),
        _number(record, "chance", where, 1.0),
    )


__all__ = ["FORMAT", "network_of", "read_network"]
