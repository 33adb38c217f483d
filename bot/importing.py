"""Import a district's file set from the command line and report what it did."""

from collections.abc import Iterator
from pathlib import Path

from portal.core.errors import SettingsError
from portal.sis.service import Imported, checked
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal

NUMBER_WIDTH = 9


def import_set(portal: Portal, district: str, path: Path, *, dry_run: bool) -> Imported:
    """Import the set into the district; raise ImportRefusedError with every problem, and change nothing."""
    with portal.begin(read_only=True) as tx:
        if tx.districts.get(district) is None:
            known = ", ".join(found.slug for found in tx.districts.all()) or "none yet"
            message = (
                f"There is no district {district!r} (known: {known}): "
                f"write its options to districts/{district}.yml in the state folder first."
            )
            raise SettingsError(message)
    # The set is checked before the transaction begins: SQLite lets only one at a time write.
    with checked(district, OneRosterFolderOrZip(path)) as file_set, portal.begin() as tx:
        return tx.imports.apply(file_set, dry_run=dry_run)


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
    yield "Nothing was changed: this was a dry run." if imported.dry_run else "Imported."
