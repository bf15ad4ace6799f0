"""Shortage histories: spells with censoring, survival curves and fitted laws."""
