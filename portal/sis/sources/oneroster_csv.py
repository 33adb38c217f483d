"""Read OneRoster 1.1 CSV, bulk, from a ZIP or a folder, with the side files for what it lacks."""

from collections.abc import Iterator
from pathlib import Path

from portal.sis.report import Report
from portal.sis.source import Record


class OneRosterFolderOrZip:
    """Read the file set at a path; docs/import.md says what belongs there."""

    def __init__(self, path: Path) -> None:
        """Take the path; nothing is opened yet."""
        self._path = path

    def records(self, report: Report) -> Iterator[Record]:
        """Yield every record of the set; report what cannot be read."""
        raise NotImplementedError
