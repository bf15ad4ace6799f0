"""Answers without simulation: availability, shared stock, chains, lots and stock policies."""

from __future__ import annotations

from coproduce.resilience.exact.series import Stage, chain_with_stock
from coproduce.resilience.exact.shared_stock import Answer, shared_stock_shortage
from coproduce.resilience.exact.sources import Group

__all__ = ["Answer", "Group", "Stage", "chain_with_stock", "shared_stock_shortage"]
