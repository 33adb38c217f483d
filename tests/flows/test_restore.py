"""Offer a parent whose time ran out to go back to where they were, and nobody else."""

from collections.abc import Callable

import pytest

from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.support.clock import FakeClock
from tests.support.conversation import Chat

pytestmark = pytest.mark.usefixtures("families")
RELOAD = (
    "Reload Last Page - Your session timed out due to inactivity. Would you like to restore your "
    "previous session and reload the last page you were viewing?"
)
SELECTIONS = (
    "Restore Selections(s), School and Term - Your session timed out due to inactivity. Would you like "
    "to restore your previous session and return to the last used school, term, student and/or teacher "
    "selection?"
)


async def time_out(chat: Chat, clock: FakeClock, *said: str) -> None:
    """Sign in, ask something, and do nothing until time runs out."""
    await sign_in(chat)
    for each in said:
        await chat.say(each)
    clock.advance(seconds=15 * 60)


@pytest.mark.requirement("R65", "R68", "R69", "R71")
@pytest.mark.case("S5", "S7")
async def test_a_yes_goes_back_to_the_last_question(chat: Chat, clock: FakeClock) -> None:
    await time_out(chat, clock, "What is Maya's grade in algebra?")
    await sign_in(chat)
    offered, titles = chat.replies[-1].text, chat.titles

    await chat.press("Yes")

    assert (offered, titles) == (RELOAD, ["Yes", "No"])
    assert "Algebra I" in chat.text
    assert "B+ (88%)" in chat.text


@pytest.mark.requirement("R70", "R71")
@pytest.mark.case("S7")
async def test_a_selection_alone_is_restored_as_one(chat: Chat, clock: FakeClock) -> None:
    await time_out(chat, clock, "Switch to Maya")
    await sign_in(chat)
    offered = chat.replies[-1].text

    await chat.say("yes")
    await chat.say("What are the grades?")

    assert offered == SELECTIONS
    assert "B+ (88%)" in chat.text


@pytest.mark.requirement("R71")
@pytest.mark.case("S7")
@pytest.mark.parametrize("answer", ["no", "No, thank you"])
async def test_a_no_starts_anew_and_the_offer_is_used_up(chat: Chat, clock: FakeClock, answer: str) -> None:
    await time_out(chat, clock, "What are Maya's grades?")
    await sign_in(chat)

    await chat.say(answer)
    declined = chat.text
    await chat.say("yes")

    assert "What would you like to know?" in declined
    assert "B+" not in chat.text


@pytest.mark.requirement("R67")
@pytest.mark.case("S9")
async def test_after_another_parent_signed_in_nothing_is_offered(chat: Chat, clock: FakeClock) -> None:
    await time_out(chat, clock, "What are Maya's grades?")
    before = len(chat.seen)
    await sign_in(chat, "kwhitfield")
    await chat.say("sign out")

    await sign_in(chat)

    assert RELOAD not in chat.text
    later = "\n".join(reply.text for reply in chat.seen[before:])
    assert "Algebra" not in later
    assert "Maya" not in later


@pytest.mark.requirement("R66")
@pytest.mark.case("S8")
async def test_on_another_device_nothing_is_offered(
    new_chat: Callable[[], Chat], chat: Chat, clock: FakeClock
) -> None:
    await time_out(chat, clock, "What are Maya's grades?")
    other = new_chat()

    await sign_in(other)

    assert RELOAD not in everything(other)


@pytest.mark.requirement("R66")
@pytest.mark.case("S7")
async def test_another_chat_on_the_same_device_offers_it(
    new_chat: Callable[[], Chat], chat: Chat, clock: FakeClock
) -> None:
    await time_out(chat, clock, "What are Maya's grades?")
    other = new_chat()
    other.device = chat.device

    await sign_in(other)

    assert other.replies[-1].text == RELOAD


@pytest.mark.case("S8")
async def test_after_a_day_nothing_is_offered(chat: Chat, clock: FakeClock) -> None:
    await time_out(chat, clock, "What are Maya's grades?")
    clock.advance(seconds=24 * 3600)

    await sign_in(chat)

    assert RELOAD not in chat.text


async def test_whoever_signed_out_is_offered_nothing(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What are Maya's grades?")
    await chat.say("sign out")

    await sign_in(chat)

    assert RELOAD not in chat.text


@pytest.mark.requirement("R65", "R68")
async def test_a_question_asked_after_the_time_ran_out_is_answered_instead(
    chat: Chat, clock: FakeClock
) -> None:
    await time_out(chat, clock, "What are Maya's grades?")
    await chat.say("What are Leo's grades?")
    signed_out = chat.text
    await chat.say("mlopez")

    await chat.submit(password="three green kettles hum")

    assert signed_out.startswith("You have been signed out. Return to Sign In Page.")
    assert "No grades of Leo are entered" in chat.text
    assert RELOAD not in chat.text


async def test_a_child_that_is_linked_no_more_is_not_shown_again(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await time_out(chat, clock, "What are Maya's grades?")
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        maya = tx.imports.find_student("westborough", "7001")
        assert account is not None
        assert maya is not None
        tx.links.unlink(account.account_id, maya.id)
    await sign_in(chat)

    await chat.press("Yes")

    assert "B+" not in chat.text


async def test_a_yes_that_comes_after_the_time_ran_out_again_shows_nothing(
    chat: Chat, clock: FakeClock
) -> None:
    await time_out(chat, clock, "What are Maya's grades?")
    await sign_in(chat)
    clock.advance(seconds=15 * 60)

    await chat.press("Yes")

    assert "B+" not in chat.text
    assert "Maya" not in chat.text
