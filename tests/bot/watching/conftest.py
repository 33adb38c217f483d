"""Watch the portal of each test."""

from collections.abc import Iterator

import pytest

from bot.settings import LogSettings
from bot.watching.figures import Figures
from portal.transaction import Portal
from tests.support.watched import Watched, watched


@pytest.fixture
def level() -> str:
    return "debug"


@pytest.fixture
def seen(portal: Portal, level: str) -> Iterator[Watched]:
    with watched(portal, LogSettings(level)) as made:
        yield made


@pytest.fixture
def figures(seen: Watched) -> Figures:
    return seen.figures
