"""Time to survive, time to recover and risk exposure by linear programming."""

from __future__ import annotations

from coproduce.resilience.time_to_survive.exposure import Exposure, Study, study
from coproduce.resilience.time_to_survive.network import SurviveNetwork
from coproduce.resilience.time_to_survive.read import read_network

__all__ = ["Exposure", "Study", "SurviveNetwork", "read_network", "study"]
