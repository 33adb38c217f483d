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
        ("Show me the test results", "Test Results"),
        ("grades history", "Grades History"),
        ("attendance history", "Attendance History"),
        ("teacher comments", "Teacher Comments"),
        ("school bulletin", "School Bulletin"),
        ("What is the lunch balance?", "Balance"),
        ("class schedule", "My Schedule"),
        ("school address", "School Information"),
        ("subscribe to the calendar", "My Calendars"),
        ("register for classes", "Class Registration"),
        ("email notifications", "Email Notification"),
        ("account preferences", "Account Preferences"),
        ("any homework due", "Grades and Attendance"),
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


@pytest.mark.parametrize(
    ("said", "name"),
    [("download my data", "MyData"), ("open an application", "Reading Corner and Schoolnet")],
)
async def test_what_is_turned_on_is_named(portal: Portal, chat: Chat, said: str, name: str) -> None:
    make_district(portal, **ON)

    await chat.say(said)

    assert "is on its way" in chat.text
    assert name in chat.text


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


@pytest.mark.requirement("R49", "R50", "R51", "R53", "R54", "R58", "R63")
async def test_creating_an_account_is_told_step_by_step(chat: Chat) -> None:
    await chat.say("How do I create an account?")

    for said in (
        '"Create Account" tab',
        '"Create Parent Account" page',
        "First Name, Last Name, Email, Desired Username, Password and Re-Enter Password",
        '"Link Students to Account"',
        "Student Name, Access ID, Access Password and Relationship",
        '"Parent Sign In" page',
        "contact your school",
    ):
        assert said in chat.text


@pytest.mark.requirement("R113", "R119", "R120", "R121", "R122", "R123", "R124", "R125", "R126", "R127")
@pytest.mark.requirement("R128", "R129", "R130")
async def test_requesting_an_account_is_told_step_by_step(portal: Portal, chat: Chat) -> None:
    boston = {
        "name": "Boston Public Schools",
        "profile": "aspen",
        "portal_url": "https://sis.mybps.org",
        "account_opening": "request",
    }
    make_district(portal, **{**WESTBOROUGH, **boston})

    await chat.say("How do I create an account?")

    for said in (
        "temporary",
        'https://sis.mybps.org and click "Request Account."',
        "Click or tap here if you are new to the district and the system "
        "doesn't contain any of your information.",
        "the same as your school has them",
        "(Optional)",
        '"Boston Public Schools" as the school district',
        "the one that your school has",
        "create a password and a security question with its answer",
        '"Create My Account."',
        '"Account Request Processed!"',
        "confirm the account",
        "the account is now active",
    ):
        assert said in chat.text


@pytest.mark.requirement("R50", "R60", "R61")
@pytest.mark.parametrize(
    ("opening", "said"),
    [("access_id", "your school gives you for each child"), ("request", "does not use them")],
)
async def test_an_access_id_is_explained_as_this_district_has_it(
    portal: Portal, chat: Chat, opening: str, said: str
) -> None:
    make_district(portal, **{**WESTBOROUGH, "account_opening": opening})

    await chat.say("What is an Access ID?")

    assert said in chat.text


@pytest.mark.requirement("R75")
async def test_unusual_activity_is_sent_to_the_school(chat: Chat) -> None:
    await chat.say("Somebody else is using my account")

    assert "tell your school" in chat.text
    assert "(508) 555-0190" in chat.text


async def test_printing_is_told_with_what_is_on_the_print(chat: Chat) -> None:
    await chat.say("print this page")

    assert "the child's name, the school and the district" in chat.text
