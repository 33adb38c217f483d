"""Give every test a database, a clock that stands still, and a portal on both."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from portal.core.database import open_engine
from portal.core.keys import Keys
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.databases import Databases, server
from tests.support.hashing import CountingHasher


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with server() as url:
        made = Databases(tmp_path_factory.mktemp("databases"), url)
        yield made
        made.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    with databases.fresh() as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def keys() -> Keys:
    return Keys(b"a secret of at least thirty-two bytes, for tests only")


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def portal(engine: Engine, clock: FakeClock, keys: Keys, hasher: CountingHasher) -> Iterator[Portal]:
    made = Portal(engine, clock=clock, keys=keys, hasher=hasher)
    yield made
    made.close()
