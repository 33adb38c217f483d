"""Copy an embedded database with SQLite's own online backup."""

import contextlib
import os
import sqlite3
from pathlib import Path

from sqlalchemy.engine import URL

from portal.core.errors import SettingsError

WHOLE = "ok"


def dump(url: URL, path: Path) -> None:
    """Copy the database in one step: one snapshot, and whoever writes meanwhile does not wait."""
    source = Path(url.database or "")
    if not source.is_file():
        message = f"There is no database at {source}: check HALLPASS_VAR and HALLPASS_DATABASE_URL."
        raise SettingsError(message)
    with (
        contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True)) as kept,
        contextlib.closing(sqlite3.connect(path)) as copy,
    ):
        kept.backup(copy)
        # The copy is one file and nothing beside it.
        copy.execute("pragma journal_mode = delete")
        _require_whole(copy)


def load(url: URL, path: Path) -> None:
    """Put the copy where the database will be looked for; the last step is one rename."""
    target = Path(url.database or "")
    beside = target.with_name(f"{target.name}.restoring")
    with (
        contextlib.closing(sqlite3.connect(path)) as kept,
        contextlib.closing(sqlite3.connect(beside)) as copy,
    ):
        _require_whole(kept)
        kept.backup(copy)
    # A log that an earlier, empty database left would be taken for this one's.
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    beside.chmod(0o600)
    os.replace(beside, target)  # noqa: PTH105  (replaces what is there, whole)


def _require_whole(database: sqlite3.Connection) -> None:
    found = [row[0] for row in database.execute("pragma integrity_check")]
    if found != [WHOLE]:
        message = f"The database is damaged: SQLite's integrity check says {found[0]!r}."
        raise SettingsError(message)
