"""What the school's staff ask and decide is told in the chat, and the family's answer comes back to them."""

from collections.abc import Mapping

import pytest
import pytest_asyncio

from bot.conversation.turn import Assistant
from portal.core.districts import District
from portal.helpdesk.requests.outcomes import Approval, Cause, NewQuestion, Note, Rejection, RequestShown
from portal.transaction import Portal
from tests.support.boston import boston_roster, does, member, the_request
from tests.support.conversation import Chat
from tests.support.families import Letter, asker, import_roster, request_account

QUESTION = "Which school does your child go to?"


@pytest.fixture
def known(portal: Portal, boston: District, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Letter]:
    return import_roster(portal, tmp_path_factory.mktemp("boston"), boston_roster(), boston.slug)


@pytest_asyncio.fixture
async def chat(portal: Portal, assistant: Assistant, boston: District, known: Mapping[str, Letter]) -> Chat:
    """Ask for an account in a chat, by a name that differs from the records."""
    chat = Chat(assistant, district=boston.slug)
    await chat.open()
    with portal.begin() as tx:
        found = tx.dialogue.find(chat.channel, chat.sender)
    assert found is not None
    who = asker(district="boston", conversation=found.id, channel=chat.channel)
    secrets = {"new": "Nine0quiet-lanterns", "question": "What was your first pet?", "answer": "Rex"}
    request_account(portal, who, first_name="Anna", **secrets)
    return chat


def ask(portal: Portal, words: str = QUESTION, form_id: str = "a" * 32) -> None:
    desk, question = member(portal), NewQuestion(the_request(portal).request_id, words, form_id)
    does(portal, lambda tx: tx.account_requests.ask(desk, question))


def reject(portal: Portal, cause: Cause, words: str = "") -> None:
    desk, rejection = member(portal), Rejection(the_request(portal).request_id, cause, "checked", words)
    does(portal, lambda tx: tx.account_requests.reject(desk, rejection))


def notes(portal: Portal) -> list[Note]:
    desk, request_id = member(portal), the_request(portal).request_id
    shown = does(portal, lambda tx: tx.account_requests.one(desk, request_id))
    assert isinstance(shown, RequestShown)
    return list(shown.notes)


async def test_question_is_told_and_the_answer_comes_back(portal: Portal, chat: Chat) -> None:
    ask(portal)
    await chat.say("hello")
    told = chat.replies[0].text

    await chat.press("Answer")
    asked = chat.text
    await chat.say("Yes: what are her grades? She is at Assabet.")

    assert told.endswith(QUESTION)
    assert QUESTION in asked
    assert "no password" in asked
    assert "Your school has your answer now" in chat.text
    assert [note.words["words"] for note in notes(portal)] == [
        QUESTION,
        "Yes: what are her grades? She is at Assabet.",
    ]


async def test_yes_begins_the_answer(portal: Portal, chat: Chat) -> None:
    await chat.say("thank you")
    ask(portal)
    await chat.history()

    await chat.say("yes")

    assert QUESTION in chat.text


async def test_bare_yes_is_an_answer_too(portal: Portal, chat: Chat) -> None:
    ask(portal, "Do you live in Boston?")
    await chat.say("hello")
    await chat.press("Answer")

    await chat.say("yes")

    assert [note.words["words"] for note in notes(portal)] == ["Do you live in Boston?", "yes"]


async def test_answer_can_be_cancelled(portal: Portal, chat: Chat) -> None:
    ask(portal)
    await chat.say("hello")
    await chat.press("Answer")

    await chat.say("cancel")

    assert len(notes(portal)) == 1


async def test_button_of_a_question_that_was_answered_says_so(portal: Portal, chat: Chat) -> None:
    ask(portal)
    await chat.say("hello")
    await chat.press("Answer")
    await chat.say("Assabet")

    await chat.press("Answer")

    assert "No question of your school is open" in chat.text
    assert len(notes(portal)) == 2


async def test_answer_after_the_decision_is_not_kept(portal: Portal, chat: Chat) -> None:
    ask(portal)
    await chat.say("hello")
    await chat.press("Answer")
    reject(portal, Cause.CONTACT_SCHOOL)

    await chat.say("Assabet")

    assert any("No question of your school is open" in reply.text for reply in chat.replies)
    assert len(notes(portal)) == 2


async def test_rejection_is_told_with_what_to_do_next(portal: Portal, chat: Chat) -> None:
    reject(portal, Cause.CONTACT_SCHOOL, "Room 12, please.")

    await chat.say("hello")

    assert "Please contact your school" in chat.text
    assert "(508) 555-0190" in chat.text
    assert "Your school writes: Room 12, please." in chat.text


async def test_request_can_be_made_once_more(portal: Portal, chat: Chat) -> None:
    reject(portal, Cause.ASK_AGAIN)
    await chat.say("hello")

    await chat.press("Request an account")

    assert "How to Request a Parent Account (TEMPORARY)" in " ".join(reply.text for reply in chat.replies)


@pytest.mark.requirement("R129", "R134")
async def test_approval_names_neither_address_nor_procedure_of_staff(portal: Portal, chat: Chat) -> None:
    desk, request_id = member(portal), the_request(portal).request_id
    shown = does(portal, lambda tx: tx.account_requests.one(desk, request_id))
    assert isinstance(shown, RequestShown)
    approval = Approval(request_id, shown.candidates[0].contact_id, "checked")
    does(portal, lambda tx: tx.account_requests.approve(desk, approval))

    await chat.say("hello")

    assert "the e-mail address that the school has of you" in chat.text
    assert "ana@example.org" not in chat.text
    assert "Update Contact Login" not in chat.text
