"""Read the elements of an Ed-Fi entity as what they must be, naming what is wrong with them."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from portal.sis.report import Problem, Report
from portal.sis.source import Origin
from portal.sis.sources.edfi_xml import ID, Plain
from portal.sis.sources.table import DAY, NOWHEN, NUMBER, SHORT, SIGNED_NUMBER, TIME

MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?")
YES = frozenset({"true", "1"})
NO = frozenset({"false", "0"})


class Element:
    """Read one entity, or a part of one; paths are the names of the elements, as "Name/FirstName".

    A reader goes on after a wrong element, so that all of them are found; `usable` turns off when
    what the entity is known by is among them.
    """

    __slots__ = ("_parent", "_plain", "_report", "_usable", "_where", "origin")

    def __init__(self, origin: Origin, plain: Plain, report: Report) -> None:
        """Take the entity as it was read."""
        self.origin = origin
        self._plain = plain
        self._report = report
        self._where = ""
        self._usable = True
        self._parent: Element | None = None

    @property
    def usable(self) -> bool:
        """Tell whether what the entity is known by could be read."""
        return self._usable

    def wrong(self, path: str, text: str, value: str = "") -> None:
        """Report an element that stops the import."""
        self._report.error(self._problem(path, text, value))

    def odd(self, path: str, text: str, value: str = "") -> None:
        """Report an element that staff should look at."""
        self._report.warn(self._problem(path, text, value))

    def spoil(self) -> None:
        """Take note that the entity cannot be told from others."""
        self._usable = False
        if self._parent is not None:
            self._parent.spoil()

    @property
    def said(self) -> Plain:
        """Return everything that is said but the id, to compare it with what another says."""
        own = self._plain
        return {name: parts for name, parts in own.items() if name != ID} if isinstance(own, dict) else own

    def each(self, path: str) -> Iterator["Element"]:
        """Yield the parts at a path, in the order of the file."""
        for plain in _at(self._plain, path):
            part = Element(self.origin, plain, self._report)
            part._where, part._parent = f"{self._where}{path}/", self
            yield part

    def first(self, path: str) -> "Element | None":
        """Return the first part at a path, if there is one."""
        return next(self.each(path), None)

    def raw(self, path: str = "") -> str:
        """Return the text at a path as it stands, or nothing."""
        found = next(_at(self._plain, path), "") if path else self._plain
        return found if isinstance(found, str) else ""

    def text(self, path: str = "", *, required: bool = False, longest: int = SHORT) -> str:
        """Return a text in one Unicode form."""
        text = self.raw(path)
        if required and not text:
            self.wrong(path, "this element must be there and not be empty")
        if len(text) > longest:
            self.wrong(path, f"this element is longer than {longest} characters", text)
        if text[:1] in ("=", "@", "+", "-") and not SIGNED_NUMBER.fullmatch(text):
            # Staff open what is exported again in a spreadsheet.
            self.wrong(path, "this element would run as a formula in a spreadsheet", text)
        return text if text.isascii() else unicodedata.normalize("NFC", text)

    def key(self, path: str = "") -> str:
        """Return a text that the entity cannot do without."""
        text = self.raw(path)
        if not text or len(text) > SHORT:
            self.spoil()
            self.wrong(path, f"this element must hold 1 to {SHORT} characters", text)
        return text

    def code(self, path: str = "", *, required: bool = False) -> str:
        """Return what a descriptor says: "Mother" of "uri://ed-fi.org/RelationDescriptor#Mother"."""
        text = self.text(path, required=required)
        namespace, mark, code = text.partition("#")
        if text and not (namespace and mark and code):
            self.wrong(path, "a descriptor is a URI with its code after the #", text)
        return code

    def flag(self, path: str) -> bool | None:
        """Return true, false or nothing."""
        text = self.raw(path).lower()
        if text and text not in YES | NO:
            self.wrong(path, "this must be true or false", text)
        return text in YES if text else None

    def day(self, path: str, *, required: bool = False) -> date | None:
        """Return a date, if there is one; of a moment, its day."""
        text = self.raw(path)
        if not text:
            if required:
                self.wrong(path, "this element must hold a date, as 2026-09-01")
            return None
        moment = MOMENT.fullmatch(text)
        found = _day(moment[1] if moment else text)
        if not 1900 < found.year < 2200:
            self.wrong(path, "this is not a date, as 2026-09-01", text)
        return found

    def sure_day(self, path: str) -> date:
        """Return a date that must be there."""
        return self.day(path, required=True) or NOWHEN

    def number(self, path: str) -> Decimal | None:
        """Return a decimal number, if there is one."""
        text = self.raw(path)
        if NUMBER.fullmatch(text):
            return Decimal(text)
        if text:
            self.wrong(path, "this is not a number, as 12 or 12.50", text)
        return None

    def time(self, path: str) -> str:
        """Return a time of day, if there is one."""
        text = self.raw(path)
        if text and not TIME.fullmatch(text):
            self.wrong(path, "this is not a time, as 08:15:00", text)
        return text[:5]

    def _problem(self, path: str, text: str, value: str) -> Problem:
        where = f"{self._where}{path}".rstrip("/")
        return Problem(text, self.origin.file, self.origin.row, where, value)


def _at(plain: Plain, path: str) -> Iterator[Plain]:
    name, _, rest = path.partition("/")
    for part in plain.get(name, []) if isinstance(plain, dict) else []:
        if rest:
            yield from _at(part, rest)
        else:
            yield part


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else NOWHEN
    except ValueError:
        return NOWHEN
