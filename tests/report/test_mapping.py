from __future__ import annotations

import numpy as np
import pytest

from coproduce.report.land import land_rings, water_rings
from coproduce.report.mapping import Flow, Frame, MapWords, Place, albers, draw_map

WORDS = MapWords("Map", "A map.", ("first", "last"), "t")
PLACES = [
    Place("site", "Site <1>", 55.0, 49.0, "host_site", {2030: (0, 1)}),
    Place("zone", "Zone", 60.0, 60.0, "zone", {}),
    Place("far", "Far away", 40.0, -77.0, "country", {}),
    Place("idle", "Idle", 50.0, 80.0, "country", {}),
]
FLOWS = [Flow("far", "site", 2030, 90.0, "inbound"), Flow("site", "zone", 2030, 10.0, "out")]


def test_the_projection_agrees_with_the_published_example() -> None:
    # Snyder (1987), p. 291: sphere; parallels 29.5° and 45.5°, origin 23° N 96° W, point 35° N
    # 75° W.
    x, y = albers(
        np.array([-75.0]),
        np.array([35.0]),
        meridian_deg=-96.0,
        parallels_deg=(29.5, 45.5),
        origin_deg=23.0,
    )
    assert float(x[0]) == pytest.approx(0.2952720, abs=1e-7)
    assert float(y[0]) == pytest.approx(0.2416774, abs=1e-7)


@pytest.mark.parametrize("lat", [5.0, 25.0, 45.0, 65.0])
def test_equal_areas_stay_equal(lat: float) -> None:
    step = 0.01
    lon = np.array([70.0, 70.0 + step, 70.0 + step, 70.0])
    x, y = albers(lon, np.array([lat, lat, lat + step, lat + step]))
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    r = np.radians
    on_sphere = r(step) * (np.sin(r(lat + step)) - np.sin(r(lat)))
    assert area == pytest.approx(on_sphere, rel=1e-6)


def test_east_and_west_of_the_central_meridian_mirror() -> None:
    x, y = albers(np.array([60.0, 120.0]), np.array([50.0, 50.0]))
    assert float(x[0]) == pytest.approx(-float(x[1]))
    assert float(y[0]) == pytest.approx(float(y[1]))


def test_far_countries_are_pulled_to_the_edge_and_idle_ones_left_out() -> None:
    drawn = draw_map(PLACES, FLOWS, (2030,), WORDS)
    assert "← Far away" in drawn
    assert "Idle" not in drawn
    assert "Site &lt;1&gt;" in drawn


def test_wider_arcs_carry_more() -> None:
    drawn = draw_map(PLACES, FLOWS, (2030,), WORDS)
    widths = [float(part.split('"')[0]) for part in drawn.split('stroke-width="')[1:]]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 2


def test_every_place_in_reach_lies_within_the_frame() -> None:
    frame = Frame(PLACES)
    for place in PLACES:
        x, y, _ = frame.place(place)
        assert 0 <= x <= 960
        assert 0 <= y <= frame.height_px


def test_the_coastline_is_whole() -> None:
    for ring in (*land_rings(), *water_rings()):
        assert len(ring) >= 3
        assert all(-30 <= lon <= 200 and -20 <= lat <= 85 for lon, lat in ring)
