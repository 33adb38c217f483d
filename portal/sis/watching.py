"""Tell whoever waits for a large import how far it is."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from portal.sis.source import Record

# What is being done ("reading users.csv"), and how many rows of it so far.
Watch = Callable[[str, int], None]
OFTEN = 1000
Item = TypeVar("Item", bound=Record)


def unwatched(doing: str, rows: int) -> None:
    """Tell nobody."""


def watched(records: Iterator[Item], watch: Watch) -> Iterator[Item]:
    """Yield the records, and tell of each file as it begins and every so often after."""
    file, count = "", 0
    for record in records:
        if record.origin.file != file:
            file, count = record.origin.file, 0
        if count % OFTEN == 0:
            watch(f"reading {file}", count)
        count += 1
        yield record
