"""Type what stands on a button, as people do who answer in a hurry."""

import pytest

from bot.conversation.turn import Assistant
from portal.core.districts import District
from portal.dialogue.outcomes import News, NewsKind
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.conversation import Chat


async def test_request_it_here_begins_the_request(assistant: Assistant, boston: District) -> None:
    chat = Chat(assistant, district=boston.slug)
    await chat.say("How do I request an account?")

    await chat.say("request it here")

    assert "What is your first name" in chat.text


async def test_no_email_came_is_about_the_mail(chat: Chat) -> None:
    await chat.say("I forgot my password")
    await chat.say("mlopez")
    await chat.say("m@mailbox.example")

    await chat.say("no email came")

    assert "The folder for junk or spam" in chat.text


async def test_another_username_is_asked_for_while_the_password_is_awaited(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")

    await chat.say("use another username")

    assert "What is your username?" in chat.text
    assert "deleted" not in chat.text


@pytest.mark.usefixtures("families")
async def test_a_child_is_chosen_by_its_name_on_the_button(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("grades")
    title = next(each for each in chat.titles if "Maya" in each)

    await chat.say(title.upper())

    assert "Maya" in chat.replies[0].text


@pytest.mark.usefixtures("families")
@pytest.mark.parametrize("said", ["yes", "yes sign me in", "Yes, sign me in"])
@pytest.mark.parametrize("first", ["hello", "good morning"])
async def test_after_news_and_a_greeting_a_yes_signs_in(
    portal: Portal, chat: Chat, first: str, said: str
) -> None:
    await chat.open()
    with portal.begin() as tx:
        conversation = tx.dialogue.find(chat.channel, chat.sender)
        assert conversation is not None
        tx.dialogue.tell(News(conversation.id, NewsKind.PASSWORD_SET, {"username": "mlopez"}))

    await chat.say(first)
    told = [reply.text for reply in chat.replies]
    await chat.say(said)

    assert told == ["You have set a new password. Shall I sign you in?"]
    assert 'password for "mlopez"' in chat.text


async def test_a_district_is_chosen_by_its_name(
    assistant: Assistant, district: District, boston: District
) -> None:
    chat = Chat(assistant, district=district.slug)
    await chat.say("it is another district")
    assert chat.titles == ["Boston Public Schools"]

    await chat.say("boston public schools")

    assert "Boston Public Schools" in chat.text
    assert "Which district" not in chat.text
