"""Bytes to text: which encoding a file has, found out and said, never guessed in silence."""

from __future__ import annotations

import re

from coproduce.records.errors import Issue, SourceError

MOST_BYTES = 50_000_000
UTF8_BOM = b"\xef\xbb\xbf"
OTHER_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
KNOWN_BINARIES = {
    b"PK\x03\x04": "a ZIP or XLSX file",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"%PDF": "a PDF file",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
}
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_CYRILLIC_WORD = re.compile(r"[A-Za-z]*[А-Яа-яЁё][A-Za-zА-Яа-яЁё]*")
_MIXED_WORD = re.compile(r"[A-Za-z][А-Яа-яЁё]|[А-Яа-яЁё][A-Za-z]")
_ODD_CASE = re.compile(r"[а-яё][А-ЯЁ]")
_ODD_SIGN = re.compile(r"[ЂЃ‚ѓ„†‡€‰ЉЊЌЋЏђљњќћџЎўЈҐ¤Ї¦¬®ЄІіґєјЅѕї]")
MOST_ODD_SHARE = 0.2


def decode(data: bytes, file: str) -> tuple[str, list[Issue]]:
    """Return the text of a file and a warning for each deviation from plain UTF-8.

    Args:
        data: the whole file.
        file: its name, for messages.

    Raises:
        SourceError: if it is not text, or its encoding cannot be told; the code is P004 or P005.
    """
    _refuse_binary(data, file)
    if data.startswith(UTF8_BOM):
        data = data[len(UTF8_BOM) :]
        warning = [_warning(file, "UTF-8 with a byte order mark")]
    else:
        warning = []
    try:
        return data.decode("utf-8"), warning
    except UnicodeDecodeError as error:
        _refuse_mix(data, file, error)
    return _windows_1251(data, file), [*warning, _warning(file, "Windows-1251")]


def _warning(file: str, encoding: str) -> Issue:
    message = f"read as {encoding}; plain UTF-8 is expected, and is what we write"
    return Issue("P090", message, file=file, value=encoding, is_warning=True)


def _refuse_binary(data: bytes, file: str) -> None:
    for start, encoding in OTHER_BOMS.items():
        if data.startswith(start):
            raise SourceError(
                f"the file is {encoding} text; save it as UTF-8 (“CSV UTF-8” in a spreadsheet)",
                code="P005",
                where=file,
            )
    for start, what in KNOWN_BINARIES.items():
        if data.startswith(start):
            raise SourceError(
                f"this is {what}, not a text file; save the table as CSV UTF-8",
                code="P004",
                where=file,
            )
    position = data.find(b"\x00")
    if position >= 0:
        line = data.count(b"\n", 0, position) + 1
        raise SourceError(
            f"line {line} holds a NUL byte, so this is not a text file or it is damaged; "
            "save the table as CSV UTF-8",
            code="P004",
            where=file,
        )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_mix(data: bytes, file: str, error: UnicodeDecodeError) -> None:
    """Refuse a file of which some lines are UTF-8 and others are not."""
    if data.startswith(UTF8_BOM):
        raise _unknown(file, error) from None
    telling = [
        (number, _is_utf8(line))
        for number, line in enumerate(data.split(b"\n"), start=1)
        if not line.isascii()
    ]
    good = [number for number, is_good in telling if is_good]
    bad = [number for number, is_good in telling if not is_good]
    if good:
        raise SourceError(
            f"lines {_some(good)} are UTF-8 but {_some(bad)} are not: two encodings are mixed, "
            "as happens when rows are pasted from another file; save all of it as UTF-8",
            code="P005",
            where=file,
        )


def _some(numbers: list[int], most: int = 3) -> str:
    listed = ", ".join(str(number) for number in numbers[:most])
    return f"{listed}, …" if len(numbers) > most else listed


def _windows_1251(data: bytes, file: str) -> str:
    """Return the text read as Windows-1251 if that reads like words, else raise."""
    try:
        text = data.decode("cp1251")
    except UnicodeDecodeError as error:
        raise _unknown(file, error) from None
    if all(_is_neutral(sign) for sign in set(text) if not sign.isascii()):
        return text
    words = _CYRILLIC_WORD.findall(text)
    odd = sum(bool(_MIXED_WORD.search(word) or _ODD_CASE.search(word)) for word in words)
    signs = len(_ODD_SIGN.findall(text))
    letters = sum(len(word) for word in words)
    if not words or odd > MOST_ODD_SHARE * len(words) or signs > MOST_ODD_SHARE * letters:
        raise SourceError(
            "the file is not UTF-8 and does not read as Windows-1251 either "
            f"(words like {', '.join(words[:3]) or 'none'}); save it as UTF-8",
            code="P005",
            where=file,
        )
    return text


def _is_neutral(sign: str) -> bool:
    """Return whether a sign, such as a no-break space, is the same byte in Western Windows."""
    try:
        return sign.encode("cp1252") == sign.encode("cp1251")
    except UnicodeEncodeError:
        return False


def _unknown(file: str, error: UnicodeDecodeError) -> SourceError:
    return SourceError(
        f"byte {error.start} is not text in UTF-8 or Windows-1251; save the file as UTF-8",
        code="P005",
        where=file,
    )
