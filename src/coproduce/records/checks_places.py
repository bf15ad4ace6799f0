"""Checks of sides, places and times: parties, zones, coordinates, dates, slots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from coproduce.records.errors import Issue
from coproduce.records.validate import ROW, World, check
from coproduce.records.validate_words import listed, shown

FARTHEST_KM = 1500.0
EARTH_RADIUS_KM = 6371.0


@check("parties", whole=True)
def two_sides(world: World) -> Iterator[Issue]:
    """P067: there is exactly one host and exactly one partner."""
    for role in ("host", "partner"):
        named = world["parties"].filter(pl.col("role") == role)["party_id"].to_list()
        if len(named) != 1:
            who = f" ({listed(named)})" if named else ""
            message = f"{len(named)} parties have the role {role}{who}; exactly one must"
            yield world.issue("P067", "parties", message, column="role", value=len(named))


@check("parties", "countries", whole=True, settings=True)
def host_lies_in_the_bloc(world: World) -> Iterator[Issue]:
    """P084: the host's country is in the bloc; P081: its currency is the programme's."""
    settings = world.settings
    assert settings is not None  # noqa: S101  the registration says so
    hosts = (
        world["parties"]
        .filter(pl.col("role") == "host")
        .join(world["countries"].select("country_id", "is_in_bloc"), on="country_id")
    )
    for row, country, currency, is_in_bloc in hosts.select(
        ROW, "country_id", "currency", "is_in_bloc"
    ).iter_rows():
        if not is_in_bloc:
            message = f"the host's country {shown(country)} has is_in_bloc false; set it to true"
            yield world.issue(
                "P084", "parties", message, row=row, column="country_id", value=country
            )
        if currency != settings.currency:
            message = (
                f"the host counts in {shown(currency)} but the programme in "
                f"{shown(settings.currency)}; make sure that this is meant"
            )
            yield world.issue(
                "P081",
                "parties",
                message,
                row=row,
                column="currency",
                value=currency,
                is_warning=True,
            )


@check("zones", "parties", whole=True)
def zones_lie_in_the_host(world: World) -> Iterator[Issue]:
    """P089: demand zones are zones of the host's country."""
    hosts = world["parties"].filter(pl.col("role") == "host")["country_id"].to_list()
    rows = world["zones"].filter(~pl.col("country_id").is_in(hosts))
    for row, country in rows.select(ROW, "country_id").iter_rows():
        message = f"demand zones lie in the host's country ({listed(hosts)}), not {shown(country)}"
        yield world.issue("P089", "zones", message, row=row, column="country_id", value=country)


@check("regions", "zones")
def regions_lie_in_their_zone(world: World) -> Iterator[Issue]:
    """P066: a region and its demand zone are of one country."""
    zones = world["zones"].select("zone_id", zone_country="country_id")
    rows = world["regions"].join(zones, on="zone_id")
    wrong = rows.filter(pl.col("country_id") != pl.col("zone_country")).sort(ROW)
    for row, zone, country, other in wrong.select(
        ROW, "zone_id", "country_id", "zone_country"
    ).iter_rows():
        message = f"the region is of {country} but its zone {shown(zone)} of {other}; correct one"
        yield world.issue("P066", "regions", message, row=row, column="zone_id", value=zone)


def _km(lat: str, lon: str, other_lat: str, other_lon: str) -> pl.Expr:
    """Return great-circle distance by the haversine formula."""
    phi, other_phi = pl.col(lat).radians(), pl.col(other_lat).radians()
    half_north = ((other_phi - phi) / 2).sin().pow(2)
    half_east = ((pl.col(other_lon) - pl.col(lon)).radians() / 2).sin().pow(2)
    chord = half_north + phi.cos() * other_phi.cos() * half_east
    return 2 * EARTH_RADIUS_KM * chord.clip(0, 1).sqrt().arcsin()


@check("regions")
def places_lie_near_their_region(world: World) -> Iterator[Issue]:
    """P073 (warning): a site or company is not implausibly far from its region's capital."""
    capitals = world["regions"].select("region_id", capital_lat="lat", capital_lon="lon")
    for table in ("sites", "companies"):
        if table not in world.tables:
            continue
        km = _km("lat", "lon", "capital_lat", "capital_lon")
        rows = world[table].join(capitals, on="region_id").with_columns(km=km)
        far = rows.filter(pl.col("km") > FARTHEST_KM).sort(ROW)
        for row, region, lat, lon, distance in far.select(
            ROW, "region_id", "lat", "lon", "km"
        ).iter_rows():
            message = (
                f"the place {lat:g}, {lon:g} lies {distance:,.0f} km from the capital of "
                f"{shown(region)}; look whether lat and lon are swapped"
            )
            yield world.issue(
                "P073", table, message, row=row, column="lat", value=lat, is_warning=True
            )


@check("certificates")
def certificates_end_after_they_start(world: World) -> Iterator[Issue]:
    """P071: valid_from ≤ valid_to."""
    rows = world["certificates"].filter(pl.col("valid_from") > pl.col("valid_to"))
    for row, start, end in rows.select(ROW, "valid_from", "valid_to").iter_rows():
        message = f"valid_to {end} is before valid_from {start}; swap or correct them"
        yield world.issue("P071", "certificates", message, row=row, column="valid_to", value=end)


@check("known_projects")
def projects_launch_after_their_announcement(world: World) -> Iterator[Issue]:
    """P072: a launch is not before the announcement; compared as exactly as both are known."""
    for column, is_warning in (("actual_launch", False), ("planned_launch", True)):
        digits = pl.min_horizontal(
            pl.col("announced").str.len_chars(), pl.col(column).str.len_chars()
        )
        rows = world["known_projects"].filter(
            pl.col("announced").str.slice(0, digits) > pl.col(column).str.slice(0, digits)
        )
        for row, announced, launch in rows.select(ROW, "announced", column).iter_rows():
            message = f"{column} {launch} is before announced {announced}; correct one of them"
            yield world.issue(
                "P072",
                "known_projects",
                message,
                row=row,
                column=column,
                value=launch,
                is_warning=is_warning,
            )


@check()
def years_stand_in_order(world: World) -> Iterator[Issue]:
    """P079: first_year ≤ last_year."""
    for table in ("limits", "scenario_effects"):
        if table not in world.tables:
            continue
        rows = world[table].filter(pl.col("first_year") > pl.col("last_year"))
        for row, first, last in rows.select(ROW, "first_year", "last_year").iter_rows():
            message = f"last_year {last} is before first_year {first}; swap or correct them"
            yield world.issue("P079", table, message, row=row, column="last_year", value=last)


@check("gates")
def gates_are_numbered_once(world: World) -> Iterator[Issue]:
    """P085: no two gates have the same number."""
    rows = world["gates"].filter(pl.col("gate_no").is_duplicated())
    for row, number in rows.select(ROW, "gate_no").iter_rows():
        message = f"two gates have the number {number}; number gates in their order"
        yield world.issue("P085", "gates", message, row=row, column="gate_no", value=number)


@check("lanes", whole=True)
def lanes_have_one_default(world: World) -> Iterator[Issue]:
    """P086: between two countries exactly one lane is the default."""
    pair = ["from_country_id", "to_country_id"]
    sums = (
        world["lanes"]
        .group_by(pair, maintain_order=True)
        .agg(pl.col("is_default").sum(), pl.col(ROW).last())
    )
    for start, end, count, row in sums.iter_rows():
        if count != 1:
            message = f"{count} lanes from {start} to {end} have is_default true; exactly one must"
            yield world.issue("P086", "lanes", message, row=row, column="is_default", value=count)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@check("slots")
def slots_follow_one_another(world: World) -> Iterator[Issue]:
    """P070: slots are real times, end after they start, and follow by number without overlap."""
    last_no, last_end, last_id = None, None, ""
    for row, slot_id, number, start_text, end_text in (
        world["slots"]
        .sort("slot_no", maintain_order=True)
        .select(ROW, "slot_id", "slot_no", "starts_at", "ends_at")
        .iter_rows()
    ):
        start, end = _moment(start_text), _moment(end_text)
        if start is None or end is None:
            column, value = ("starts_at", start_text) if start is None else ("ends_at", end_text)
            message = f"{shown(value)} is not a time of the calendar; write 2026-12-01T10:00"
            yield world.issue("P070", "slots", message, row=row, column=column, value=value)
            continue
        if end <= start:
            message = f"slot {shown(slot_id)} ends at {end_text}, not after its start {start_text}"
            yield world.issue("P070", "slots", message, row=row, column="ends_at", value=end_text)
        if number == last_no:
            message = f"slots {shown(last_id)} and {shown(slot_id)} both have number {number}"
            yield world.issue("P070", "slots", message, row=row, column="slot_no", value=number)
        elif last_end is not None and start < last_end:
            message = (
                f"slot {shown(slot_id)} starts at {start_text}, before slot {shown(last_id)} of "
                f"the number before it ends at {last_end:%Y-%m-%dT%H:%M}"
            )
            yield world.issue(
                "P070", "slots", message, row=row, column="starts_at", value=start_text
            )
        last_no, last_end, last_id = number, max(end, last_end or end), slot_id
