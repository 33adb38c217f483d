"""Leave a message for the school, which becomes a case that somebody looks at."""

from collections.abc import Callable

import pytest

from portal.helpdesk.outcomes import Case, CaseKind
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.conversation import Chat

pytestmark = pytest.mark.usefixtures("families")


def cases(portal: Portal) -> list[Case]:
    """Return the cases that wait for staff."""
    with portal.begin() as tx:
        return tx.cases.waiting("westborough")


@pytest.mark.requirement("R2", "R51")
async def test_a_message_becomes_a_case_with_what_the_parent_gave(portal: Portal, chat: Chat) -> None:
    await chat.say("I want to talk to a person")
    await chat.press("Leave a message for the school")
    await chat.say("508 555 0147, after four")
    await chat.say("I cannot sign in since Monday. My son is Leo López.")

    [case] = cases(portal)
    assert "case 1" in chat.text
    assert "508 555 0147, after four" in chat.text
    assert case.kind is CaseKind.OTHER
    assert case.details["reach"] == "508 555 0147, after four"
    assert case.details["happened"] == "I cannot sign in since Monday. My son is Leo López."


async def test_what_it_is_about_comes_with_the_button(portal: Portal, chat: Chat) -> None:
    await chat.say("I have no e-mail on file")
    await chat.press("Leave a message for the school")
    await chat.say("ana@mailbox.example")
    asked = chat.text
    await chat.say("I am Ana López, mother of Leo at Assabet Ridge")

    [case] = cases(portal)
    assert "your child's name and school" in asked
    assert case.kind is CaseKind.NO_EMAIL


async def test_an_address_given_at_once_is_not_asked_for(chat: Chat) -> None:
    await chat.say("Leave a message for the school, my mail is ana@mailbox.example")

    assert "What shall I tell your school?" in chat.text


@pytest.mark.parametrize(
    "said",
    ["I cannot sign in", "I forgot my password", "my grades are not there", "Nobody answers the phone"],
)
async def test_what_happened_is_no_command_whatever_it_resembles(
    portal: Portal, chat: Chat, said: str
) -> None:
    await chat.say("leave a message")
    await chat.say("508 555 0147")

    await chat.say(said)

    assert "I passed it on to your school" in chat.text
    assert cases(portal)[0].details["happened"] == said


async def test_a_second_message_is_added_to_the_open_case(portal: Portal, chat: Chat) -> None:
    for said in ("My letter never came", "It came, but for another child"):
        await chat.say("leave a message")
        await chat.say("508 555 0147")
        await chat.say(said)

    [case] = cases(portal)
    assert "I added it to case 1" in chat.text
    assert "another child" in case.details["happened"]


@pytest.mark.parametrize("typed", ["no idea", "call me", "12345"])
async def test_what_nobody_can_be_reached_by_is_asked_for_again(chat: Chat, typed: str) -> None:
    await chat.say("leave a message")

    await chat.say(typed)

    assert "How can they reach you" in chat.replies[-1].text


@pytest.mark.parametrize("typed", ["yes", "hm"])
async def test_next_to_nothing_is_no_message(portal: Portal, chat: Chat, typed: str) -> None:
    await chat.say("leave a message")
    await chat.say("508 555 0147")

    await chat.say(typed)

    assert "What shall I tell your school?" in chat.text
    assert cases(portal) == []


async def test_a_message_of_whoever_is_signed_in_names_the_account(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("leave a message")
    await chat.say("508 555 0147")
    await chat.say("Please call me about Maya")

    assert cases(portal)[0].account_id is not None


async def test_leaving_a_message_leaves_the_way_in_that_was_begun(chat: Chat) -> None:
    await chat.say("I forgot my password")
    await chat.press("I forgot my username too")
    await chat.press("I have no e-mail there")
    await chat.press("Leave a message for the school")
    await chat.say("508 555 0147")
    await chat.say("I am Ana López, mother of Leo")

    assert "I passed it on" in chat.text
    assert "Back to" not in chat.text


@pytest.mark.not_in_telegram("a new conversation there is another person, and each person is a source")
async def test_new_conversations_from_one_source_do_not_flood_the_help_desk(
    portal: Portal, new_chat: Callable[[], Chat]
) -> None:
    strangers = [new_chat() for _ in range(6)]
    for stranger in strangers:
        stranger.source = "one source"
        await stranger.say("leave a message for the school, my mail is ana@mailbox.example")
        await stranger.say("I cannot sign in since Monday.")

    assert len(cases(portal)) == 5
    assert "I cannot take another one just now" in strangers[-1].text
    assert "(508) 555-0190" in strangers[-1].text


@pytest.mark.requirement("R2")
@pytest.mark.parametrize("way", ["pressed", "typed"])
async def test_a_family_without_telephone_and_address_leaves_a_case_too(
    portal: Portal, chat: Chat, way: str
) -> None:
    await chat.say("I want to talk to a person")
    await chat.press("Leave a message for the school")
    await (chat.press("I have neither") if way == "pressed" else chat.say("i have neither"))
    assert "how the school finds you otherwise" in chat.text

    await chat.say("I am Ana Diaz, Leo's mother, in the mornings I am at the gate")

    [case] = cases(portal)
    assert case.kind is CaseKind.NO_PHONE
    assert case.details["happened"].startswith("I am Ana Diaz")
    assert "reach" not in case.details
    assert f"please ask for case {case.number}" in chat.text
    assert "(508) 555-0190" in chat.text
