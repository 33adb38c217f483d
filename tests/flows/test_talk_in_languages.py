"""Families say in their own languages what they say in half a sentence, and are understood."""

import pytest

from tests.flows.chat import sign_in
from tests.support.conversation import Chat
from tests.support.languages import tells

pytestmark = pytest.mark.usefixtures("courses")


@pytest.mark.parametrize("said", ["les notes d'Adam", "est-ce qu'Adam était absent ?"])
async def test_a_child_of_others_is_refused_also_behind_an_apostrophe(chat: Chat, said: str) -> None:
    chat.language = "fr"
    await sign_in(chat)

    await chat.say(said)

    assert "Adam" in chat.text
    assert tells(chat.text, "fr", "utter_not_your_student"), chat.text
