"""Take a PostgreSQL database away while it is used, and bring it back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


class Outage:
    """Shut a database for everybody: who was connected is cut off, and nobody new is let in."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._name = parsed.database or ""
        beside = parsed.set(drivername="postgresql+psycopg", database="postgres")
        self._engine = create_engine(beside, isolation_level="AUTOCOMMIT")

    def begin(self) -> None:
        """Take it away."""
        self._run(f'alter database "{self._name}" with allow_connections false')
        cut_off = "select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"
        with self._engine.connect() as connection:
            connection.execute(text(cut_off), {"name": self._name})

    def end(self) -> None:
        """Bring it back."""
        self._run(f'alter database "{self._name}" with allow_connections true')

    def _run(self, command: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(command))

    def close(self) -> None:
        """Leave it as it was found."""
        self.end()
        self._engine.dispose()


@contextmanager
def outage_of(url: str) -> Iterator[Outage]:
    """Yield what takes a database away."""
    made = Outage(url)
    try:
        yield made
    finally:
        made.close()
