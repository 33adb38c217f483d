"""Say honestly what cannot be done here yet, what is turned off, and what to do today."""

import pytest

from portal.transaction import Portal
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.portals import make_district

pytestmark = pytest.mark.usefixtures("district")
ON = {
    **WESTBOROUGH,
    "school_bulletin": True,
    "lunch_balance": True,
    "my_data": True,
    "plugins": [{"name": "Reading Corner", "url": "https://reading.example"}],
    "learning_platforms": [{"name": "Schoolnet", "url": "https://schoolnet.example"}],
}
OFF = {**WESTBOROUGH, "class_registration": False, "parent_single_sign_on": False}


@pytest.mark.parametrize(
    ("said", "page"),
    [
        ("register for classes", "Class Registration"),
    ],
)
@pytest.mark.requirement("R112")
async def test_what_is_on_its_way_names_the_portals_page(
    portal: Portal, chat: Chat, said: str, page: str
) -> None:
    make_district(portal, **ON)

    await chat.say(said)

    assert "is on its way" in chat.text
    assert f'the page "{page}"' in chat.text


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
