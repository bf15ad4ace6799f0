"""Walks the tree of parts in a certificate of prices: its bound, and that nothing is left out.

A node is a leaf (``prices``), a split (``facility``, ``shut``, ``open``), or a list of facilities
that are ``held`` in a state, each in its other state bounded by ``prices``, with the ``rest`` in
another node. The bound of the tree is the least of all bounds that it names; a part of which
nothing can serve is worth `NOTHING`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

State = npt.NDArray[np.int8]
FREE, SHUT, OPEN = -1, 0, 1
NOTHING = 2**62


def proven(tree: Any, facilities: int, prices: int, bound: Callable[[int, State], int]) -> int:
    """Return the least bound in a tree.

    Args:
        tree: its nodes, the root first.
        facilities: their number, plants counted first.
        prices: how many sets of prices there are.
        bound: of the part in which facilities are in a state, by prices of a number.

    Raises:
        ValueError: the tree is none, leaves something out or names what is not there.
    """
    if not isinstance(tree, list) or not tree:
        raise ValueError("there is no tree")
    least = NOTHING
    waiting = [(0, np.full(facilities, FREE, dtype=np.int8))]
    seen: set[int] = set()
    while waiting:
        at, state = waiting.pop()
        if at in seen:
            raise ValueError(f"node {at} is named twice")
        seen.add(at)
        node = tree[at]
        if not isinstance(node, dict):
            raise ValueError(f"node {at} cannot be read")
        if "facility" in node:
            waiting += _children(node, state, len(tree))
            continue
        number = _number(node["prices"], prices)
        if "rest" not in node:
            least = min(least, bound(number, state))
            continue
        rest = state.copy()
        for pair in node["held"]:
            which, held = _number(pair[0], facilities), _number(pair[1], 2)
            if rest[which] != FREE:
                raise ValueError(f"node {at} holds facility {which}, which is held already")
            other = state.copy()
            other[which] = 1 - held
            least = min(least, bound(number, other))
            rest[which] = held
        waiting.append((_number(node["rest"], len(tree)), rest))
    return least


def _children(node: dict[str, Any], state: State, nodes: int) -> list[tuple[int, State]]:
    which = _number(node["facility"], len(state))
    if state[which] != FREE:
        raise ValueError(f"a node splits by facility {which}, which is held already")
    children = []
    for name, held in (("shut", SHUT), ("open", OPEN)):
        child = state.copy()
        child[which] = held
        children.append((_number(node[name], nodes), child))
    return children


def _number(value: Any, below: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < below:
        raise ValueError(f"{value!r} is no number below {below}")
    return value
