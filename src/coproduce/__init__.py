"""Coproduce plans joint production across borders and proves that the plan is good for both."""

__version__ = "0.1.0"
