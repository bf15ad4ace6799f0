"""A timetable on paper and in calendars: HTML, PDF, ICS, XLSX, CSV and badges."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from coproduce.forum.large.agenda import LABELS, Agenda, Entry
from coproduce.forum.large.explain import Explainer
from coproduce.forum.large.files import write_whole
from coproduce.forum.large.outcomes import OUTCOME_COLUMNS
from coproduce.forum.large.types import Answer, Forum
from coproduce.records.words import Words

STYLE = """
@page { size: A4; margin: 16mm }
body { font: 11pt/1.35 system-ui, "DejaVu Sans", sans-serif; color: #1b1f24; margin: 0 }
section { break-after: page; padding: 8mm; max-width: 190mm; margin: auto }
section.wide { max-width: none }
h1 { font-size: 17pt; margin: 0 0 1mm; padding-right: 30mm }
h2 { font-size: 12pt; margin: 7mm 0 2mm }
p.sub { margin: 0 0 4mm; color: #57606a }
p.made-up { margin: 0 30mm 4mm 0; padding: 1.5mm 3mm; background: #fff4ce }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 1.2mm 2mm }
th, td { border-bottom: 1px solid #d0d7de }
th { font-size: 9pt; color: #57606a; font-weight: 600 }
td.when { white-space: nowrap; font-variant-numeric: tabular-nums }
svg.qr { float: right; width: 26mm; height: 26mm }
table.grid { font-size: 7pt } table.grid td { border: 1px solid #d0d7de }
div.badges { display: grid; grid-template-columns: repeat(2, 90mm); gap: 4mm; padding: 6mm }
div.badge { border: 1px solid #d0d7de; padding: 4mm; break-inside: avoid; min-height: 40mm }
"""


def print_all(
    forum: Forum,
    answer: Answer,
    out: Path,
    *,
    lang: str,
    only: Sequence[str] = (),
    tell: Callable[[float, str], None] = lambda share, doing: None,
) -> list[Path]:
    """Write everything that is printed or handed out and return the files.

    Args:
        forum, answer: as scheduled.
        out: folder; files of the same names are replaced, each whole.
        lang: ``en`` or ``ru``.
        only: participants to print; empty: all, and then tables, grid and badges too.
        tell: told the share done and what is being done.
    """
    agenda = Agenda(forum, answer)
    people = list(only) or list(forum.participants)
    written: list[Path] = []

    def write(name: str, content: str | bytes) -> None:
        write_whole(out / name, content)
        written.append(out / name)

    tell(0.05, "agendas")
    write("agendas.html", agendas_html(agenda, Explainer(forum, answer), people, lang))
    tell(0.3, "calendars")
    for person in people:
        write(f"calendars/{person}.ics", calendar(agenda, person, lang))
    tell(0.5, "agendas as PDF")
    write("agendas.pdf", agendas_pdf(agenda, people, lang))
    if not only:
        tell(0.7, "table sheets, grid and badges")
        write("tables.html", tables_html(agenda, lang))
        write("grid.html", grid_html(agenda, lang))
        write("badges.html", badges_html(agenda, people, lang))
        write("timetable.csv", _csv(timetable_rows(agenda)))
        write("not-held.csv", _csv(refused_rows(forum, answer)))
        write("outcomes.csv", _csv(outcome_rows(agenda)))
        write("timetable.xlsx", workbook(agenda, lang))
    return written


def qr_svg(text: str) -> str:
    """Return a QR code as an inline SVG."""
    import segno

    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        buffer, kind="svg", xmldecl=False, svgns=True, svgclass="qr", omitsize=True, border=2
    )
    return buffer.getvalue().decode()


def _page(title: str, body: Iterable[str], lang: str) -> str:
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f"{''.join(body)}</body></html>"
    )


def _title(agenda: Agenda, lang: str) -> str:
    settings = agenda.forum.settings
    return settings.title_ru if lang == "ru" else settings.title_en


def _made_up(agenda: Agenda, lang: str) -> str:
    if not agenda.forum.settings.is_synthetic:
        return ""
    return f'<p class="made-up">{escape(LABELS["synthetic"].in_language(lang))}</p>'


def _rows(cells: Iterable[Sequence[str]], heads: Sequence[str]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="when">{escape(c)}</td>' if at < 3 else f"<td>{escape(c)}</td>"
            for at, c in enumerate(row)
        )
        + "</tr>"
        for row in cells
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _span(agenda: Agenda) -> str:
    days = sorted(slot.day for slot in agenda.forum.slots.values())
    return "–".join(
        f"{day[8:]}.{day[5:7]}.{day[:4]}" for day in dict.fromkeys((days[0], days[-1]))
    )


def _when(entry: Entry) -> str:
    return f"{entry.starts:%d.%m %H:%M}–{entry.ends:%H:%M}"


def _own(entry: Entry) -> str:
    return f"{entry.own_starts:%d.%m %H:%M}"


def agendas_html(agenda: Agenda, explainer: Explainer, people: Sequence[str], lang: str) -> str:
    """Return one sheet for each participant: its meetings, and why others are not held."""
    body = []
    say = {name: words.in_language(lang) for name, words in LABELS.items()}
    for person in people:
        entries = agenda.of(person)
        zones = (agenda.forum.settings.time_zone, agenda.second_zone(person))
        cells = [
            (
                _when(entry),
                _own(entry),
                entry.place.in_language(lang),
                entry.others.in_language(lang),
                entry.notes.in_language(lang),
            )
            for entry in entries
        ]
        heads = [*zones, *(say[name] for name in ("table", "with", "note"))]
        missed = explainer.of(person)
        told = [
            (
                agenda.people(each.other_id.split("+")).in_language(lang),
                each.reason.in_language(lang),
                each.remedy.in_language(lang),
            )
            for each in missed
        ]
        not_held = [say[name] for name in ("with", "why", "remedy")]
        body.append(
            f"<section>{qr_svg(person)}<h1>{escape(agenda.name(person).in_language(lang))}</h1>"
            f'<p class="sub">{escape(_title(agenda, lang))} · {escape(_span(agenda))}</p>'
            f"{_made_up(agenda, lang)}"
            f"{_rows(cells, heads) if cells else '<p>' + escape(say['empty']) + '</p>'}"
            + (f"<h2>{escape(say['not_held'])}</h2>{_plain(told, not_held)}" if told else "")
            + "</section>"
        )
    return _page(_title(agenda, lang), body, lang)


def _plain(cells: Iterable[Sequence[str]], heads: Sequence[str]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in cells
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def tables_html(agenda: Agenda, lang: str) -> str:
    """Return one sheet for each table."""
    body = []
    say = {name: words.in_language(lang) for name, words in LABELS.items()}
    for table in agenda.forum.tables.values():
        rows = []
        for held in agenda.at_table.get(table.table_id, ()):
            slot = agenda.forum.slots[held.slot_id]
            rows.append(
                (
                    f"{slot.starts_at[8:10]}.{slot.starts_at[5:7]} {slot.starts_at[11:]}",
                    slot.ends_at[11:],
                    agenda.people(list(held.people)).in_language(lang),
                    agenda.notes(held).in_language(lang),
                )
            )
        name = table.name_ru if lang == "ru" else table.name_en
        heads = [say["time"], "–", say["with"], say["note"]]
        shown = _rows(rows, heads) if rows else f"<p>{escape(say['empty'])}</p>"
        body.append(
            f"<section><h1>{escape(say['sheet'])} {escape(name)}</h1>"
            f"{_made_up(agenda, lang)}{shown}</section>"
        )
    return _page(_title(agenda, lang), body, lang)


def _grid(agenda: Agenda, lang: str) -> list[list[str]]:
    slots, tables = agenda.forum.open_slots, agenda.forum.tables.values()
    cell: dict[tuple[str, str], list[str]] = {}
    for held in agenda.answer.meetings:
        names = " + ".join(agenda.name(person).in_language(lang) for person in held.people)
        cell.setdefault((held.table_id, held.slot_id), []).append(names)
    starts = [agenda.moment(agenda.forum.slots[slot].starts_at) for slot in slots]
    heads = ["", *(f"{at:%d.%m %H:%M}" for at in starts)]
    return [
        heads,
        *(
            [
                Words(table.name_en, table.name_ru).in_language(lang),
                *(" / ".join(cell.get((table.table_id, slot), ())) for slot in slots),
            ]
            for table in tables
        ),
    ]


def grid_html(agenda: Agenda, lang: str) -> str:
    """Return the organiser's grid: tables by slots."""
    heads, *rows = _grid(agenda, lang)
    body = _plain(rows, heads).replace("<table>", '<table class="grid">')
    answer = agenda.answer
    line = (
        LABELS["counts"]
        .in_language(lang)
        .format(
            meetings=len(answer.meetings),
            worth=answer.objective,
            bound=answer.bound,
            gap=100 * answer.gap,
            breaks=answer.breaks,
            least=answer.breaks_bound,
        )
    )
    title = LABELS["grid"].in_language(lang)
    head = f"<h1>{escape(title)}</h1><p>{escape(line)}</p>{_made_up(agenda, lang)}"
    return _page(title, [f'<section class="wide">{head}{body}</section>'], lang)


def badges_html(agenda: Agenda, people: Sequence[str], lang: str) -> str:
    """Return badges with a QR code of the participant's id, to be scanned at the desk."""
    title = LABELS["badge"].in_language(lang)
    badges = "".join(
        f'<div class="badge">{qr_svg(person)}<b>{escape(agenda.name(person).en)}</b><br>'
        f"{escape(agenda.name(person).ru)}<br><small>{escape(person)}</small></div>"
        for person in people
    )
    return _page(title, [_made_up(agenda, lang), f'<div class="badges">{badges}</div>'], lang)


def calendar(agenda: Agenda, person: str, lang: str) -> bytes:
    """Return a participant's agenda as iCalendar; times are absolute, so any zone shows right."""
    from icalendar import Calendar, Event

    made = Calendar()
    made.add("prodid", "-//Coproduce//forum//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"{_title(agenda, lang)}: {agenda.name(person).in_language(lang)}")
    for entry in agenda.of(person):
        event = Event()
        event.add("uid", f"{entry.uid}@coproduce")
        event.add("dtstamp", datetime(2000, 1, 1, tzinfo=UTC))
        event.add("dtstart", entry.starts.astimezone(UTC))
        event.add("dtend", entry.ends.astimezone(UTC))
        event.add("summary", entry.others.in_language(lang))
        event.add("location", entry.place.in_language(lang))
        notes = [entry.notes.in_language(lang), f"{_when(entry)} · {_own(entry)}"]
        if agenda.forum.settings.is_synthetic:
            notes.append(LABELS["synthetic"].in_language(lang))
        event.add("description", "\n".join(note for note in notes if note))
        made.add_component(event)
    content: bytes = made.to_ical()
    return content


def agendas_pdf(agenda: Agenda, people: Sequence[str], lang: str) -> bytes:
    """Return the agendas as one PDF, a sheet for each participant."""
    import typst

    say = {name: words.in_language(lang) for name, words in LABELS.items()}
    parts = [
        '#set page(paper: "a4", margin: 18mm)',
        f'#set text(size: 10pt, lang: "{lang}")',
        "#set table(stroke: (x, y) => (bottom: 0.5pt + luma(200)), inset: 5pt)",
    ]
    for number, person in enumerate(people):
        zones = (agenda.forum.settings.time_zone, agenda.second_zone(person))
        title = f"{_title(agenda, lang)} · {_span(agenda)}"
        parts.append("#pagebreak()" if number else "")
        parts.append(
            f"#text(size: 16pt, weight: 700, {_typ(agenda.name(person).in_language(lang))})"
        )
        parts.append(f"\n#text(fill: luma(90), {_typ(title)})\n")
        if agenda.forum.settings.is_synthetic:
            fill = "fill: rgb(255, 244, 206), inset: 5pt"
            parts.append(f"#block({fill}, text({_typ(say['synthetic'])}))\n")
        cells = [
            text
            for entry in agenda.of(person)
            for text in (
                _when(entry),
                _own(entry),
                entry.place.in_language(lang),
                entry.others.in_language(lang),
                entry.notes.in_language(lang),
            )
        ]
        if not cells:
            parts.append(f"#text({_typ(say['empty'])})")
            continue
        heads = [*zones, *(say[name] for name in ("table", "with", "note"))]
        listed = ", ".join(f"text({_typ(text)})" for text in cells)
        bold = ", ".join(f"text(weight: 700, {_typ(text)})" for text in heads)
        parts.append(
            f"#table(columns: (auto, auto, auto, 1fr, auto), table.header({bold}), {listed})"
        )
    with tempfile.TemporaryDirectory() as room:
        source = Path(room) / "agendas.typ"
        source.write_text("\n".join(parts), encoding="utf-8")
        content: bytes = typst.compile(str(source))
    return content


def _typ(text: str) -> str:
    """Return a text as a typst string, nothing in it taken as markup."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def timetable_rows(agenda: Agenda) -> list[Sequence[object]]:
    """Return the timetable as rows, header first."""
    rows: list[Sequence[object]] = [
        (
            *("people", "names_en", "names_ru", "slot_id", "starts_at", "ends_at", "table_id"),
            *("interpreter_id", "kind", "value", "is_suggested", "is_fixed"),
        )
    ]
    for held in agenda.answer.meetings:
        slot, names = agenda.forum.slots[held.slot_id], agenda.people(list(held.people))
        rows.append(
            (
                *("+".join(held.people), names.en, names.ru, held.slot_id, slot.starts_at),
                *(slot.ends_at, held.table_id, held.interpreter_id, held.kind, held.value),
                *(str(held.is_suggested).lower(), str(held.is_fixed).lower()),
            )
        )
    return rows


def refused_rows(forum: Forum, answer: Answer) -> list[Sequence[object]]:
    """Return all requests not held, told to each who asked, header first."""
    explainer = Explainer(forum, answer)
    heads = ("participant_id", "other_id", "code", "reason_en", "reason_ru", "remedy_en")
    rows: list[Sequence[object]] = [(*heads, "remedy_ru")]
    for person in forum.participants:
        for each in explainer.of(person):
            rows.append(
                (
                    *(person, each.other_id, each.code, each.reason.en, each.reason.ru),
                    *(each.remedy.en, each.remedy.ru),
                )
            )
    return rows


def outcome_rows(agenda: Agenda) -> list[Sequence[object]]:
    """Return an empty outcome sheet: one row for each meeting, to be filled in."""
    return [
        OUTCOME_COLUMNS,
        *(
            ("+".join(held.people), held.slot_id, held.table_id, *("",) * 7)
            for held in agenda.answer.meetings
        ),
    ]


def _csv(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV; a cell that a spreadsheet would run as a formula is quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in rows:
        writer.writerow([_inert(cell) for cell in row])
    return buffer.getvalue()


def _inert(cell: object) -> object:
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t"):
        return f"'{cell}"
    return cell


def workbook(agenda: Agenda, lang: str) -> bytes:
    """Return timetable, grid and requests not held as a workbook."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True})
    sheets: dict[str, Sequence[Sequence[object]]] = {
        "timetable": timetable_rows(agenda),
        "grid": _grid(agenda, lang),
        "not held": refused_rows(agenda.forum, agenda.answer),
    }
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row, bold if number == 0 else None)
    book.close()
    return buffer.getvalue()


__all__ = ["agendas_html", "agendas_pdf", "calendar", "print_all", "qr_svg", "workbook"]
