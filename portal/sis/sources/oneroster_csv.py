"""Read OneRoster CSV 1.1 and 1.2 from a ZIP or a folder, with the side files for what it lacks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from portal.sis.report import Mode, Problem, Provenance, Report
from portal.sis.source import Record
from portal.sis.sources import oneroster_files, oneroster_v12, side_files
from portal.sis.sources.file_set import LARGEST_SET, FileSet, opened
from portal.sis.sources.oneroster_files import Format
from portal.sis.sources.oneroster_manifest import Known, Manifest, agreed, read_manifest
from portal.sis.sources.oneroster_roles import Roles
from portal.sis.sources.table import Row, rows

SIDE_FILES = frozenset(form.layout.name for form in side_files.FORMATS)
STATES = frozenset({"active", "tobedeleted"})
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


class OneRosterFolderOrZip:
    """Read the file set at a path; docs/import.md says what belongs there."""

    def __init__(self, path: Path, *, limit: int = LARGEST_SET) -> None:
        """Take the path and how many bytes a set may unpack to; nothing is opened yet."""
        self._path = path
        self._limit = limit

    def records(self, report: Report) -> Iterator[Record]:
        """Say what the set is and yield every record of it; report what cannot be read."""
        with opened(self._path, report, limit=self._limit) as files:
            if not files.openers:
                if not report.error_count:
                    report.error(Problem("there are no files here", file=str(self._path)))
                return
            manifest = read_manifest(files, report)
            if manifest is None:
                return
            with Roles() as roles:
                yield from _Set(files, manifest, roles, report).records()


class _Set:
    """Read the files of one set in the order in which they refer to each other."""

    def __init__(self, files: FileSet, manifest: Manifest, roles: Roles, report: Report) -> None:
        self._files = files
        self._manifest = manifest
        self._roles = roles
        self._report = report

    def records(self) -> Iterator[Record]:
        formats = self._formats()
        modes = agreed(self._manifest, self._known(formats), self._files, self._report)
        self._report.describe(self._provenance(formats, modes))
        for form in formats:
            if form.name in modes:
                yield from self._read(form, modes[form.name])
            if form.name == "users":
                yield from self._roles.left_over(self._report)
        for form in side_files.FORMATS:
            if form.layout.name in self._files:
                yield from self._read(form, None)

    def _formats(self) -> Sequence[Format]:
        if self._manifest.version == "1.1":
            return oneroster_files.FORMATS
        return oneroster_v12.formats(self._roles, delta=self._manifest.is_delta)

    def _known(self, formats: Sequence[Format]) -> Known:
        unread = oneroster_files.UNREAD if self._manifest.version == "1.1" else oneroster_v12.UNREAD
        required = frozenset(form.name for form in formats if form.required)
        return Known([form.name for form in formats], unread, required, SIDE_FILES)

    def _provenance(self, formats: Sequence[Format], modes: Mapping[str, Mode]) -> Provenance:
        source = f"OneRoster {self._manifest.version}"
        if not self._manifest.is_delta:
            return Provenance(source)
        # Side files have no mode: one that is there holds all, one that is not says nothing.
        bulk = [form for form in formats if modes.get(form.name) is Mode.BULK]
        side = [form for form in side_files.FORMATS if form.layout.name in self._files]
        whole = frozenset(kind for form in (*bulk, *side) for kind in form.kinds)
        return Provenance(source, Mode.DELTA, whole)

    def _read(self, form: Format, mode: Mode | None) -> Iterator[Record]:
        warned = False
        for row in rows(self._files, form.layout, self._report):
            deleted = False
            if mode is Mode.BULK:
                warned = _check_bulk(row, warned=warned)
            elif mode is Mode.DELTA:
                deleted = _is_deleted(row)
            found = list(form.gone(row) if deleted else form.read(row))
            if row.usable:
                yield from found


def _check_bulk(row: Row, *, warned: bool) -> bool:
    status, modified = row.raw("status"), row.raw("dateLastModified")
    if status not in ("", "active"):
        row.wrong("status", "in a bulk file this must be empty; leave out what is gone")
    if (status or modified) and not warned:
        column = "status" if status else "dateLastModified"
        row.odd(column, "in a bulk file status and dateLastModified are empty; they are not used")
        return True
    return warned


def _is_deleted(row: Row) -> bool:
    modified = row.raw("dateLastModified")
    if not INSTANT.fullmatch(modified) or not _is_instant(modified):
        row.wrong("dateLastModified", "a delta file needs a time in UTC here, as 2026-09-01T06:30:00.000Z")
    return row.choice("status", STATES) == "tobedeleted"


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
