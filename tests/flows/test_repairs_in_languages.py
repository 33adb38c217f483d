"""Every flow takes every repair in every language, and goes on at the step that was asked."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from bot.conversation.turn import Assistant
from portal.core.districts import District
from tests.flows.chat import sign_in
from tests.support.conversation import Chat
from tests.support.languages import FOREIGN, Said, responses, said_in, tells

pytestmark = [pytest.mark.usefixtures("courses"), pytest.mark.words]

REQUEST = ("I want to request an account",)
OPEN = ("I want to create an account",)


@dataclass(frozen=True)
class Step:
    """Name what leads to a step of a flow in English; at some steps any text is an answer."""

    said: tuple[str, ...]
    signed_in: bool = False
    # The intent that begins it, where a password is asked for at once: nothing else may be typed there.
    secret: str = ""


STEPS = {
    "sign_in, username": Step(("sign in",)),
    "sign_in, password": Step(("mlopez",), secret="sign_in"),
    "recover_password, username": Step(("I forgot my password",)),
    "recover_username, address": Step(("I forgot my username",)),
    "confirm_email, address": Step(("Send the confirmation e-mail again",)),
    "report_lockout, username": Step(("My account is locked", "yes")),
    "message, reach": Step(("I want to leave a message for the school",)),
    "open, first name": Step(OPEN),
    "open, username": Step((*OPEN, "Ana Ruiz", "ana@mailbox.example")),
    "open, access id": Step((*OPEN, "Ana Ruiz", "ana@mailbox.example", "ana.ruiz")),
    "request, first name": Step(REQUEST),
    "request, address": Step((*REQUEST, "Ana Ruiz", "yes")),
    "link, access id": Step(("link a child",), signed_in=True),
    "unlink, child": Step(("remove a child from my account",), signed_in=True),
    "preferences, name": Step(("change my name",), signed_in=True),
    "preferences, email": Step(("change my email",), signed_in=True),
    "change_password, fields": Step((), signed_in=True, secret="change_password"),
    "registration": Step(("register Maya for classes",), signed_in=True),
}


SECRET = {name for name, step in STEPS.items() if step.secret}


@pytest.fixture(params=FOREIGN)
def language(request: pytest.FixtureRequest) -> str:
    code: str = request.param
    return code


@pytest.fixture
def said(language: str) -> Said:
    return said_in(language)


async def reach(chat: Chat, step: Step) -> None:
    """Talk in English until the step is asked."""
    if step.signed_in:
        await sign_in(chat)
    for text in step.said:
        await chat.say(text)


@pytest.fixture
def chats(assistant: Assistant, district: District, boston: District) -> Mapping[str, Chat]:
    return {
        "open": Chat(assistant, district=district.slug),
        "request": Chat(assistant, district=boston.slug),
    }


@pytest.mark.parametrize("name", sorted(STEPS.keys() - SECRET))
async def test_a_flow_takes_every_repair(
    chats: Mapping[str, Chat], name: str, language: str, said: Said
) -> None:
    step = STEPS[name]
    chat = chats["request" if name.startswith("request") else "open"]
    await reach(chat, step)
    in_english = chat.replies[-1].text

    await chat.say(said.repairs("in_this_language")[0])
    asked = chat.replies[-1].text
    assert tells(chat.text, language, "utter_language_changed"), chat.text
    assert asked != in_english

    await chat.say(said.repairs("side_question")[0])
    assert tells(chat.text, language, *_named(language, "utter_access_id")), chat.text
    assert chat.replies[-1].text == asked

    await chat.say(said.repairs("help")[0])
    assert tells(chat.text, language, *_named(language, "utter_help")), chat.text

    await chat.say(said.repairs("say_again")[0])
    assert chat.replies[-1].text == asked

    await chat.say(said.repairs("person")[0])
    assert not tells(chat.text, language, "utter_rephrase", "utter_choose"), chat.text

    await chat.say(said.repairs("in_english")[0])
    assert chat.replies[-1].text == in_english
    await chat.say(said.repairs("in_this_language")[0])

    await chat.say(said.repairs("cancel")[0])
    assert tells(chat.text, language, "utter_cancelled"), chat.text

    await chat.say(said.repairs("start_over")[0])
    assert tells(chat.text, language, "utter_restarted"), chat.text


@pytest.mark.parametrize("name", sorted(SECRET))
async def test_while_a_password_is_awaited_repairs_are_taken_and_nothing_else(
    chat: Chat, name: str, language: str, said: Said
) -> None:
    step = STEPS[name]
    if step.signed_in:
        await sign_in(chat)
    await chat.say(said.repairs("in_this_language")[0])
    await chat.say(said.repairs(step.secret)[0])
    for text in step.said:
        await chat.say(text)
    assert chat.replies[-1].secret is not None
    asked = chat.replies[-1].text

    await chat.say("Tr0ub4dor&3")
    assert tells(chat.text, language, "utter_secret_typed"), chat.text
    assert chat.replies[-1].text == asked

    await chat.say(said.repairs("side_question")[0])
    assert chat.replies[-1].text == asked

    await chat.say(said.repairs("cancel")[0])
    assert tells(chat.text, language, "utter_cancelled", "utter_secret_typed"), chat.text


async def test_nonsense_is_met_with_patience_then_buttons_then_a_person(
    chat: Chat, language: str, said: Said
) -> None:
    await chat.say(said.repairs("in_this_language")[0])
    one, two = said.repairs("nonsense")

    await chat.say(one)
    assert tells(chat.text, language, "utter_rephrase"), chat.text
    await chat.say(two)
    assert tells(chat.text, language, "utter_choose"), chat.text
    assert chat.titles
    await chat.say(one)
    assert not tells(chat.text, language, "utter_rephrase", "utter_choose", "utter_error"), chat.text


async def test_a_message_is_answered_in_its_own_language_and_the_way_back_is_offered(
    chat: Chat, language: str, said: Said
) -> None:
    await sign_in(chat)

    await chat.say(said.repairs("grades", student="Maya")[0])

    assert tells(chat.replies[0].text, language, "utter_language_noticed"), chat.text
    assert tells(chat.text, language, "utter_grades"), chat.text
    assert "English" in chat.replies[0].buttons[0].title

    await chat.say(said.repairs("second_child", student="Leo")[0])
    assert tells(chat.text, language, "utter_grades", "utter_no_grades"), chat.text
    assert "Leo" in chat.text

    await chat.press("English")
    assert tells(chat.text, "en", "utter_language_changed")


async def test_two_questions_are_both_answered(chat: Chat, language: str, said: Said) -> None:
    await sign_in(chat)

    await chat.say(said.repairs("two_questions", student="Maya")[0])

    assert tells(chat.text, language, "utter_grades"), chat.text
    assert len(chat.replies) >= 3  # The language, the grades, the attendance.
    assert all("Maya" in reply.text for reply in chat.replies[1:]), chat.text


async def test_an_early_answer_is_taken_and_can_be_corrected(chat: Chat, language: str, said: Said) -> None:
    await chat.say(said.repairs("username_early", username="mlopes")[0])
    assert chat.secret.purpose == "sign_in"
    assert "mlopes" in chat.text

    await chat.say(said.repairs("correction", username="mlopez")[0])

    assert "mlopez" in chat.text
    await chat.submit(password="three green kettles hum")
    assert tells(chat.text, language, *_named(language, "utter_welcome")), chat.text


@pytest.mark.parametrize("name", ["injection", "insult"])
async def test_hostile_words_get_a_calm_answer_and_nobody_elses_data(
    chat: Chat, language: str, said: Said, name: str
) -> None:
    await sign_in(chat)

    for text in said.repairs(name):
        await chat.say(text)

        assert chat.text
        assert "Whitfield" not in chat.text
        assert "Zoe" not in chat.text
        assert not tells(chat.text, language, "utter_error")
        assert not tells(chat.text, "en", "utter_error")


def _named(language: str, beginning: str) -> list[str]:
    return [name for name in responses(language) if name.startswith(beginning)]
