"""Put a lending desk into Telegram, across from a server that is not ours."""

from collections.abc import Iterator

import pytest

from bot.conversation.turn import Assistant
from portal.transaction import Portal
from tests.support.telegram.emulator import Emulator
from tests.support.telegram.line import Line
from tests.support.telegram.network import Network
from tests.support.telegram.person import Person

ANA = 4101


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Answer as Telegram would; nothing that it would not take may be asked in any test."""
    made = Emulator()
    yield made
    assert made.faults == []


@pytest.fixture
def line(desk: Assistant, portal: Portal, emulator: Emulator) -> Line:
    return Line(desk, portal, emulator)


@pytest.fixture
def network(line: Line) -> Network:
    return line.network


@pytest.fixture
def ana(line: Line) -> Person:
    return line.person(ANA)
