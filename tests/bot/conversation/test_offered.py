"""Take a typed title of a button for the button."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.conversation.offered import offered, typed
from bot.conversation.turn import Assistant
from portal.core.outcomes import Refused
from portal.dialogue.outcomes import Choice
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

SIGN_IN = Choice("Yes, sign me in", "/sign_in")
NO_MAIL = Choice("No e-mail came", "/no_mail")
MOTHER = Choice("A grandmother", '/kin{"kin": "grandmother"}')
FATHER = Choice("A grandfather", '/kin{"kin": "grandfather"}')
SHORT = Choice("Name", "/name")
USERNAME = Choice("a.silvano", '/name{"username": "a.silvano"}')
FIRST = Choice("Change the Access ID of child 1", '/correct{"child": 1}')
SECOND = Choice("Change the Access ID of child 2", '/correct{"child": 2}')
ALL = (SIGN_IN, NO_MAIL, MOTHER, FATHER, SHORT, USERNAME, FIRST, SECOND)


def reply(title: str, payload: str, *, private: bool = False) -> Mapping[str, Any]:
    """Return a stored reply with one button."""
    return {"buttons": [[title, payload]], "private": private}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Yes, sign me in", SIGN_IN),
        ("yes sign me in", SIGN_IN),
        ("yes sing me in", SIGN_IN),
        ("No email came", NO_MAIL),
        ("no e mail came!", NO_MAIL),
        ("a grandmother", MOTHER),
        ("a grandfathre", FATHER),
        ("name", SHORT),
        ("A.Silvano", USERNAME),
        ("change the acess id of child 2", SECOND),
    ],
)
def test_a_title_is_found_word_for_word_or_nearly(text: str, meant: Choice) -> None:
    assert typed(text, ALL) == meant


@pytest.mark.parametrize(
    "text",
    [
        "a-silvano",
        "a.silvanos",
        "yes",
        "sign me in",
        "a grandmather",
        "nane",
        "change the access id of child 3",
        "mail",
        "...",
        "",
    ],
)
def test_what_only_resembles_a_title_is_understood_as_it_is(text: str) -> None:
    assert typed(text, ALL) is None


@pytest.mark.parametrize(("text", "meant"), [("YES, SIGN ME IN", SIGN_IN), ("yes sign me in", None)])
def test_where_a_secret_may_be_typed_only_the_title_itself_counts(text: str, meant: Choice | None) -> None:
    assert typed(text, ALL, exactly=True) == meant


def test_two_titles_alike_that_mean_different_things_are_no_choice() -> None:
    assert typed("Maya", [Choice("Maya", "/a"), Choice("Maya", "/b")]) is None
    assert typed("Maya", [Choice("Maya", "/a"), Choice("Maya", "/a")]) == Choice("Maya", "/a")


def test_all_replies_of_the_turn_offer_and_plain_words_are_no_button() -> None:
    replies = [reply("A", "/a"), reply("B", "/b"), reply("Just words", "words")]

    assert offered(replies, may_repeat=True) == [Choice("A", "/a"), Choice("B", "/b")]


def test_what_was_offered_in_a_session_that_ended_is_offered_no_more() -> None:
    replies = [reply("Maya", "/a", private=True), reply("Help", "/b")]

    assert offered(replies, may_repeat=False) == [Choice("Help", "/b")]


@pytest.mark.parametrize("said", ["Borrow an atlas", "borrow an atlas.", "borow an atlas"])
async def test_a_typed_title_does_what_the_button_does(chat: Chat, said: str) -> None:
    await chat.say("hello")

    await chat.say(said)

    assert chat.text == "How many copies of Atlas?"


async def test_the_history_shows_the_title(chat: Chat) -> None:
    await chat.say("hello")
    await chat.say("borow an atlas")

    entries = await chat.history()

    assert [each.text for each in entries if each.author == "parent"] == ["hello", "Borrow an atlas"]


async def test_a_title_of_an_earlier_turn_is_a_text_like_any_other(chat: Chat) -> None:
    await chat.say("hello")
    await chat.say("hours")

    await chat.say("Borrow an atlas")

    assert chat.text == "Say it another way."


async def test_a_private_title_is_forgotten_with_the_session(desk: Assistant, chat: Chat) -> None:
    await chat.say("sign in, my username is mlopez")
    await chat.submit(password=PASSWORD)
    await chat.say("shelf")
    assert chat.titles == ["All (3)"]
    await chat.say("sign out")

    await chat.say("All (3)")

    assert chat.text == "Say it another way."


async def test_while_a_secret_is_pending_a_near_title_is_taken_for_one(chat: Chat) -> None:
    await chat.say("hello")
    await chat.say("sign in, my username is mlopez")
    await chat.say("Borrow an atlass")

    assert chat.replies[0].text == "Not here, please: I deleted it."
    assert not isinstance(await chat.try_submit(password=PASSWORD), Refused)
