"""Name what a backup does to a database, whichever kind it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import URL, make_url

from portal.backups import postgresql, sqlite
from portal.migrations import revision_of


@dataclass(frozen=True, slots=True)
class _Ways:
    dump: Callable[[URL, Path], None]
    load: Callable[[URL, Path], None]


_WAYS: Mapping[str, _Ways] = {
    "sqlite": _Ways(sqlite.dump, sqlite.load),
    "postgresql": _Ways(postgresql.dump, postgresql.load),
}


def kind_of(address: str) -> str:
    """Return which kind of database an address names: "sqlite" or "postgresql"."""
    return make_url(address).get_backend_name()


def dump(address: str, path: Path) -> None:
    """Write the whole database to a new file, as it was at one moment; others go on working."""
    _WAYS[kind_of(address)].dump(make_url(address), path)


def load(address: str, path: Path) -> None:
    """Bring a file that `dump` wrote back into an empty database, all of it or nothing."""
    _WAYS[kind_of(address)].load(make_url(address), path)


def is_empty(engine: Engine) -> bool:
    """Tell whether a database has no tables at all."""
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()


def revision(engine: Engine) -> str:
    """Return the revision of a database's tables; empty for one that has none."""
    with engine.connect() as connection:
        return revision_of(connection) or ""
