"""The map: a conic equal-area projection and what is drawn on it, as plain SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from coproduce.report.land import land_rings, water_rings

CENTRAL_MERIDIAN_DEG = 90.0
PARALLELS_DEG = (20.0, 60.0)
FARTHEST_FROM_MERIDIAN_DEG = 82.0
WIDTH_PX = 960.0
MOST_ARCS = 60
MOST_LABELS = 14

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map.

    Attributes:
        place_id: unique among all places.
        kind: ``host_site``, ``partner_site``, ``zone``, ``country`` or ``gateway``.
        stages: year → numbers of the stages made there, 0 is furthest upstream.
    """

    place_id: str
    name: str
    lat: float
    lon: float
    kind: str
    stages: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Flow:
    """Goods that move between two places in a year, in tonnes."""

    from_id: str
    to_id: str
    year: int
    tonnes: float
    kind: str


@dataclass(frozen=True, slots=True)
class MapWords:
    """What the map says, in the report's language."""

    title: str
    text: str
    stage_names: tuple[str, ...]
    tonnes: str


def albers(
    lon_deg: Points,
    lat_deg: Points,
    *,
    meridian_deg: float = CENTRAL_MERIDIAN_DEG,
    parallels_deg: tuple[float, float] = PARALLELS_DEG,
    origin_deg: float = 0.0,
) -> tuple[Points, Points]:
    """Return plane coordinates on a sphere of radius 1 by the conic equal-area projection.

    Args:
        lon_deg: longitudes in degrees.
        lat_deg: latitudes in degrees, same shape.
        meridian_deg: central meridian in degrees.
        parallels_deg: the two parallels that keep their length, in degrees.
        origin_deg: latitude of the origin in degrees.

    Source:
        J. P. Snyder (1987), Map Projections: A Working Manual, USGS PP 1395, eq. 14-1 … 14-6.

    Example:
        >>> import numpy as np
        >>> x, y = albers(np.array([90.0]), np.array([0.0]))
        >>> float(x[0]), float(y[0])
        (0.0, 0.0)
    """
    first, second = (np.radians(parallel) for parallel in parallels_deg)
    n = (np.sin(first) + np.sin(second)) / 2
    c = np.cos(first) ** 2 + 2 * n * np.sin(first)
    rho = np.sqrt(np.maximum(0.0, c - 2 * n * np.sin(np.radians(lat_deg)))) / n
    rho_origin = np.sqrt(c - 2 * n * np.sin(np.radians(origin_deg))) / n
    theta = n * np.radians(lon_deg - meridian_deg)
    return rho * np.sin(theta), rho_origin - rho * np.cos(theta)


class Frame:
    """The window on the plane that fits a set of places, with room at the edges."""

    def __init__(self, places: Iterable[Place]) -> None:
        near = [
            place
            for place in places
            if abs(place.lon - CENTRAL_MERIDIAN_DEG) <= FARTHEST_FROM_MERIDIAN_DEG
        ]
        lon = np.array([place.lon for place in near] or [30.0, 140.0])
        lat = np.array([place.lat for place in near] or [10.0, 65.0])
        x, y = albers(lon, lat)
        pad_x, pad_y = 0.05 + 0.04 * np.ptp(x), 0.05 + 0.05 * np.ptp(y)
        self._left, self._right = float(x.min() - pad_x), float(x.max() + pad_x)
        self._bottom, self._top = float(y.min() - pad_y), float(y.max() + pad_y)
        self._scale = WIDTH_PX / (self._right - self._left)
        self.height_px = (self._top - self._bottom) * self._scale

    def project(self, lon_deg: Points, lat_deg: Points) -> tuple[Points, Points]:
        """Return pixel coordinates, unclipped."""
        x, y = albers(lon_deg, lat_deg)
        return (x - self._left) * self._scale, (self._top - y) * self._scale

    def place(self, place: Place) -> tuple[float, float, bool]:
        """Return a place's pixels, pulled to the edge if it is outside, and whether it was."""
        span = place.lon - CENTRAL_MERIDIAN_DEG
        lon = CENTRAL_MERIDIAN_DEG + np.clip(
            span, -FARTHEST_FROM_MERIDIAN_DEG, FARTHEST_FROM_MERIDIAN_DEG
        )
        x, y = self.project(np.array([lon]), np.array([place.lat]))
        edge_x = float(np.clip(x[0], 14.0, WIDTH_PX - 14.0))
        edge_y = float(np.clip(y[0], 14.0, self.height_px - 14.0))
        is_outside = lon != place.lon or edge_x != float(x[0]) or edge_y != float(y[0])
        return edge_x, edge_y, is_outside


def draw_map(
    places: Sequence[Place], flows: Sequence[Flow], years: Sequence[int], words: MapWords
) -> Markup:
    """Return the map for the screen: one layer per year, the last one shown first."""
    used = _used(places, flows)
    frame = Frame(used)
    last = years[-1]
    arcs = [_layer(_arcs(frame, used, flows, y, words), y, y == last) for y in years]
    sites = [_layer(_sites(frame, used, y, words), y, y == last) for y in years]
    layers = "".join((*arcs, _fixed(frame, used), *sites))
    return Markup(  # noqa: S704  (every text in it is escaped where it is put in)
        f'<svg class="map" viewBox="0 0 {WIDTH_PX:.0f} {frame.height_px:.0f}" role="img" '
        f'aria-labelledby="map-t map-d"><title id="map-t">{escape(words.title)}</title>'
        f'<desc id="map-d">{escape(words.text)}</desc>'
        f'<g id="map-ground">{_ground(frame)}</g>{layers}</svg>'
    )


def draw_panel(
    places: Sequence[Place], flows: Sequence[Flow], year: int, words: MapWords
) -> Markup:
    """Return a small map of one year, for print; it reuses the ground of the large one."""
    used = _used(places, flows)
    frame = Frame(used)
    return Markup(  # noqa: S704
        f'<svg class="map" viewBox="0 0 {WIDTH_PX:.0f} {frame.height_px:.0f}" role="img" '
        f'aria-label="{escape(words.title)} {year}"><use href="#map-ground"/>'
        f"{_arcs(frame, used, flows, year, words)}{_fixed(frame, used, are_named=False)}"
        f"{_sites(frame, used, year, words)}</svg>"
    )


def _used(places: Sequence[Place], flows: Sequence[Flow]) -> list[Place]:
    """Leave out countries that ship nothing and sites that never make anything."""
    ends = {flow.from_id for flow in flows} | {flow.to_id for flow in flows}
    return [
        place
        for place in places
        if place.kind in ("zone", "gateway") or place.place_id in ends or place.stages
    ]


def _path(frame: Frame, ring: Sequence[tuple[float, float]]) -> str:
    lon, lat = _densified(ring)
    x, y = frame.project(lon, lat)
    pairs = " ".join(f"{px:.0f},{py:.0f}" for px, py in zip(x, y, strict=True))
    return f"M{pairs}Z"


def _densified(ring: Sequence[tuple[float, float]]) -> tuple[Points, Points]:
    """Add a point in the middle of long edges, so that they bend with the projection."""
    corners = np.array([*ring, ring[0]], dtype=float)
    middles = (corners[:-1] + corners[1:]) / 2
    both = np.empty((2 * len(middles), 2))
    both[0::2], both[1::2] = corners[:-1], middles
    return both[:, 0], both[:, 1]


def _ground(frame: Frame) -> str:
    land = "".join(_path(frame, ring) for ring in land_rings())
    water = "".join(_path(frame, ring) for ring in water_rings())
    return (
        f'<rect class="sea" width="{WIDTH_PX:.0f}" height="{frame.height_px:.0f}"/>'
        f'<path class="land" d="{land}"/><path class="sea" d="{water}"/>'
        f'<path class="graticule" d="{_graticule(frame)}"/>'
    )


def _graticule(frame: Frame) -> str:
    lines = []
    for lat in range(0, 81, 20):
        lon = np.arange(0.0, 191.0, 5.0)
        lines.append(frame.project(lon, np.full(lon.shape, float(lat))))
    for meridian in range(10, 191, 20):
        lats = np.arange(-10.0, 81.0, 10.0)
        lines.append(frame.project(np.full(lats.shape, float(meridian)), lats))
    return "".join(
        "M" + " ".join(f"{px:.0f},{py:.0f}" for px, py in zip(x, y, strict=True)) for x, y in lines
    )


def _fixed(frame: Frame, places: Sequence[Place], are_named: bool = True) -> str:
    """Zones, gateways and countries: they stay the same in all years."""
    parts = [_dot(frame, place) for place in places]
    if are_named:
        parts += [
            f'<text class="label {label.place.kind}" x="{label.x:.0f}" y="{label.y:.0f}">'
            f"{escape(label.text)}</text>"
            for label in _fixed_labels(frame, places)
        ]
    return "".join(parts)


def _dot(frame: Frame, place: Place) -> str:
    x, y, _ = frame.place(place)
    shapes = {
        "zone": f'rect class="zone" x="{x - 4:.0f}" y="{y - 4:.0f}" width="8" height="8"',
        "gateway": f'path class="gateway" d="M{x:.0f},{y - 5:.0f}l4,8h-8z"',
        "country": f'circle class="country" cx="{x:.0f}" cy="{y:.0f}" r="5"',
    }
    shape = shapes.get(place.kind)
    if shape is None:
        return ""
    return f"<{shape}><title>{escape(place.name)}</title></{shape.split(' ')[0]}>"


@dataclass(frozen=True, slots=True)
class _Label:
    """A name at its place on the map, in pixels; `x` is its left end."""

    place: Place
    text: str
    x: float
    y: float
    length: float


def _fixed_labels(frame: Frame, places: Sequence[Place]) -> list[_Label]:
    """Place the names of countries, then of zones, where they do not lie on one another."""
    labels: list[_Label] = []
    for kind, letter in (("country", 7.4), ("zone", 6.2)):
        for place in places:
            if place.kind != kind:
                continue
            x, y, is_outside = frame.place(place)
            arrow = ("→ " if x > WIDTH_PX / 2 else "← ") if is_outside else ""
            text = arrow + place.name
            spot = _free_spot(x, y, letter * len(text), labels)
            if spot is not None:
                labels.append(_Label(place, text, *spot, letter * len(text)))
    return labels


def _arcs(
    frame: Frame, places: Sequence[Place], flows: Sequence[Flow], year: int, words: MapWords
) -> str:
    at = {place.place_id: place for place in places}
    of_year = sorted(
        (f for f in flows if f.year == year and f.from_id in at and f.to_id in at),
        key=lambda flow: -flow.tonnes,
    )[:MOST_ARCS]
    most = max((flow.tonnes for flow in flows), default=1.0) or 1.0
    return "".join(_arc(frame, at[f.from_id], at[f.to_id], f, most, words) for f in of_year)


def _sites(frame: Frame, places: Sequence[Place], year: int, words: MapWords) -> str:
    sites = [place for place in places if place.kind.endswith("_site")]
    named = [place for place in places if place.kind in ("zone", "country")]
    marks = "".join(_site(frame, place, year, words) for place in sites)
    return marks + _site_names(frame, named, sites, year)


def _layer(content: str, year: int, is_shown: bool) -> str:
    """Return what belongs to one year as a group that the year slider shows or hides."""
    hidden = "" if is_shown else ' style="display:none"'
    return f'<g class="year" data-year="{year}"{hidden}>{content}</g>'


def _arc(
    frame: Frame, start: Place, end: Place, flow: Flow, most_tonnes: float, words: MapWords
) -> str:
    x1, y1, _ = frame.place(start)
    x2, y2, _ = frame.place(end)
    width = 0.6 + 7.0 * float(np.sqrt(flow.tonnes / most_tonnes))
    bend_x, bend_y = (x1 + x2) / 2 - (y2 - y1) * 0.18, (y1 + y2) / 2 + (x2 - x1) * 0.18
    title = escape(f"{start.name} → {end.name}: {flow.tonnes:,.0f} {words.tonnes}, {flow.year}")
    return (
        f'<path class="flow {flow.kind}" stroke-width="{width:.1f}" '
        f'd="M{x1:.0f},{y1:.0f}Q{bend_x:.0f},{bend_y:.0f} {x2:.0f},{y2:.0f}">'
        f"<title>{title}</title></path>"
    )


_SHAPES = ("M0,-5L5,4H-5Z", "M-4.5,-4.5H4.5V4.5H-4.5Z", "M0,-5.5L5.5,0L0,5.5L-5.5,0Z", "")
"""Glyph of a stage: triangle, square, diamond, and a circle for the last ones."""


def stage_glyph(stage_no: int) -> str:
    """Return the SVG shape of a stage, centred on the origin, without class or place."""
    shape = _SHAPES[min(stage_no, len(_SHAPES) - 1)]
    return f'<path d="{shape}"/>' if shape else '<circle r="5"/>'


def _site(frame: Frame, place: Place, year: int, words: MapWords) -> str:
    made = place.stages.get(year, ())
    x, y, _ = frame.place(place)
    if not made:
        return ""
    names = ", ".join(words.stage_names[stage] for stage in made)
    start = x - 6.0 * (len(made) - 1)
    glyphs = "".join(
        f'<g transform="translate({start + 12.0 * i:.0f},{y:.0f})">{stage_glyph(stage)}</g>'
        for i, stage in enumerate(made)
    )
    title = escape(f"{place.name}: {names}")
    return f'<g class="site {place.kind}"><title>{title}</title>{glyphs}</g>'


def _site_names(frame: Frame, fixed: Sequence[Place], sites: Sequence[Place], year: int) -> str:
    """Name as many sites as fit without names lying on one another."""
    labels = _fixed_labels(frame, fixed)
    parts: list[str] = []
    for place in sites:
        if not place.stages.get(year) or len(parts) >= MOST_LABELS:
            continue
        x, y, _ = frame.place(place)
        length = 7.2 * len(place.name)
        spot = _free_spot(x, y, length, labels)
        if spot is not None:
            labels.append(_Label(place, place.name, *spot, length))
            parts.append(
                f'<text class="label site" x="{spot[0]:.0f}" y="{spot[1]:.0f}">'
                f"{escape(place.name)}</text>"
            )
    return "".join(parts)


def _free_spot(
    x: float, y: float, length: float, taken: Sequence[_Label]
) -> tuple[float, float] | None:
    """Return the left end of the first free line around a point; None if all are taken."""
    right, left = 11.0, -length - 11.0
    for dx, dy in ((right, 4.0), (left, 4.0), (right, -9.0), (right, 17.0), (left, -9.0),
                   (left, 17.0)):  # fmt: skip
        start, line = x + dx, y + dy
        inside = start > 0 and start + length < WIDTH_PX and line > 12
        if inside and all(
            abs(line - other.y) > 13
            or start > other.x + other.length + 4
            or start + length + 4 < other.x
            for other in taken
        ):
            return start, line
    return None
