"""What serving costs: the compiled shortest paths beside the linear problems."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.network.location.multilevel.tiny import drawn, network

from coproduce.network.location.multilevel.bound import Dual
from coproduce.network.location.multilevel.flow import Service
from coproduce.network.location.multilevel.kernel import has_numba

pytestmark = pytest.mark.skipif(not has_numba(), reason="numba is not installed")


@given(seed=st.integers(0, 10_000))
def test_both_ways_to_serve_cost_the_same_and_their_prices_prove_it(seed: int) -> None:
    levels = drawn(seed)
    opened = np.random.default_rng(seed).random(levels.plants + levels.depots) < 0.7
    plain = Service(levels, is_fast=False).serve(opened)
    fast = Service(levels, is_fast=True).serve(opened)
    assert (plain is None) == (fast is None)
    if plain is None or fast is None:
        return
    assert fast.cost == pytest.approx(plain.cost, rel=1e-8)
    for served in (plain, fast):
        priced = Dual(levels).price(served.prices)
        worth = priced.constant + priced.reduced[opened].sum()
        assert worth == pytest.approx(served.cost, rel=1e-7)


@given(seed=st.integers(0, 10_000))
def test_compiled_flows_meet_demand_and_keep_to_what_each_facility_holds(seed: int) -> None:
    levels = drawn(seed)
    opened = np.ones(levels.plants + levels.depots, dtype=bool)
    served = Service(levels, is_fast=True).serve(opened)
    if served is None:
        return
    cost = levels.plant_fixed.sum() + levels.depot_fixed.sum()
    for layer, (inbound, outbound) in enumerate(served.flows):
        got = np.bincount(outbound[1], outbound[2], minlength=levels.customers)
        np.testing.assert_allclose(got, levels.demand[layer], rtol=1e-8)
        passed = np.bincount(outbound[0], outbound[2], minlength=levels.depots)
        assert (passed <= levels.depot_capacity[layer] + 1e-7).all()
        cost += (levels.outbound[layer][outbound[0], outbound[1]] * outbound[2]).sum()
        if levels.plants:
            entered = np.bincount(inbound[1], inbound[2], minlength=levels.depots)
            np.testing.assert_allclose(entered, passed, atol=1e-7)
            sent = np.bincount(inbound[0], inbound[2], minlength=levels.plants)
            assert (sent <= levels.plant_capacity[layer] + 1e-7).all()
            cost += (levels.inbound[layer][inbound[0], inbound[1]] * inbound[2]).sum()
    assert served.cost == pytest.approx(cost, rel=1e-8)


def test_a_service_is_given_up_when_its_cost_is_sure_to_pass_the_limit() -> None:
    levels = network(4, products=2)
    service = Service(levels, is_fast=True)
    opened = np.ones(levels.plants + levels.depots, dtype=bool)
    served = service.serve(opened)
    assert served is not None
    assert service.serve(opened, limit=served.cost + 1e-6) is not None
    assert service.serve(opened, limit=served.cost - 1e-6) is None
