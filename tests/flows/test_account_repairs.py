"""Take every kind of repair at each step of the forms about accounts."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from bot.conversation.turn import Assistant
from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.conversation import Chat
from tests.support.families import Letter
from tests.support.languages import tells
from tests.support.portals import make_parent

OPEN = ("I want to create an account",)
PARENT = (*OPEN, "Ana Ruiz", "ana@mailbox.example", "ana.ruiz")
REQUEST = ("I want to request an account",)
ASKED = (*REQUEST, "Ana Ruiz", "yes", "ana@mailbox.example", "What was the name of your first pet?")
SIGNED_IN = frozenset({"link", "unlink", "name", "email", "username"})


@dataclass(frozen=True)
class Step:
    """Name what leads to a step, what it asks, a word of its help, a good answer, a bad one."""

    said: tuple[str, ...]
    asks: str
    helps: str
    answer: str | None
    bad: str | None = None


STEPS = {
    "open, first name": Step(OPEN, "What is your first name?", "the parent's and not", "Ana", "4n4 0f"),
    "open, last name": Step((*OPEN, "Ana"), "And your last name?", "Last Name", "Ruiz", "12 34"),
    "open, email": Step(
        (*OPEN, "Ana Ruiz"), "Which e-mail address", "name@example.com", "a@mailbox.example", "blorp zzyx"
    ),
    "open, username": Step(PARENT[:3], "Which username", "4 to 50 letters", "ana.ruiz", "blorp zzyx"),
    "open, access id": Step(PARENT, "What is the Access ID", "short code", "7KQM4RTX", "blorp zzyx"),
    "open, relationship": Step(
        (*PARENT, "7KQM4RTX"), "How are you related", "Choose what you are", "Aunt", "blorp zzyx"
    ),
    "open, more": Step((*PARENT, "7KQM4RTX", "Aunt"), "another child to link?", "all your children", "no"),
    "open, confirmed": Step(
        (*PARENT, "7KQM4RTX", "Aunt", "no"), "Is this right?", "Read it once more", "yes"
    ),
    "open, secret": Step(
        (*PARENT, "7KQM4RTX", "Aunt", "no", "yes"), "fill in the masked fields", "Re-Enter Password", None
    ),
    "request, first name": Step(REQUEST, "What is your first name", "your school has it", "Ana", "4n4 0f"),
    "request, district": Step(
        (*REQUEST, "Ana Ruiz"), "the school district of", "goes to school in it", "yes"
    ),
    "request, email": Step(ASKED[:3], "What is your e-mail", "on file", "a@mailbox.example", "blorp zzyx"),
    "request, question": Step(ASKED[:4], "choose a security question", "only you know", "Which boat is it?"),
    "request, confirmed": Step(ASKED, "Is this right?", "Read it once more", "yes"),
    "request, secret": Step((*ASKED, "yes"), "fill in the masked fields", "answer to your security", None),
    "link, access id": Step(("link a child",), "What is the Access ID", "short code", "7KQM4RTX", "blorp zz"),
    "link, secret": Step(
        ("link a child", "7KQM4RTX", "Aunt", "no"), "into the masked field", "Access Password into its", None
    ),
    "unlink, child": Step(("remove a child from my account",), "Which child shall", "first name", "Maya"),
    "unlink, confirmed": Step(("unlink Maya",), "Shall I really take", "leave everything as it is", "no"),
    "name, first name": Step(("change my name",), "What is your first name?", "be greeted", "Ana", "4n4 0f"),
    "email, address": Step(
        ("change my email",), "your new e-mail address?", "clicked the link", "a@mailbox.example", "blorp zz"
    ),
    "email, secret": Step(
        ("change my email", "a@mailbox.example"), "type your password", "proves that", None
    ),
    "username, name": Step(("change my username",), "Which username", "4 to 50", "ana.ruiz", "blorp zzyx"),
}


@pytest.fixture
async def chat(
    request: pytest.FixtureRequest, portal: Portal, assistant: Assistant, district: District, boston: District
) -> Chat:
    params: Mapping[str, str] = request.node.callspec.params
    name = params.get("step", params.get("strict_step", "")).split(",")[0]
    chat = Chat(assistant, district=boston.slug if name == "request" else district.slug)
    if name in SIGNED_IN:
        letters: Mapping[str, Letter] = request.getfixturevalue("letters")
        make_parent(portal, username="mlopez", children=[letters["S1"].student_id])
        await sign_in(chat)
    return chat


@pytest.fixture(params=sorted(STEPS))
async def step(request: pytest.FixtureRequest, chat: Chat) -> Step:
    return await reach(chat, request.param)


@pytest.fixture(params=sorted(STEPS.keys() - {"request, question"}))
async def strict_step(request: pytest.FixtureRequest, chat: Chat) -> Step:
    """Leave out the step at which any text is an answer."""
    return await reach(chat, request.param)


async def reach(chat: Chat, name: str) -> Step:
    """Talk until the step is asked."""
    step = STEPS[name]
    for said in step.said:
        await chat.say(said)
    assert step.asks in chat.text, chat.text
    return step


async def test_an_answer_is_taken(chat: Chat, step: Step) -> None:
    if step.answer is None:
        assert chat.replies[-1].secret is not None
        return

    await chat.say(step.answer)

    assert step.asks not in chat.text
    assert "sorry" not in chat.text


async def test_a_question_in_between_is_answered_and_leads_back(chat: Chat, step: Step) -> None:
    await chat.say("What is the address of the portal?")

    assert "https://" in chat.replies[0].text
    assert step.asks in chat.replies[-1].text


async def test_what_an_access_id_is_may_be_asked_in_between(chat: Chat, step: Step) -> None:
    await chat.say("what is an access id?")

    assert "pair of codes" in chat.replies[0].text
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
    asked = chat.replies[-1].text

    await chat.say("say that again")

    assert chat.replies[-1].text == asked


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


async def test_nonsense_asks_again_then_offers_help_then_a_person(chat: Chat, strict_step: Step) -> None:
    step = strict_step
    said = step.bad or "blorp zzyx frobnicate"
    heard = []

    for _ in range(3):
        await chat.say(said)
        assert step.asks in chat.text
        heard.append(chat.text)

    # At a masked field it could have been a password: it is deleted, each time with the same words.
    if step.answer is not None:
        assert len(set(heard)) == 3
        assert "(508) 555-0190" in heard[2]
