"""Tell in the chat what a parent has done on a page that a mail led to."""

import pytest

from bot.conversation.turn import Assistant
from portal.dialogue.outcomes import News, NewsKind
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("families")


def tell(portal: Portal, chat: Chat, kind: NewsKind = NewsKind.PASSWORD_SET, **more: str) -> None:
    """Do on a page what this conversation's mail led to."""
    with portal.begin() as tx:
        conversation = tx.dialogue.find(chat.channel, chat.sender)
        assert conversation is not None
        tx.dialogue.tell(News(conversation.id, kind, {"username": "mlopez", **more}))


async def test_a_new_password_is_told_before_the_next_answer(portal: Portal, chat: Chat) -> None:
    await chat.say("I forgot my password")
    await chat.say("cancel")
    tell(portal, chat)

    await chat.say("thank you")

    assert chat.replies[0].text == "You have set a new password. Shall I sign you in?"
    assert chat.replies[0].custom == {"news": "password_set"}
    assert "You are welcome" in chat.replies[1].text or "Gladly" in chat.replies[1].text


@pytest.mark.parametrize("said", ["yes", "Yes please"])
async def test_a_yes_signs_in_with_the_username_filled_in(portal: Portal, chat: Chat, said: str) -> None:
    await chat.open()
    tell(portal, chat)
    await chat.history()

    await chat.say(said)

    assert 'password for "mlopez"' in chat.text
    await chat.submit(password=PASSWORD)
    assert chat.text.startswith("Welcome, Marisol López")


async def test_the_button_signs_in_with_the_username_filled_in(portal: Portal, chat: Chat) -> None:
    await chat.open()
    tell(portal, chat)
    await chat.say("hello")

    await chat.press("Yes, sign me in")

    assert 'password for "mlopez"' in chat.text


async def test_a_look_at_the_history_tells_it_once(portal: Portal, chat: Chat) -> None:
    await chat.open()
    tell(portal, chat)

    first = await chat.history()
    again = await chat.history()
    await chat.say("hello")

    assert [entry.text for entry in first].count("You have set a new password. Shall I sign you in?") == 1
    assert again == first
    assert "new password" not in chat.text


async def test_a_repeated_message_gets_the_same_news_again(portal: Portal, chat: Chat) -> None:
    await chat.open()
    tell(portal, chat)

    first = await chat.say("hello", message_id="m1")
    again = await chat.say("hello", message_id="m1")

    assert again == first
    assert "new password" in first[0].text


async def test_news_wait_for_the_parent_through_a_restart(
    portal: Portal, assistant: Assistant, chat: Chat
) -> None:
    await chat.open()
    tell(portal, chat)

    await assistant.recover()
    await chat.say("hello")

    assert chat.replies[0].text.startswith("You have set a new password.")


async def test_of_two_alike_only_the_later_is_told(portal: Portal, chat: Chat) -> None:
    await chat.open()
    tell(portal, chat)
    tell(portal, chat)

    await chat.say("hello")

    assert chat.text.count("You have set a new password.") == 1


async def test_whoever_is_signed_in_again_is_not_asked_to(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    tell(portal, chat)

    await chat.say("hello")

    assert chat.replies[0].text == "You have set a new password."


async def test_while_the_password_is_asked_for_it_is_asked_for_again(portal: Portal, chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")
    tell(portal, chat)

    entries = await chat.history()

    assert entries[-2].text == "You have set a new password."
    assert entries[-1].reply.secret is not None


@pytest.mark.case("S5")
async def test_looking_for_news_keeps_no_session_alive(portal: Portal, chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    clock.advance(seconds=14 * 60)
    tell(portal, chat)

    await chat.history()
    clock.advance(seconds=60)
    await chat.say("What are Maya's grades?")

    assert "You have been signed out. Return to Sign In Page." in chat.text


@pytest.mark.case("E8")
async def test_a_confirmed_address_gives_no_username_away(portal: Portal, chat: Chat) -> None:
    await chat.open()
    tell(portal, chat, NewsKind.EMAIL_CONFIRMED)
    await chat.say("hello")

    await chat.press("Yes, sign me in")

    assert "What is your username?" in chat.text
    assert not any("mlopez" in reply.text for reply in chat.seen)


@pytest.mark.requirement("R130")
async def test_an_active_account_is_told_with_what_comes_next(portal: Portal, chat: Chat) -> None:
    await chat.open()
    tell(portal, chat, NewsKind.ACCOUNT_ACTIVE)

    await chat.say("hello")

    assert "the account is now active" in chat.text
    assert "Your school connects your children" in chat.text


async def test_news_of_a_page_alone_are_dropped(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.dialogue.tell(News("web:0123", NewsKind.PASSWORD_SET))

        assert not tx.dialogue.has_news("web:0123")


async def test_a_later_yes_does_not_take_up_an_old_offer(portal: Portal, chat: Chat) -> None:
    await chat.open()
    tell(portal, chat)
    await chat.say("hello")
    await chat.say("What is the portal's address?")

    await chat.say("yes")

    assert "password for" not in chat.text


@pytest.mark.requirement("R15")
async def test_a_name_that_is_still_locked_is_sent_to_the_school(portal: Portal, chat: Chat) -> None:
    await chat.open()
    tell(portal, chat, locked="yes")

    await chat.say("hello")

    told = chat.replies[0]
    assert told.text.startswith("You have set a new password. Your username is still locked")
    assert "contact your school" in told.text
    assert "Shall I sign you in?" not in told.text
    assert [button.title for button in told.buttons] == ["Leave a message for the school"]
