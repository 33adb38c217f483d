"""Greet, thank, take leave: short, kind, and never pretending to be a person."""

import pytest

from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.portals import make_district

pytestmark = pytest.mark.usefixtures("families")


async def test_opening_the_chat_greets_for_the_district(chat: Chat) -> None:
    await chat.open()

    assert "the parent portal of Westborough Public Schools" in chat.text
    assert chat.titles == ["Grades", "Attendance", "Sign in", "Having trouble signing in?"]


async def test_a_greeting_names_whoever_is_signed_in(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("hello")

    assert chat.text.startswith("Hello, Marisol López!")
    assert chat.replies[0].private


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("thank you", ("You are welcome", "Gladly")),
        ("yes", ("Good.",)),
        ("no", ("All right",)),
        ("bye", ("Goodbye",)),
    ],
)
async def test_each_courtesy_is_returned(chat: Chat, said: str, answer: tuple[str, ...]) -> None:
    await chat.say(said)

    assert chat.text.startswith(answer)


@pytest.mark.parametrize("said", ["Are you a real person?", "I am a student"])
async def test_it_says_that_it_is_a_program_and_for_parents(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert "a computer program, not a person" in chat.text
    assert "for parents and guardians" in chat.text
    assert "I look nothing up for students here" in chat.text


async def test_a_student_is_looked_up_by_nobody(portal: Portal, chat: Chat) -> None:
    make_district(portal, **WESTBOROUGH)
    await chat.say("I am a student")

    await chat.say("show my grades")

    assert "B+" not in chat.text
    assert "What is your username?" in chat.text


async def test_a_yes_in_the_middle_of_signing_in_only_asks_the_step_again(chat: Chat) -> None:
    await chat.say("sign in")

    await chat.say("yes")

    assert len(chat.replies) == 1
    assert chat.text.endswith("What is your username?")


async def test_a_no_in_the_middle_of_signing_in_tells_how_to_leave(chat: Chat) -> None:
    await chat.say("sign in")

    await chat.say("no")

    assert 'You can say "cancel" to leave this' in chat.text
    assert chat.text.endswith("What is your username?")
