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


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ht", "kea", "pt", "so", "te", "vi", "zh"])
@pytest.mark.parametrize("said", ["user name", "teacher comments", "principal name"])
async def test_labels_said_in_english_change_no_language(chat: Chat, language: str, said: str) -> None:
    chat.language = language

    await chat.say(said)

    assert not tells(chat.text, "en", "utter_language_noticed"), chat.text
    assert not tells(chat.text, language, "utter_rephrase"), chat.text


async def test_an_english_sentence_is_answered_in_english(chat: Chat) -> None:
    chat.language = "es"

    await chat.say("what is the district code")

    assert tells(chat.text, "en", "utter_language_noticed"), chat.text
