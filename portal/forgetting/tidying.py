"""Let nothing of what was deleted stand in the file any more."""

import contextlib
import sqlite3
from enum import StrEnum

from sqlalchemy import Engine


class Tidied(StrEnum):
    """Tell what became of the bytes of deleted rows."""

    REWRITTEN = "rewritten"
    BUSY = "busy"
    LATER = "later"


def tidy(engine: Engine) -> Tidied:
    """Write an embedded database anew without its deleted rows; PostgreSQL does so in its own time."""
    if engine.dialect.name != "sqlite":
        return Tidied.LATER
    with contextlib.closing(engine.raw_connection()) as connection:
        try:
            # Outside of any transaction, as both demand; the log still holds what the file does not.
            connection.driver_connection.execute("VACUUM")  # type: ignore[union-attr]  # it is open
            done = connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # type: ignore[union-attr]  # as above
        except sqlite3.OperationalError:
            return Tidied.BUSY
        return Tidied.BUSY if done[0] else Tidied.REWRITTEN
