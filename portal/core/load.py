"""Say how busy the portal of this process is."""

from dataclasses import dataclass

from sqlalchemy import Engine, QueuePool


@dataclass(frozen=True, slots=True)
class Load:
    """Count the database connections at work, and those who hash or wait to."""

    connections: int
    hashing: int


def connections_in_use(engine: Engine) -> int:
    """Return how many connections are handed out; a pool that keeps none hands out nothing to count."""
    pool = engine.pool
    return pool.checkedout() if isinstance(pool, QueuePool) else 0
