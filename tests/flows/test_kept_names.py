"""A session's names are kept for a while, and never outlive or leave the session."""

import pytest

from bot.conversation.memory import MOST_KEPT_NAMES
from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.statements import statements

pytestmark = pytest.mark.usefixtures("families")


async def asked(portal: Portal, chat: Chat) -> int:
    """Count what one turn asks the database."""
    with statements(portal.engine) as said:
        await chat.say("thank you")
    return len(said)


async def test_names_are_read_once_in_a_while(portal: Portal, chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)

    first, second = await asked(portal, chat), await asked(portal, chat)
    clock.advance(minutes=10)
    later = await asked(portal, chat)

    assert second < first
    assert later > second


async def test_names_of_one_session_are_not_those_of_the_next(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("grades of Maya")
    await chat.say("sign out")
    await sign_in(chat, "kwhitfield")
    await chat.say("thank you")

    kept = [kept.names.students for kept in chat.assistant._memory._kept_names.values()]

    assert any("Maya" in students for students in kept)
    assert any("Zoe" in students and "Maya" not in students for students in kept)


async def test_kept_names_stay_few(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("thank you")
    kept = chat.assistant._memory._kept_names
    (entry,) = kept.values()
    kept.clear()
    kept.update({str(number): entry for number in range(MOST_KEPT_NAMES)})

    await chat.say("thank you")

    assert len(kept) == MOST_KEPT_NAMES
    assert "0" not in kept


async def test_child_linked_meanwhile_is_known_at_once(
    portal: Portal, chat: Chat, district: District
) -> None:
    await sign_in(chat)
    await chat.say("thank you")
    (before,) = chat.assistant._memory._kept_names.values()
    with portal.begin() as tx:
        mother = tx.accounts.find(district.slug, "mlopez")
        zoe = tx.imports.find_student(district.slug, "7003")
        assert mother is not None
        assert zoe is not None
        tx.links.link(mother.account_id, zoe.id, "Mother")

    await chat.say("thank you")

    (after,) = chat.assistant._memory._kept_names.values()
    assert "Zoe" not in before.names.students
    assert "Zoe" in after.names.students
