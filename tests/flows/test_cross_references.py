"""Answer each page that the guide only names with "see ...", or say that it is not in the guide."""

import pytest

from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.portals import make_district

pytestmark = pytest.mark.usefixtures("work", "turned_on")
# What the guide names, how the way there is told, and how the answer itself begins for Maya.
NAMED = [
    ("Email Notifications", '"Email Notifications"', "Your account has no e-mail address yet"),
    ("Account Preferences", 'the page "Account Preferences"', "Your Account Preferences:"),
    ("Grades and Attendance", 'the page "Grades and Attendance"', "These are the grades of Maya"),
    ("Test Results", 'the page "Test Results"', "These are the test results of Maya"),
    ("Grades History", 'the page "Grades History"', "These are the grades of Maya for Spring"),
    ("Attendance History", 'the page "Attendance History"', "3 days. Maya was absent"),
    ("Teacher Comments", 'the page "Teacher Comments"', "This is what teachers wrote about Maya"),
    ("School Bulletins", 'the page "School Bulletin"', "This is the bulletin of Assabet Ridge School"),
    ("Balances", 'the page "Balance"', "$13.50 is on the lunch account of Maya."),
    ("My Calendars", 'the page "My Calendars"', "Which calendar of Maya would you like"),
    ("My Schedule", 'the page "My Schedule"', "These are the classes of Maya"),
    ("School Information", 'the page "School Information"', "This is the school of Maya:"),
    (
        "Pearson Digital Learning Platforms",
        "the Applications button",
        "Pearson Digital Learning Platforms is not",
    ),
    ("Schoolnet", '"Schoolnet" in the navigation menu', "Here is Schoolnet: https://schoolnet.example"),
]


@pytest.fixture
def turned_on(portal: Portal, work: None) -> District:
    return make_district(
        portal,
        "westborough",
        **WESTBOROUGH,
        school_bulletin=True,
        lunch_balance=True,
        public_base_url="https://parents.westborough.example",
        learning_platforms=[{"name": "Schoolnet", "url": "https://schoolnet.example"}],
    )


@pytest.mark.requirement("R112")
@pytest.mark.parametrize(("name", "way", "_answer"), NAMED)
@pytest.mark.parametrize("how", ["How do I use {}?", "Where do I find the page {}?"])
async def test_the_way_to_each_page_that_is_named_is_told(
    chat: Chat, name: str, way: str, _answer: str, how: str
) -> None:
    await chat.say(how.format(name))

    assert way in chat.text


@pytest.mark.requirement("R112")
@pytest.mark.parametrize(("name", "_way", "answer"), NAMED)
@pytest.mark.parametrize("said", ["{}", "see {}", "What is {}?"])
async def test_each_page_that_is_named_is_answered(
    chat: Chat, name: str, _way: str, answer: str, said: str
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")

    await chat.say(said.format(name))

    assert chat.text.startswith(answer)


@pytest.mark.requirement("R112")
@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("said", ["{}", "see {}", "What is {}?", "How do I use {}?", "Where do I find {}?"])
async def test_the_page_that_is_only_named_is_said_not_to_be_in_the_guide(
    chat: Chat, said: str, *, signed_in: bool
) -> None:
    if signed_in:
        await sign_in(chat)

    await chat.say(said.format("Parent Access Management"))

    assert chat.text.startswith('"Parent Access Management" is not in this guide')
    assert "(508) 555-0190" in chat.text
    assert chat.titles == ["Get an account", "Link a child", "Sign in"]
