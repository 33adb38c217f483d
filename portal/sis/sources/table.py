"""Read one CSV file row by row, naming what is wrong by file, row, column and value."""

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import IO

from portal.sis.report import Problem, Report
from portal.sis.source import Origin
from portal.sis.sources.file_set import FileSet

LONGEST_LINE = 1_000_000
SHORT = 255
LONG = 20_000
LONGEST_LINK = 2000
SUSPECT = re.compile(r"^[=+@\t\r-]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", re.MULTILINE)
UNDECODED = re.compile(r"[\ud800-\udfff]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# A phone number or an amount may begin with a sign; anything longer would run in a spreadsheet.
SIGNED_NUMBER = re.compile(r"[+-][\d\s().,-]*")
WHOLE = re.compile(r"\d{1,6}")
SOURCED_ID = re.compile(r"[0-9A-Za-z./@_-]{1,255}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
EXTENSION = re.compile(r"ext:[\w.-]{1,80}")
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
NOWHEN = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """Describe a file: its name, its exact header, and what its columns are called as fields.

    `left_out` names columns that some releases of a standard have and others have not.
    """

    name: str
    header: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


class Row:
    """Read the cells of one row as what they must be; a wrong one goes to the report.

    A reader goes on after a wrong cell, so that all of them are found; `usable` turns off when what
    the row is known by is among them.
    """

    __slots__ = ("_cells", "_report", "origin", "usable")

    def __init__(self, origin: Origin, cells: Mapping[str, str], report: Report) -> None:
        """Take the cells by column."""
        self.origin = origin
        self.usable = True
        self._cells = cells
        self._report = report

    def wrong(self, column: str, text: str) -> None:
        """Report a cell that stops the import."""
        self._report.error(
            Problem(text, self.origin.file, self.origin.row, column, self._cells.get(column, ""))
        )

    def odd(self, column: str, text: str) -> None:
        """Report a cell that staff should look at."""
        self._report.warn(
            Problem(text, self.origin.file, self.origin.row, column, self._cells.get(column, ""))
        )

    def raw(self, column: str) -> str:
        """Return a cell as it stands."""
        return self._cells[column]

    def text(self, column: str, *, required: bool = False, longest: int = SHORT) -> str:
        """Return a cell's text, trimmed, in one Unicode form."""
        text = self._cells[column].strip()
        if required and not text:
            self.wrong(column, "this cell must not be empty")
        if len(text) > longest:
            self.wrong(column, f"this cell is longer than {longest} characters")
        return text if text.isascii() else unicodedata.normalize("NFC", text)

    def link(self, column: str) -> str:
        """Return a web address, if there is one."""
        text = self.text(column, longest=LONGEST_LINK)
        if text and not text.startswith("https://"):
            self.wrong(column, "a link must begin with https://")
        return text

    def key(self, column: str) -> str:
        """Return a text that the row cannot do without."""
        before = self._report.error_count
        text = self.text(column, required=True)
        self.usable = self.usable and self._report.error_count == before
        return text

    def sourced_id(self, column: str, *, required: bool = True) -> str:
        """Return one sourcedId."""
        text = self._cells[column]
        if text or required:
            self._check_sourced_id(column, text)
        return text

    def sourced_ids(self, column: str, *, required: bool = False) -> tuple[str, ...]:
        """Return the sourcedIds of a list cell."""
        found = self.items(column)
        if required and not found:
            self._check_sourced_id(column, "")
        for item in found:
            self._check_sourced_id(column, item)
        return found

    def _check_sourced_id(self, column: str, text: str) -> None:
        if SOURCED_ID.fullmatch(text):
            return
        self.usable = False
        self.wrong(column, "a sourcedId is 1 to 255 of the characters 0-9 A-Z a-z . / @ _ -")

    def items(self, column: str) -> tuple[str, ...]:
        """Return the items of a list cell."""
        parts = (part.strip() for part in self._cells[column].split(","))
        return tuple(part for part in parts if part)

    def choice(
        self, column: str, allowed: frozenset[str], *, required: bool = True, extensible: bool = False
    ) -> str:
        """Return a text out of a closed set, or of those that a district adds to it as `ext:...`."""
        text = self._cells[column].strip()
        if extensible and EXTENSION.fullmatch(text):
            return text
        if text not in allowed and (text or required):
            self.wrong(column, f"this must be one of: {', '.join(sorted(allowed))}")
        return text

    def flag(self, column: str, *, required: bool = False) -> bool | None:
        """Return true, false or, where allowed, nothing."""
        text = self._cells[column].strip().lower()
        if text not in ("true", "false") and (text or required):
            self.wrong(column, "this must be true or false")
        return text == "true" if text else None

    def day(self, column: str, *, required: bool = False) -> date | None:
        """Return a date, if there is one."""
        text = self._cells[column].strip()
        if not text:
            if required:
                self.wrong(column, "this cell must hold a date, as 2026-09-01")
            return None
        try:
            found = date.fromisoformat(text) if DAY.fullmatch(text) else NOWHEN
        except ValueError:
            found = NOWHEN
        if not 1900 < found.year < 2200:
            self.wrong(column, "this is not a date, as 2026-09-01")
        return found

    def sure_day(self, column: str) -> date:
        """Return a date that must be there."""
        return self.day(column, required=True) or NOWHEN

    def number(self, column: str, *, required: bool = False) -> Decimal | None:
        """Return a decimal number, if there is one."""
        text = self._cells[column].strip()
        if NUMBER.fullmatch(text):
            return Decimal(text)
        if text or required:
            self.wrong(column, "this is not a number, as 12 or 12.50")
        return None

    def count(self, column: str) -> int | None:
        """Return a whole number, if there is one."""
        text = self._cells[column].strip()
        if text and not WHOLE.fullmatch(text):
            self.wrong(column, "this is not a whole number, as 24")
            return None
        return int(text) if text else None

    def time(self, column: str) -> str:
        """Return a time of day, if there is one."""
        text = self._cells[column].strip()
        if text and not TIME.fullmatch(text):
            self.wrong(column, "this is not a time, as 08:15")
        return text[:5]


def rows(files: FileSet, layout: Layout, report: Report) -> Iterator[Row]:
    """Yield the rows of a file; the header must be exact, `metadata.` columns may follow it."""
    number, header = 0, list[str]()
    try:
        with files.open(layout.name) as stream, _text(stream) as text:
            for number, cells in enumerate(csv.reader(_lines(text), strict=True), start=1):
                if number == 1:
                    header = cells
                    if not _header_fits(header, layout, report):
                        return
                elif cells:
                    yield from _row(number, cells, header, (layout, report))
            if not number:
                _header_fits([], layout, report)
    except csv.Error as error:
        report.error(Problem(f"this is not CSV: {error}", layout.name, number + 1))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
        report.error(Problem("the ZIP is damaged here; export it again", layout.name, number + 1))


def _text(stream: IO[bytes]) -> io.TextIOWrapper:
    # What is no UTF-8 is carried on as surrogates, so that its row and column can be named.
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            message = f"a line is longer than {LONGEST_LINE} characters"
            raise csv.Error(message)
        yield line


def _header_fits(header: list[str], layout: Layout, report: Report) -> bool:
    expected = tuple(name for name in layout.header if name in header or name not in layout.left_out)
    for place, column in enumerate(expected):
        found = header[place] if place < len(header) else ""
        if found != column:
            text = f"column {place + 1} must be {column}; the header, in UTF-8, is {','.join(expected)}"
            report.error(Problem(text, layout.name, 1, column, UNDECODED.sub("?", found)))
            return False
    for extra in header[len(expected) :]:
        if not extra.startswith("metadata."):
            text = "after the known columns only metadata.… columns may follow"
            report.error(Problem(text, layout.name, 1, extra, extra))
            return False
    return True


def _row(number: int, cells: list[str], header: list[str], context: tuple[Layout, Report]) -> Iterator[Row]:
    layout, report = context
    if len(cells) != len(header):
        text = f"this row has {len(cells)} cells, the header {len(header)}"
        if len(cells) < len(header) or any(cells[len(header) :]):
            report.error(Problem(text, layout.name, number))
            return
        report.warn(Problem(f"{text}; the empty ones at its end were left out", layout.name, number))
    by_column = dict(zip(header, cells, strict=False))
    for column in layout.unread | layout.left_out:
        by_column[column] = ""
    if SUSPECT.search("\n".join(by_column.values())) and not _clean(number, by_column, layout, report):
        return
    yield Row(Origin(layout.name, number, layout.columns), by_column, report)


def _clean(number: int, by_column: Mapping[str, str], layout: Layout, report: Report) -> bool:
    faults = [(column, cell, _fault(cell)) for column, cell in by_column.items()]
    for column, cell, fault in faults:
        if fault:
            shown = UNDECODED.sub("?", cell)
            report.error(Problem(fault, layout.name, number, column, shown))
    return not any(fault for _, _, fault in faults)


def _fault(cell: str) -> str:
    if UNDECODED.search(cell):
        return "this is not UTF-8; save the file as UTF-8"
    if CONTROL.search(cell):
        return "this cell holds a control character (a NUL or the like)"
    if cell[:1] in ("=", "@", "\t", "\r") or (cell[:1] in ("+", "-") and not SIGNED_NUMBER.fullmatch(cell)):
        return "this cell would run as a formula in a spreadsheet"
    return ""
