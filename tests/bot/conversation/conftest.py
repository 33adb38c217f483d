"""Talk at the lending desk."""

import pytest

from bot.conversation.turn import Assistant
from tests.support.conversation import Chat


@pytest.fixture
def chat(desk: Assistant) -> Chat:
    return Chat(desk)
