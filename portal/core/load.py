"""Say how busy the portal of this process is."""

from dataclasses import dataclass

from sqlalchemy import Engine, QueuePool, text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Load:
    """Count the database connections at work, and those who hash or wait to."""

    connections: int
    hashing: int


def connections_in_use(engine: Engine) -> int:
    """Return how many connections are handed out; a pool that keeps none hands out nothing to count."""
    pool = engine.pool
    return pool.checkedout() if isinstance(pool, QueuePool) else 0


def database_seconds(session: Session) -> float | None:
    """Return the database's own time in seconds since 1970; None where it has no clock of its own."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    return float(session.scalar(text("select extract(epoch from clock_timestamp())")) or 0)
