"""Say what a district has, for a set that says only what changed since."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.sis.models import ImportRow, School
from portal.sis.source import Kind
from portal.sis.tables import COLUMNS, table_of
from portal.sis.writer import CHUNK

StandingRow = tuple[str, str, Sequence[Any]]
# Other rows name only these by what the district calls them.
NAMED = (Kind.SCHOOLS, Kind.STUDENTS, Kind.CONTACTS)


class Standing(Protocol):
    """Hand out the rows of a district that are not retired."""

    def number(self) -> int:
        """Return the number of the last import, 0 before the first."""

    def is_empty(self) -> bool:
        """Tell whether no set has brought any school yet."""

    def rows(self, kind: Kind) -> Iterator[StandingRow]:
        """Yield the id, the identifier and the values of the rows of a kind."""


class StandingRows:
    """Read a district's rows in the caller's transaction."""

    def __init__(self, session: Session, district: str) -> None:
        """Work for one district."""
        self._session = session
        self._district = district

    def number(self) -> int:
        """Return the number of the last import, 0 before the first."""
        last = select(func.coalesce(func.max(ImportRow.number), 0))
        return self._session.scalars(last.where(ImportRow.district_id == self._district)).one()

    def is_empty(self) -> bool:
        """Tell whether no set has brought any school yet."""
        schools = select(School.id).where(School.district_id == self._district, School.retired_at.is_(None))
        return self._session.scalars(schools.limit(1)).first() is None

    def rows(self, kind: Kind) -> Iterator[StandingRow]:
        """Yield the id, the identifier and the values of the rows of a kind."""
        table = table_of(kind)
        columns = [table.c.id, *(table.c[name] for name in COLUMNS[kind])]
        query = select(*columns).where(table.c.district_id == self._district, table.c.retired_at.is_(None))
        place = COLUMNS[kind].index("identifier") if kind in NAMED else None
        with closing(self._session.execute(query, execution_options={"yield_per": CHUNK})) as found:
            for key, *values in found:
                yield key, "" if place is None else values[place], values
