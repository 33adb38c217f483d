"""Take every kind of repair in the middle of each form that leads a parent back in."""

from dataclasses import dataclass

import pytest

from tests.support.conversation import Chat
from tests.support.languages import tells

pytestmark = pytest.mark.usefixtures("families")


@dataclass(frozen=True)
class Step:
    """Name what leads to a step, what it asks, and an answer that it takes."""

    said: tuple[str, ...]
    asks: str
    helps: str
    answer: str


STEPS = {
    "recover_password, username": Step(
        ("I forgot my password",), "What is your username?", 'the field "Username"', "mlopez"
    ),
    "recover_password, address": Step(
        ("I forgot my password", "mlopez"),
        'Which e-mail address does your account "mlopez" have?',
        "the link is sent to no other one",
        "m@families.example",
    ),
    "recover_username": Step(
        ("I forgot my username",),
        "What is the e-mail address of your account?",
        "your username is sent to it",
        "m@families.example",
    ),
    "confirm_email": Step(
        ("Send the confirmation e-mail again",),
        "I can send it once more: to which e-mail address?",
        "when you asked for your account",
        "m@families.example",
    ),
    "report_lockout": Step(
        ("My account is locked", "yes"), "Which username shall I look at?", "it is one word", "mlopez"
    ),
    "message, reach": Step(
        ("I want to leave a message for the school",),
        "How can they reach you",
        "only the school's staff see it",
        "508 555 0147",
    ),
    "message, text": Step(
        ("I want to leave a message for the school", "508 555 0147"),
        "What shall I tell your school?",
        "i pass it on as you write it",
        "My letter never came",
    ),
}
IN_ONE_SLOT = [name for name in STEPS if name != "message, text"]


@pytest.fixture(params=sorted(STEPS))
async def step(request: pytest.FixtureRequest, chat: Chat) -> Step:
    return await reach(chat, request.param)


@pytest.fixture(params=sorted(IN_ONE_SLOT))
async def short_step(request: pytest.FixtureRequest, chat: Chat) -> Step:
    return await reach(chat, request.param)


async def reach(chat: Chat, name: str) -> Step:
    """Talk until the step is asked."""
    step = STEPS[name]
    for said in step.said:
        await chat.say(said)
    assert step.asks in chat.text
    return step


async def test_an_answer_is_taken(chat: Chat, step: Step) -> None:
    await chat.say(step.answer)

    assert step.asks not in chat.text
    assert "sorry" not in chat.text


async def test_a_question_in_between_is_answered_and_leads_back(chat: Chat, step: Step) -> None:
    await chat.say("What is the address of the portal?")

    assert "https://ps.westboroughk12.org/public" in chat.replies[0].text
    assert step.asks in chat.replies[-1].text


async def test_cancel_leaves_it(chat: Chat, step: Step) -> None:
    await chat.say("cancel")
    stopped = chat.text
    await chat.say("thank you")

    assert "we stop here" in stopped
    assert step.asks not in chat.text


async def test_start_over_leaves_it(chat: Chat, step: Step) -> None:
    await chat.say("start over")

    assert "We start over." in chat.text
    assert step.asks not in chat.text


async def test_say_that_again_asks_the_same(chat: Chat, step: Step) -> None:
    asked = chat.text

    await chat.say("say that again")

    assert chat.text == asked


async def test_help_explains_the_step_and_asks_again(chat: Chat, step: Step) -> None:
    await chat.say("help")

    assert step.helps.casefold() in chat.replies[0].text.casefold()
    assert step.asks in chat.replies[-1].text


async def test_another_language_leads_back_to_the_step(chat: Chat, step: Step) -> None:
    await chat.say("Can we speak Spanish?")
    in_spanish = chat.text
    await chat.say("in English please")

    assert tells(in_spanish, "es", "utter_language_changed")
    assert step.asks not in in_spanish
    assert step.asks in chat.replies[-1].text


async def test_a_person_asked_for_is_named_and_the_step_stays(chat: Chat, step: Step) -> None:
    await chat.say("I want to talk to a person")

    assert "(508) 555-0190" in chat.replies[0].text
    assert step.asks in chat.replies[-1].text


async def test_nonsense_asks_again_then_offers_help_then_a_person(chat: Chat, short_step: Step) -> None:
    heard = []
    for _ in range(3):
        await chat.say("blorp zzyx frobnicate")
        assert short_step.asks in chat.text
        heard.append(chat.text)

    assert len(set(heard)) == 3
    assert "(508) 555-0190" in heard[2]
