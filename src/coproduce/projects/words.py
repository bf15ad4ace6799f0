"""What states and reasons of a project are called."""

from __future__ import annotations

from coproduce.records.words import Words

STATES = {
    "active": Words("active", "идёт"),
    "operating": Words("operating", "работает"),
    "parked": Words("parked", "отложен"),
    "frozen": Words("frozen", "заморожен"),
    "cancelled": Words("cancelled", "отменён"),
    "no_trace": Words("without trace", "следов нет"),
}
REASONS = {
    "money": Words("money", "деньги"),
    "site": Words("the site", "площадка"),
    "regulation": Words("regulation", "регулирование"),
    "partner": Words("the partner", "партнёр"),
    "payment": Words("payments", "платежи"),
    "market": Words("the market", "рынок"),
    "not_stated": Words("not stated", "не названа"),
}

__all__ = ["REASONS", "STATES"]
