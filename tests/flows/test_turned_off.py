"""Say honestly what is turned off, and what to do today."""

import pytest

from portal.transaction import Portal
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.portals import make_district

pytestmark = pytest.mark.usefixtures("district")
OFF = {**WESTBOROUGH, "class_registration": False, "parent_single_sign_on": False}


@pytest.mark.requirement("R36", "R46", "R52")
@pytest.mark.parametrize(
    "said",
    [
        "school bulletin",
        "What is the lunch balance?",
        "register for classes",
        "download my data",
        "open an application",
        "I forgot my password",
        "I forgot my username",
        "How do I create an account?",
    ],
)
async def test_what_is_turned_off_is_said_with_the_school_instead(
    portal: Portal, chat: Chat, said: str
) -> None:
    make_district(portal, **OFF)

    await chat.say(said)

    assert "has not" in chat.text
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R75")
async def test_unusual_activity_is_sent_to_the_school(chat: Chat) -> None:
    await chat.say("Somebody else is using my account")

    assert "tell your school" in chat.text
    assert "(508) 555-0190" in chat.text
