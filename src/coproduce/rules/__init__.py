"""Dated law: leaves of data with two clocks, and the few functions that apply them."""

from coproduce.rules.access import access_table, tender_outcome
from coproduce.rules.book import RuleBook, View
from coproduce.rules.levies import duty, levy, payroll_share
from coproduce.rules.points import local_status
from coproduce.rules.reader import load
from coproduce.rules.regimes import regime_rates

__all__ = [
    "RuleBook",
    "View",
    "access_table",
    "duty",
    "levy",
    "load",
    "local_status",
    "payroll_share",
    "regime_rates",
    "tender_outcome",
]
