"""A stock that fills and empties at rates set by a Markov chain: how long it stands empty.

Let F_i(x) be the stationary probability of state i and a stock of at most x. Inside the buffer
F' D = F Q, with D the diagonal of net rates and Q the rates of the chain, so F is a sum of modes
exp(z x) φ with φ (Q - z D) = 0. States with no net rate are taken out first (censored); states
that fill cannot be at an empty stock, states that empty cannot be at a full one: as many
conditions as modes.

Source: Anick, Mitra, Sondhi, Bell System Technical Journal 61 (1982); finite buffer: Mitra,
Advances in Applied Probability 20 (1988). Censoring: Kemeny, Snell, Finite Markov Chains (1960).
"""

from __future__ import annotations

import numpy as np

from coproduce.records.errors import ModelError
from coproduce.resilience.exact.sources import Floats

STILL = 1e-9
"""A net rate below this part of the largest counts as none."""
NEAR = 1e-4
"""A mode that changes by less than this over the whole stock is solved with the flat one."""
TOLERANCE = 1e-7


def empty_shares(rates: Floats, shares: Floats, net: Floats, stock: float) -> Floats:
    """Return the share of time that each state stands with the stock empty.

    Args:
        rates: states × states, rate of passing (1/year); rows add up to nil; reversible.
        shares: stationary share of time of each state.
        net: rate at which the stock fills in each state (unit/year); below nil it empties.
        stock: most stock held (unit).

    Raises:
        ModelError: S106 if the answer is not a probability to 1e-7: the case is too stiff.

    Example:
        One source, up 5/6 of the time, capacity 1.5 against a demand of 1, stock 0.35: only the
        state down can stand empty.

        >>> import numpy as np
        >>> rates = np.array([[-2.5, 2.5], [0.5, -0.5]])
        >>> net = np.array([-1.0, 0.5])
        >>> found = empty_shares(rates, np.array([1 / 6, 5 / 6]), net, 0.35)
        >>> round(float(found[0]), 10), float(found[1])
        (0.0774918163, 0.0)
    """
    net = np.where(np.abs(net) <= STILL * max(1e-300, float(np.abs(net).max())), 0.0, net)
    if not (net > 0).any():
        return np.where(net < 0, shares, 0.0)
    if not (net < 0).any():
        return np.zeros_like(shares)
    if stock <= 0.0:
        return np.where(net < 0, shares, 0.0)
    moving = net != 0.0
    inner = _censored(rates, moving)
    empty = np.zeros_like(shares)
    empty[moving] = _solved(inner, shares[moving], net[moving], stock)
    bound = shares + TOLERANCE
    if not (np.isfinite(empty).all() and (empty >= -TOLERANCE).all() and (empty <= bound).all()):
        raise ModelError(
            "the spectral solution is not a probability to seven digits: rates or capacities are "
            "too far apart; simulate this case",
            code="S106",
        )
    return np.clip(empty, 0.0, shares)


def _censored(rates: Floats, moving: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """Return the rates of the chain watched only while the stock moves."""
    if moving.all():
        return rates
    still = ~moving
    inner = rates[np.ix_(moving, moving)]
    way = np.linalg.solve(rates[np.ix_(still, still)], rates[np.ix_(still, moving)])
    return inner - rates[np.ix_(moving, still)] @ way


def _solved(rates: Floats, shares: Floats, net: Floats, stock: float) -> Floats:
    """Return F(0) for a chain in which every state moves the stock."""
    roots, modes = _modes(rates, shares, net, stock)
    # Growing modes are written from the full end, so that no exponential overflows.
    at_empty = modes * np.exp(-np.clip(roots, 0.0, None) * stock)[:, None]
    at_full = modes * np.exp(np.clip(roots, None, 0.0) * stock)[:, None]
    flat = [(shares, shares)]
    near = len(shares) - 1 - len(roots)
    if near:
        flat.append(_near_flat(rates, shares, net, stock))
    at_empty = np.vstack([at_empty, *(pair[0] for pair in flat)])
    at_full = np.vstack([at_full, *(pair[1] for pair in flat)])
    fills = net > 0
    system = np.where(fills[:, None], at_empty.T, at_full.T)
    wanted = np.where(fills, 0.0, shares)
    weights = np.linalg.solve(system, wanted)
    found = weights @ at_empty
    return np.where(fills, 0.0, found)


def _modes(rates: Floats, shares: Floats, net: Floats, stock: float) -> tuple[Floats, Floats]:
    """Return roots and modes without the flat one, and without one that is almost flat."""
    root = np.sqrt(shares)
    # Reversible, so similar to a symmetric matrix: real roots and well-shaped modes.
    symmetric = rates * root[:, None] / root[None, :]
    values, vectors = np.linalg.eig(symmetric.T / net[:, None])
    order = np.argsort(np.abs(values))
    is_near = len(order) > 1 and abs(values[order[1]]) * stock < NEAR
    kept = order[2:] if is_near else order[1:]
    values, vectors = values[kept], vectors[:, kept]
    # Equal roots may come as a complex pair; its real and imaginary parts span the same modes.
    shapes = np.where(values.imag < 0, vectors.imag, vectors.real)
    return values.real.astype(np.float64), shapes.T * root[None, :]


def _near_flat(rates: Floats, shares: Floats, net: Floats, stock: float) -> tuple[Floats, Floats]:
    """Return the almost flat mode at both ends as (exp(z x)(π + z ψ) - π)/z, exact at z = 0.

    Where filling and emptying balance on average, the root z meets 0 and the mode becomes
    π x + ψ. Written so, nothing is lost on the way there.
    """
    size, z = len(shares), 0.0
    psi = np.zeros(size)
    for _ in range(12):
        system = (rates - z * np.diag(net)).T
        wanted = shares * net
        system = np.vstack([system, np.ones(size)])
        psi = np.linalg.lstsq(system, np.append(wanted, 0.0), rcond=None)[0]
        found = -float(shares @ net) / float(psi @ net)
        if abs(found - z) <= 1e-15 * max(1.0, abs(found)):
            break
        z = found
    grown = np.expm1(z * stock) / z if z else stock
    return psi, shares * grown + np.exp(z * stock) * psi


__all__ = ["empty_shares"]
