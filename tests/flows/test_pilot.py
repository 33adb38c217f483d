"""While some schools try the assistant out, a family of another is told kindly where to go on."""

import pytest

from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.portals import make_district

pytestmark = pytest.mark.usefixtures("families")


async def test_family_of_another_school_is_sent_to_the_portal_and_has_no_session(
    portal: Portal, chat: Chat
) -> None:
    make_district(portal, **WESTBOROUGH, pilot_schools=["999"])

    told = await sign_in(chat)
    await chat.say("grades")

    assert "Your school does not use this assistant yet" in told
    assert "https://ps.westboroughk12.org/public" in told
    assert "username" in chat.text


async def test_family_reads_it_in_its_own_language(portal: Portal, chat: Chat) -> None:
    make_district(portal, **WESTBOROUGH, pilot_schools=["999"])
    chat.language = "es"

    assert "Su escuela todavía no usa este asistente" in await sign_in(chat)
