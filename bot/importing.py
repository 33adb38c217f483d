"""Import a district's file set from the command line and report what it did."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from portal.core.errors import SettingsError
from portal.sis.service import Imported, checked
from portal.sis.source import Kind
from portal.sis.sources.recognising import source_at
from portal.sis.standing import StandingRow
from portal.sis.watching import Watch, unwatched
from portal.transaction import Portal

NUMBER_WIDTH = 9
CLEAR_LINE = "\x1b[2K"


def import_set(portal: Portal, district: str, path: Path, *, dry_run: bool) -> Imported:
    """Import the set into the district; raise ImportRefusedError with every problem, and change nothing."""
    require_district(portal, district)
    # The set is checked before the transaction begins: SQLite lets only one at a time write.
    source, stands = source_at(path), _Standing(portal, district)
    with (
        progress() as watch,
        checked(district, source, stands, watch) as file_set,
        portal.begin() as tx,
    ):
        return tx.imports.apply(file_set, dry_run=dry_run, watch=watch)


def require_district(portal: Portal, district: str) -> None:
    """Raise SettingsError, saying what to do, where there is no such district."""
    with portal.begin(read_only=True) as tx:
        if tx.districts.get(district) is None:
            known = ", ".join(found.slug for found in tx.districts.all()) or "none yet"
            message = (
                f"There is no district {district!r} (known: {known}): "
                f"write its options to districts/{district}.yml in the state folder first."
            )
            raise SettingsError(message)


@contextmanager
def progress() -> Iterator[Watch]:
    """Tell on the terminal, in one line that is written over, how far an import is; elsewhere nothing."""
    terminal = sys.stderr
    if not terminal.isatty():
        yield unwatched
        return
    try:
        yield lambda doing, rows: click.echo(f"\r{CLEAR_LINE}{doing}: {rows:,} rows", file=terminal, nl=False)
    finally:
        click.echo(f"\r{CLEAR_LINE}", file=terminal, nl=False)


class _Standing:
    """Read what the district has, each kind in a transaction of its own."""

    def __init__(self, portal: Portal, district: str) -> None:
        self._portal = portal
        self._district = district

    def number(self) -> int:
        with self._portal.begin(read_only=True) as tx:
            return tx.imports.standing(self._district).number()

    def is_empty(self) -> bool:
        with self._portal.begin(read_only=True) as tx:
            return tx.imports.standing(self._district).is_empty()

    def rows(self, kind: Kind) -> Iterator[StandingRow]:
        with self._portal.begin(read_only=True) as tx:
            yield from tx.imports.standing(self._district).rows(kind)


def report(imported: Imported) -> Iterator[str]:
    """Yield the lines that tell staff what the import did, or would do."""
    for warning in imported.warnings:
        yield f"Warning: {warning}"
    if (more := imported.warning_count - len(imported.warnings)) > 0:
        yield f"Warning: ... and {more} more."
    titles = ("added", "changed", "retired", "unchanged")
    yield f"{'':22}" + "".join(f"{title:>{NUMBER_WIDTH + 2}}" for title in titles)
    for kind, counts in imported.counts.items():
        numbers = (counts.added, counts.changed, counts.retired, counts.unchanged)
        yield f"{kind.value:22}" + "".join(f"{number:>{NUMBER_WIDTH + 2},}" for number in numbers)
    if imported.access_ids_issued:
        yield f"Access IDs issued: {imported.access_ids_issued:,}"
    given = f"{imported.provenance.source}, {imported.provenance.mode}"
    yield f"Nothing was changed: this was a dry run of {given}." if imported.dry_run else f"Imported {given}."
