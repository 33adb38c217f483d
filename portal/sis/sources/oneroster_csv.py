"""Read OneRoster 1.1 CSV, bulk, from a ZIP or a folder, with the side files for what it lacks."""

from collections.abc import Iterator
from pathlib import Path

from portal.sis.report import Problem, Provenance, Report
from portal.sis.source import Record
from portal.sis.sources import oneroster_files, side_files
from portal.sis.sources.file_set import LARGEST_SET, FileSet, opened
from portal.sis.sources.oneroster_files import UNREAD, Format
from portal.sis.sources.table import Layout, Row, rows

MANIFEST = Layout("manifest.csv", ("propertyName", "value"))
MODES = ("absent", "bulk", "delta")
KNOWN = tuple(form.layout.name.removesuffix(".csv") for form in oneroster_files.FORMATS) + UNREAD
REQUIRED = frozenset(
    form.layout.name.removesuffix(".csv") for form in oneroster_files.FORMATS if form.required
)
SIDE_FILES = frozenset(form.layout.name for form in side_files.FORMATS)


class OneRosterFolderOrZip:
    """Read the file set at a path; docs/import.md says what belongs there."""

    def __init__(self, path: Path, *, limit: int = LARGEST_SET) -> None:
        """Take the path and how many bytes a set may unpack to; nothing is opened yet."""
        self._path = path
        self._limit = limit

    def records(self, report: Report) -> Iterator[Record]:
        """Yield every record of the set; report what cannot be read."""
        with opened(self._path, report, limit=self._limit) as files:
            if not files.openers:
                if not report.error_count:
                    report.error(Problem("there are no files here", file=str(self._path)))
                return
            report.describe(Provenance("OneRoster 1.1"))
            present = _present(files, report)
            for form in oneroster_files.FORMATS:
                if form.layout.name.removesuffix(".csv") in present:
                    yield from _records(files, form, report, roster=True)
            for form in side_files.FORMATS:
                if form.layout.name in files:
                    yield from _records(files, form, report, roster=False)


def _records(files: FileSet, form: Format, report: Report, *, roster: bool) -> Iterator[Record]:
    warned = False
    for row in rows(files, form.layout, report):
        if roster:
            warned = _check_bulk(row, warned=warned)
        found = list(form.read(row))
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


def _present(files: FileSet, report: Report) -> frozenset[str]:
    if MANIFEST.name not in files:
        report.error(Problem("the set has no manifest.csv, in exactly this spelling", MANIFEST.name))
        return frozenset()
    declared = _manifest(files, report)
    present = frozenset(name for name in KNOWN if _agrees(name, declared, files, report))
    known = {f"{name}.csv" for name in KNOWN} | SIDE_FILES | {MANIFEST.name}
    for name in sorted(set(files.openers) - known):
        if name.lower().endswith(".csv"):
            report.warn(Problem("this file is not known and was not read (names are case-sensitive)", name))
    return present


def _manifest(files: FileSet, report: Report) -> dict[str, Row]:
    declared: dict[str, Row] = {}
    for row in rows(files, MANIFEST, report):
        name = row.key("propertyName")
        if name in declared:
            row.wrong("propertyName", "this property is given twice")
        declared[name] = row
        _check_property(name, row)
    for name in ("manifest.version", "oneroster.version"):
        if name not in declared:
            report.error(Problem(f"the property {name} is missing", MANIFEST.name))
    return declared


def _check_property(name: str, row: Row) -> None:
    value = row.text("value")
    if name == "manifest.version" and value != "1.0":
        row.odd("value", "manifest.version should be 1.0")
    if name == "oneroster.version" and value != "1.1":
        row.wrong("value", "only OneRoster 1.1 is read; export 1.1")
    if name.startswith("file."):
        if name.removeprefix("file.") not in KNOWN:
            row.odd("propertyName", "this file is not known and was not read")
        elif value not in MODES:
            row.wrong("value", f"this must be one of: {', '.join(MODES)}")


def _agrees(name: str, declared: dict[str, Row], files: FileSet, report: Report) -> bool:
    file, row = f"{name}.csv", declared.get(f"file.{name}")
    mode = row.text("value") if row else "absent"
    if mode == "delta":
        report.error(Problem("delta files are not read; export all files as bulk", file))
    elif mode == "bulk" and file not in files:
        report.error(Problem("the manifest says bulk, but the file is not there", file))
    elif mode == "absent" and file in files and name not in UNREAD:
        report.error(Problem("the file is there, but the manifest does not say bulk", file))
    elif mode == "absent" and name in REQUIRED:
        report.error(Problem(f"a roster needs {', '.join(sorted(REQUIRED))}", file))
    return mode == "bulk" and file in files and name not in UNREAD
