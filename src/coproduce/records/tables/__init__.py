"""The tables of a programme, each declared once, in the order of loading and of print."""

from __future__ import annotations

import dataframely as dy

from coproduce.records.tables import makers, meetings, places, production

TABLES: dict[str, type[dy.Schema]] = {
    "origins": places.Origins,
    "countries": places.Countries,
    "parties": places.Parties,
    "parameters": places.Parameters,
    "fx": places.Fx,
    "zones": places.Zones,
    "regions": places.Regions,
    "companies": makers.Companies,
    "technologies": production.Technologies,
    "modules": production.Modules,
    "products": production.Products,
    "stages": production.Stages,
    "bom": production.Bom,
    "sites": places.Sites,
    "site_technologies": places.SiteTechnologies,
    "lanes": places.Lanes,
    "capabilities": makers.Capabilities,
    "certificates": makers.Certificates,
    "needs": makers.Needs,
    "deals": makers.Deals,
    "segments": production.Segments,
    "demand": production.Demand,
    "prices": production.Prices,
    "sources": production.Sources,
    "rivals": production.Rivals,
    "disruptions": production.Disruptions,
    "limits": places.Limits,
    "scenarios": production.Scenarios,
    "scenario_effects": production.ScenarioEffects,
    "gates": makers.Gates,
    "known_projects": makers.KnownProjects,
    "participants": meetings.Participants,
    "requests": meetings.Requests,
    "tables": meetings.Tables,
    "slots": meetings.Slots,
    "trade_flows": production.TradeFlows,
}
"""Table name → schema. A table's file is ``<name>.csv``, its sheet ``<name>``."""

OPTIONAL_TABLES = frozenset(
    {
        "certificates",
        "limits",
        "lanes",
        "needs",
        "capabilities",
        "rivals",
        "disruptions",
        "scenario_effects",
        "gates",
        "known_projects",
        "participants",
        "requests",
        "tables",
        "slots",
        "trade_flows",
    }
)
"""Tables that may be missing or empty; every other one must have a row."""

__all__ = ["OPTIONAL_TABLES", "TABLES"]
