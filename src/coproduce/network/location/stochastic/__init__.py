"""Decide sites now, serve when the scenario is known."""
