"""Trade commands start without the tables of a programme."""

from __future__ import annotations

import subprocess
import sys

import pytest

from coproduce import dependence

MODULES = ("complexity.files", "trade.study", "pairs.opportunities", "pairs.pair", "pictures")


def test_trade_modules_do_not_load_a_programmes_tables() -> None:
    names = ", ".join(f"coproduce.dependence.{name}" for name in MODULES)
    code = f"import sys, {names}\nprint('dataframely' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False"]


def test_the_room_offers_its_call_and_no_more() -> None:
    assert all(getattr(dependence, name) for name in dependence.__all__)
    assert callable(dependence.run)
    with pytest.raises(AttributeError, match="walkabout"):
        _ = dependence.walkabout
