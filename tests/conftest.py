"""Give every test a database, a clock that stands still, and a portal on both."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine

from portal.core import database
from portal.core.database import open_engine
from portal.core.keys import Keys
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.databases import KIND, Databases, in_memory, server
from tests.support.hashing import CountingHasher
from tests.support.patience import PATIENCE
from tests.support.time_left import watch


@pytest.fixture(scope="session", autouse=True)
def loggers_made_anew() -> Iterator[None]:
    """Let no logger of a module go on writing to the log of the test that first used it."""
    configure = structlog.configure

    def configured(**settings: Any) -> None:
        configure(**{**settings, "cache_logger_on_first_use": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", configured)
        yield


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with server() as url, in_memory(tmp_path_factory.mktemp("databases")) as folder:
        made = Databases(folder, url)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(database, "create_engine", made.create_engine)
            patch.setattr(database, "LONGEST_QUEUE", PATIENCE)
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


def pytest_configure(config: pytest.Config) -> None:
    watch(config, has_run=_has_run, can_wait=_can_wait)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what another database cannot change: words, looks, and what opens none.

    And on the embedded database what needs several processes, each with a connection of its own.
    """
    stays = _needs_no_other if KIND == "sqlite" else _stands_on_a_database
    left = [item for item in items if not stays(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if stays(item)]


def pytest_collection_finish() -> None:
    """Look for garbage among what the tests make, and not again and again among thousands of tests."""
    gc.collect()
    gc.freeze()


def _has_run(item: pytest.Item) -> bool:
    return KIND != "sqlite" and _needs_no_other(item)


def _can_wait(item: pytest.Item) -> bool:
    """Tell whether it ran on SQLite, and stands on another database only through the portal.

    The layers are held to that: statements are made in the portal alone, whose tests come first there.
    """
    return _has_run(item) and "tests/portal/" not in item.path.as_posix()


def _needs_no_other(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgresql") is None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what long tests counted, so that it is seen how much was tried."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid}: {value:,} {name}")


def _stands_on_a_database(item: pytest.Item) -> bool:
    opens = "databases" in getattr(item, "fixturenames", ())
    return opens and not any(item.get_closest_marker(name) for name in ("words", "browser"))
