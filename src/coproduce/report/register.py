"""All figures of a run, numbered for print, shown with value, glyph and way to their trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from markupsafe import Markup

from coproduce.records.figures import Figure, weakest
from coproduce.report.look import GLYPHS, UNSURE
from coproduce.report.texts import Texts

_STATES = {"today": "today", "after": "with_plan", "alone": "host_alone"}
"""First part of an id → the state that its label must name, where a room ran twice."""


class Register:
    """Figures by id; a figure is numbered when first shown, so numbers run with the page.

    Args:
        figures: id → figure.
        texts: the report's language.
    """

    def __init__(self, figures: Mapping[str, Figure], texts: Texts) -> None:
        self.figures = dict(figures)
        self.texts = texts
        self.numbers: dict[str, int] = {}

    def add(self, figure: Figure) -> str:
        """Add a figure of the report's own; its status is the weakest of its parts'.

        Returns:
            its id.
        """
        known = [self.figures[part] for part in figure.parts if part in self.figures]
        status = weakest([figure.status, *(part.status for part in known)])
        self.figures[figure.figure_id] = replace(figure, status=status)
        return figure.figure_id

    def find(self, *names: str) -> str | None:
        """Return the first of these ids that there is."""
        return next((name for name in names if name in self.figures), None)

    def of_room(self, room: str) -> list[str]:
        """Return a room's ids, those of the whole programme before those of single things."""
        own = [name for name in self.figures if name.startswith(f"{room}.")]
        return sorted(own, key=lambda name: (name.count("."), own.index(name)))

    def value(self, figure_id: str | None) -> float | None:
        """Return a figure's value, None if there is no such figure."""
        figure = self.figures.get(figure_id) if figure_id else None
        return figure.value if figure else None

    def label(self, figure_id: str) -> str:
        """Return what a figure is, in words."""
        figure = self.figures[figure_id]
        label = figure.label_ru if self.texts.lang == "ru" else figure.label_en
        state = _STATES.get(figure_id.split(".")[0])
        return f"{label} ({self.texts(state)})" if state else label

    def number(self, figure_id: str) -> int:
        """Return the figure's number in this report."""
        return self.numbers.setdefault(figure_id, len(self.numbers) + 1)

    def anchor(self, figure_id: str) -> str:
        """Return the name of the figure's place in the appendix."""
        return "f-" + "".join(c if c.isalnum() else "-" for c in figure_id)

    def show(self, figure_id: str | None) -> Markup:
        """Return the value with its glyph, a link to its trace and its number for print."""
        if figure_id is None or figure_id not in self.figures:
            return Markup('<span class="missing">{}</span>').format(self.texts("not_defined"))
        figure = self.figures[figure_id]
        word = self.texts(f"status.{figure.status}")
        said = self.texts("trace_of", status=word, number=self.number(figure_id))
        return Markup(
            '<span class="fig">{}<a class="st st-{}" href="#{}" aria-label="{}" title="{}">{}</a>'
            '<span class="refno">[{}]</span></span>'
        ).format(
            self.texts.quantity(figure.value, figure.unit),
            figure.status,
            self.anchor(figure_id),
            said,
            f"{self.label(figure_id)}: {said}",
            GLYPHS[figure.status],
            self.number(figure_id),
        )

    def chip(self, figure_id: str) -> Markup:
        """Return label, value and range of a figure for a section's list of key figures."""
        figure = self.figures[figure_id]
        between = self.texts.interval(figure.low, figure.high, figure.unit)
        low_high = Markup(' <span class="range">{}</span>').format(between) if between else ""
        return Markup("<dt>{}</dt><dd>{}{}</dd>").format(
            self.label(figure_id), self.show(figure_id), low_high
        )

    def unsure(self) -> list[Figure]:
        """Return the figures that rest on assumed or synthetic facts."""
        return [figure for figure in self.figures.values() if figure.status in UNSURE]
