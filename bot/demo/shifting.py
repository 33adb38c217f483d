"""Move the demo's fixed dates by whole weeks, so that today always lies in the current term."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from portal.sis.report import Report
from portal.sis.source import Record, SisSource


@dataclass(frozen=True, slots=True)
class DemoDates:
    """Hold the day that the files were written for and the term that it lies in, both ends included."""

    anchor: date
    term_starts: date
    term_ends: date

    def weeks_to(self, today: date) -> int:
        """Return by how many weeks the files move.

        Today then stands at the anchor or at one of the six days after it: nothing that the files
        report as done lies in the future, and every weekday stays what it was.
        """
        return (today - self.anchor).days // 7

    def holds(self, today: date, weeks: int) -> bool:
        """Tell whether today still lies in the current term of files moved by so many weeks."""
        in_files = today - timedelta(weeks=weeks)
        return self.term_starts <= in_files <= self.term_ends


class ShiftedSource:
    """Yield another source's records with every date moved by whole weeks."""

    def __init__(self, source: SisSource, weeks: int) -> None:
        """Wrap the source."""
        self._source = source
        self._by = timedelta(weeks=weeks)

    def records(self, report: Report) -> Iterator[Record]:
        """Yield the source's records in its order."""
        for record in self._source.records(report):
            yield self._moved(record)

    def _moved(self, record: Record) -> Record:
        values = ((each.name, getattr(record, each.name)) for each in fields(record))
        moved: dict[str, Any] = {name: value + self._by for name, value in values if isinstance(value, date)}
        return replace(record, **moved) if moved else record
