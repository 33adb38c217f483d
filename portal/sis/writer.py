"""Bring the portal's tables to what is staged, in chunks, without deleting a row."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from portal.sis.source import PEOPLE, Kind
from portal.sis.staging import Staging
from portal.sis.tables import column_values, table_of

CHUNK = 2000
Item = TypeVar("Item")


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


class Writer:
    """Write one district's staged rows."""

    def __init__(self, connection: Connection, district: str, now: datetime) -> None:
        """Work on the connection of the transaction."""
        self._connection = connection
        self._district = district
        self._now = now

    def know_existing(self, kind: Kind, staging: Staging, *, whole: bool) -> None:
        """Tell the staging area which rows of a kind the portal has: all, or those the set speaks of."""
        table = table_of(kind)
        query = select(table.c.id, table.c.digest, table.c.retired_at)
        query = query.where(table.c.district_id == self._district)
        if whole:
            self._tell(kind, staging, query)
            return
        # A few rows that changed are not worth reading all that the district has.
        same_space = PEOPLE if kind in PEOPLE else (kind,)
        for ids in chunks(staging.touched(*same_space)):
            self._tell(kind, staging, query.where(table.c.id.in_(ids)))

    def _tell(self, kind: Kind, staging: Staging, query: Select[Any]) -> None:
        found = self._connection.execute(query, execution_options={"yield_per": CHUNK})
        staging.know((row.id, kind.value, row.digest, row.retired_at is not None) for row in found)

    def add(self, kind: Kind, rows: Iterable[tuple[str, bytes, list[Any]]]) -> int:
        """Insert rows and return how many."""
        total = 0
        for chunk in chunks(rows):
            values = [self._values(kind, *row) for row in chunk]
            self._connection.execute(insert(table_of(kind)), values)
            total += len(values)
        return total

    def change(self, kind: Kind, rows: Iterable[tuple[str, bytes, list[Any]]]) -> int:
        """Overwrite rows, bringing back retired ones, and return how many."""
        table, total = table_of(kind), 0
        query = update(table).where(table.c.district_id == self._district, table.c.id == bindparam("row_id"))
        for chunk in chunks(rows):
            values = [self._values(kind, *row) for row in chunk]
            for value in values:
                value["row_id"] = value.pop("id")
            self._connection.execute(query, values)
            total += len(values)
        return total

    def retire(self, kind: Kind, ids: list[str]) -> None:
        """Mark rows as gone."""
        table = table_of(kind)
        query = update(table).where(table.c.district_id == self._district, table.c.id == bindparam("row_id"))
        self._connection.execute(query.values(retired_at=self._now), [{"row_id": row} for row in ids])

    def _values(self, kind: Kind, row: str, digest: bytes, staged: list[Any]) -> dict[str, Any]:
        own = {"district_id": self._district, "id": row, "digest": digest, "retired_at": None}
        return own | column_values(kind, staged)
