"""Talk with a person in the chat: what staff write is read here, and the assistant is silent meanwhile."""

import pytest

from bot.messages import MessageKind
from portal.helpdesk.case_outcomes import EntryKind
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.case_desk import Desk
from tests.support.clock import FakeClock
from tests.support.console import make_staff
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("families")


@pytest.fixture
def desk(portal: Portal) -> Desk:
    return Desk(portal, make_staff(portal, name="Dana Whitlock"))


async def asked(chat: Chat) -> None:
    """Leave a message that becomes case 1."""
    await chat.say("leave a message")
    await chat.say("508 555 0147")
    await chat.say("I am Ana López, mother of Leo. I cannot get in.")


async def test_family_reads_in_the_chat_what_staff_answer(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    desk.answer("Please try again now.")

    await chat.say("hello")

    assert chat.replies[0].text == "Dana Whitlock, help desk: Please try again now."
    assert chat.replies[0].custom == {"news": "case_said", "case": "waits"}
    assert desk.entries(EntryKind.STAFF)[0].told_at is not None


async def test_every_answer_is_told_once_and_in_order(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    for said in ("one moment", "it is open", "please try again"):
        desk.answer(said)

    first = [entry.text for entry in await chat.history()]
    again = [entry.text for entry in await chat.history()]

    said = [text.removeprefix("Dana Whitlock, help desk: ") for text in first if "Dana" in text]
    assert said == ["one moment", "it is open", "please try again"]
    assert again == first


async def test_assistant_is_silent_while_staff_are_in_the_chat(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    desk.take_over()
    await chat.history()

    replies = await chat.say("What are Leo's grades?")

    assert replies == []
    assert [entry.text for entry in desk.entries(EntryKind.PARENT)] == ["What are Leo's grades?"]
    assert [entry.text for entry in await chat.history()][-1] == "What are Leo's grades?"


async def test_a_repeated_message_reaches_staff_once(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    desk.take_over()
    await chat.history()

    await chat.say("Are you there?", message_id="m1")
    await chat.say("Are you there?", message_id="m1")

    assert len(desk.entries(EntryKind.PARENT)) == 1


@pytest.mark.parametrize("typed", [False, True])
async def test_family_goes_back_to_the_assistant_when_it_wants(
    chat: Chat, desk: Desk, *, typed: bool
) -> None:
    await asked(chat)
    desk.take_over()
    chat.seen.extend(entry.reply for entry in await chat.history())
    await chat.say("Are you there?")

    await (chat.say("back to the assistant") if typed else chat.press("Back to the assistant"))
    handed_back = chat.text
    await chat.say("hello")

    assert handed_back.startswith("I answer you again. Case 1 stays open")
    assert chat.replies


async def test_a_command_still_works(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    desk.take_over()
    await chat.history()

    await chat.send("cancel", MessageKind.COMMAND)

    assert "nothing" in chat.text
    assert desk.entries(EntryKind.PARENT) == []


async def test_a_password_typed_where_one_is_asked_for_never_reaches_staff(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    await chat.say("sign in")
    await chat.say("mlopez")
    desk.take_over()

    await chat.say(PASSWORD)

    assert "could have been a password" in chat.text
    assert desk.entries(EntryKind.PARENT) == []


async def test_an_access_password_is_taken_out_before_staff_read_it(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    desk.take_over()
    await chat.history()

    await chat.say("it is ACD-EFG-HJK-MNP-QRT-WXY")

    assert "looked like an Access Password" in chat.text
    assert desk.entries(EntryKind.PARENT)[0].text == "it is [removed]"


async def test_assistant_answers_again_when_staff_hand_it_back(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    desk.take_over()
    await chat.history()
    desk.hand_back()

    await chat.say("hello")

    assert chat.replies[0].text.startswith("The help desk has left this chat")
    assert len(chat.replies) > 0


async def test_nobody_is_left_with_a_silent_chat(chat: Chat, desk: Desk, clock: FakeClock) -> None:
    await asked(chat)
    desk.take_over()
    await chat.history()
    clock.advance(minutes=30)

    await chat.say("What is an Access ID?")

    assert chat.replies[0].text.startswith("The help desk has left this chat")
    assert "Access ID" in chat.replies[-1].text
    assert desk.entries(EntryKind.PARENT) == []


async def test_family_writes_back_to_staff_who_have_left(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    desk.answer("What does the page say?")
    chat.seen.extend(entry.reply for entry in await chat.history())

    await chat.press("Write back")
    silent = await chat.say("It says locked")

    assert silent == []
    assert [entry.text for entry in desk.entries(EntryKind.PARENT)] == ["It says locked"]
    assert desk.view().line.waiting_since is not None


@pytest.mark.parametrize(("said", "state"), [("yes", "closed"), ("no", "open")])
async def test_closing_asks_one_question(chat: Chat, desk: Desk, said: str, state: str) -> None:
    await asked(chat)
    desk.close()
    asked_for = [entry.text for entry in await chat.history()][-1]

    await chat.say(said)

    assert asked_for == "The help desk has closed your case 1. Did this help?"
    assert desk.view().helped is (said == "yes")
    assert desk.view().line.state == state


async def test_the_question_is_answered_by_button_once(chat: Chat, desk: Desk) -> None:
    await asked(chat)
    desk.close()
    chat.seen.extend(entry.reply for entry in await chat.history())

    await chat.press("No, not yet")
    first = chat.text
    await chat.press("Yes, it helped")

    assert "Case 1 is open again" in first
    assert "moved on" in chat.text
    assert desk.view().line.state == "open"


async def test_an_answer_is_not_told_to_another_parent(portal: Portal, chat: Chat, desk: Desk) -> None:
    await sign_in(chat)
    await asked(chat)
    await chat.say("sign out")
    await sign_in(chat, "kwhitfield")
    desk.answer("Leo's letter is on its way")

    await chat.say("hello")
    others = chat.text
    await chat.say("sign out")
    await sign_in(chat)
    await chat.say("hello")

    assert "letter" not in others
    assert "Leo's letter is on its way" in "\n".join(reply.text for reply in chat.seen)


async def test_what_was_tried_is_attached_without_secrets(chat: Chat, desk: Desk) -> None:
    for _ in range(5):
        await sign_in(chat, "mlopez", "wrong and wrong again")
    await chat.say("cancel")
    await asked(chat)

    triage = desk.view().triage

    assert triage.username == "mlopez"
    assert triage.found[0].cause == "locked"
    assert triage.found[0].count == 5
    assert any(step.text == "mlopez" for step in triage.steps)
    assert "wrong and wrong again" not in str(triage.steps)


@pytest.mark.parametrize("username", ["mlopez", "nobody.has.it"])
async def test_assistant_rules_out_a_lock_first_and_says_what_it_found(chat: Chat, username: str) -> None:
    for _ in range(5):
        await sign_in(chat, username, "wrong and wrong again")
    await chat.say("cancel")

    await chat.say("leave a message")

    assert chat.replies[0].text == (
        f'I looked before passing it on: "{username}" has been locked since October 15, 2026, 10:00 AM, '
        "after 5 wrong passwords. I tell your school so."
    )
