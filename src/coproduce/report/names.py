"""Names in the report's language for every id that a programme knows."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from coproduce.records.programme import Programme
from coproduce.report.texts import Texts

_NAMED = {
    "site": ("sites", "site_id"),
    "product": ("products", "product_id"),
    "country": ("countries", "country_id"),
    "company": ("companies", "company_id"),
    "technology": ("technologies", "technology_id"),
    "zone": ("zones", "zone_id"),
    "region": ("regions", "region_id"),
    "segment": ("segments", "segment_id"),
    "party": ("parties", "party_id"),
    "deal": ("deals", "deal_id"),
    "gate": ("gates", "gate_id"),
    "participant": ("participants", "participant_id"),
    "project": ("known_projects", "project_id"),
    "scenario": ("scenarios", "scenario_id"),
    "table": ("tables", "table_id"),
}


class Names:
    """Looks up names; an id without a name stays as it is."""

    def __init__(self, programme: Programme, texts: Texts) -> None:
        self.programme = programme
        self.texts = texts
        self._found: dict[str, dict[str, str]] = {}

    def all(self, kind: str) -> dict[str, str]:
        """Return id → name for a kind, for example ``site``."""
        if kind not in self._found:
            table, key = _NAMED[kind]
            frame = self.programme[table]
            wanted = [pl.col("name_ru"), pl.col("name_en")]
            name = pl.coalesce(wanted if self.texts.lang == "ru" else wanted[::-1])
            # A number must not part from its sign at the end of a line.
            unbroken = name.str.replace_all("№ ", "№\u00a0").str.replace_all("× ", "×\u00a0")
            self._found[kind] = dict(frame.select(key, unbroken.alias("name")).iter_rows())
        return self._found[kind]

    def of(self, kind: str, identifier: str | None) -> str:
        """Return the name of an id."""
        return "" if identifier is None else self.all(kind).get(identifier, identifier)

    def stage(self, stage_id: str) -> str:
        """Return a stage's name."""
        return self.word("stage", stage_id)

    def word(self, group: str, identifier: str | None) -> str:
        """Return an id's name in a group of words, or the id with spaces.

        Stages are called what the programme calls them, all else what the catalogue does.
        """
        if identifier is None:
            return ""
        lang, settings = self.texts.lang, self.programme.settings
        if group == "stage" and f"{identifier}.{lang}" in settings.stage_names:
            return settings.stage_name(identifier).in_language(lang)
        key = f"{group}.{identifier}"
        return self.texts(key) if self.texts.has(key) else identifier.replace("_", " ")

    def stages_joined(self, stages: str) -> str:
        """Return ``api+fdf`` in words."""
        if stages in ("", "-"):
            return self.texts("none")
        return " + ".join(self.stage(stage) for stage in stages.split("+"))

    def joined(self, ids: str | None) -> str:
        """Return ids joined by ``|`` in words, whatever each of them names."""
        return " · ".join(self._any(part) for part in (ids or "").split("|"))

    def _any(self, identifier: str) -> str:
        for kind in ("site", "product", "technology", "segment", "zone", "country", "company"):
            if identifier in self.all(kind):
                return self.all(kind)[identifier]
        for group in ("stage", "standing", "kind"):
            if self.texts.has(f"{group}.{identifier}"):
                return self.texts(f"{group}.{identifier}")
        return identifier.replace("_", " ")

    def column(self, frame: pl.DataFrame, column: str, kind: str) -> pl.DataFrame:
        """Return a frame with a column's ids replaced by names."""
        if column not in frame.columns:
            return frame
        if kind in _NAMED:
            known = self.all(kind)
            named = [known.get(i, i) if i is not None else None for i in frame[column]]
        elif kind == "stages":
            named = [self.stages_joined(i) if i is not None else None for i in frame[column]]
        else:
            named = [self.word(kind, i) if i is not None else None for i in frame[column]]
        return frame.with_columns(pl.Series(column, named, dtype=pl.String))

    def frame(self, frame: pl.DataFrame, **kinds: str) -> pl.DataFrame:
        """Return a frame with several columns named: ``frame(f, site_id="site")``."""
        for column, kind in kinds.items():
            frame = self.column(frame, column, kind)
        return frame

    def listed(self, kind: str, ids: Iterable[str], most: int = 5) -> str:
        """Return names joined by semicolons; what goes beyond `most` is counted."""
        names = [self.of(kind, i) for i in ids]
        if len(names) <= most:
            return "; ".join(names)
        return f"{'; '.join(names[:most])} {self.texts('and_more', n=len(names) - most)}"
