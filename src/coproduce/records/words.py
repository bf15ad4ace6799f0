"""Sentences in both languages, so that a room can say why without knowing who reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence or name in English and Russian."""

    en: str
    ru: str

    def in_language(self, lang: str) -> str:
        """Return the text for ``en`` or ``ru``.

        Raises:
            ValueError: for any other language.
        """
        if lang not in ("en", "ru"):
            raise ValueError(f"language {lang!r} is not one of en, ru")
        return self.ru if lang == "ru" else self.en
