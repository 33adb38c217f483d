"""Say what goes when a new school year's set no longer holds the old year."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from portal.sis.outcomes import Counts
from portal.sis.report import Problem
from portal.sis.source import Kind
from portal.sis.tables import table_of

# What parents look back at.
HISTORY = (Kind.TERM_GRADES, Kind.SCORES, Kind.ATTENDANCE, Kind.TEST_RESULTS)


def lost_with_terms(
    connection: Connection, district: str, now: datetime, counts: Mapping[Kind, Counts]
) -> Iterator[Problem]:
    """Yield a warning where terms left the set, and with them what parents could look back at."""
    lost = [
        f"{counts[kind].retired:,} {kind.value.replace('_', ' ')}" for kind in HISTORY if counts[kind].retired
    ]
    if not (counts[Kind.TERMS].retired and lost):
        return
    terms = table_of(Kind.TERMS).c
    query = select(terms.title).where(terms.district_id == district, terms.retired_at == now)
    titles = ", ".join(row.title for row in connection.execute(query.order_by(terms.start, terms.title)))
    text = (
        f"the set no longer holds {titles}; {', '.join(lost)} went too, and parents see them no more. "
        "To let them look back, keep ended terms with their classes and records in the set"
    )
    yield Problem(text, Kind.TERMS.value)
