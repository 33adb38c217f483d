"""Put a lending desk on a portal with one district and one parent."""

from collections.abc import Iterator

import pytest

from bot.conversation.turn import Assistant
from portal.transaction import Portal
from tests.support.conversation import make_assistant
from tests.support.desk import Keywords, desk_actions, desk_project
from tests.support.portals import make_district, make_parent


@pytest.fixture
def understanding() -> Keywords:
    return Keywords()


@pytest.fixture
def desk(portal: Portal, understanding: Keywords) -> Iterator[Assistant]:
    make_district(portal)
    make_parent(portal)
    assistant = make_assistant(portal, desk_actions(portal), understanding, desk_project())
    yield assistant
    assistant.close()
