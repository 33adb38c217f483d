"""Give the links of applications to whoever is signed in, and say how things stand with them."""

import pytest

from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district

pytestmark = pytest.mark.usefixtures("families", "installed")
CORNER = {"name": "Reading Corner", "url": "https://reading.example/"}
SCHOOLNET = {"name": "Schoolnet", "url": "https://schoolnet.example/"}
PEARSON = {"name": "Pearson Digital Learning Platforms", "url": "https://pearson.example/"}


def install(portal: Portal, plugins: object = (), platforms: object = ()) -> District:
    options = {**WESTBOROUGH, "plugins": list(plugins), "learning_platforms": list(platforms)}  # type: ignore[call-overload]
    return make_district(portal, "westborough", **options)


@pytest.fixture
def installed(portal: Portal, families: None) -> District:
    return install(portal, [CORNER], [SCHOOLNET, PEARSON])


@pytest.mark.requirement("R82", "R83", "R84", "R85")
async def test_all_applications_are_listed_with_what_one_should_know(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("open the applications")

    assert chat.text.splitlines()[:4] == [
        "Your school has these applications:",
        "- Reading Corner: https://reading.example/",
        "- Schoolnet: https://schoolnet.example/",
        "- Pearson Digital Learning Platforms: https://pearson.example/",
    ]
    for said in (
        "opens in a window or tab of its own",
        "the portal may sign you out",
        "sign out of both, the application and the portal",
        "on a server of their own, not on the portal",
        "If one does not open, please contact the PowerSchool administrator of your school",
        'say "talk to a person" for the numbers',
    ):
        assert said in chat.text
    assert len(chat.text.splitlines()) == 6


@pytest.mark.parametrize(
    ("said", "link"),
    [
        pytest.param("open Schoolnet", SCHOOLNET, marks=pytest.mark.requirement("R106")),
        pytest.param("go to school net", SCHOOLNET, marks=pytest.mark.requirement("R106")),
        pytest.param("launch Pearson", PEARSON, marks=pytest.mark.requirement("R105")),
        pytest.param(
            "open pearson digital learning platforms", PEARSON, marks=pytest.mark.requirement("R105")
        ),
        pytest.param("open the app Reading Corner", CORNER, marks=pytest.mark.requirement("R82")),
    ],
)
async def test_an_application_asked_for_by_name_is_the_only_one_told(
    chat: Chat, said: str, link: dict[str, str]
) -> None:
    await sign_in(chat)

    await chat.say(said)

    others = {CORNER["url"], SCHOOLNET["url"], PEARSON["url"]} - {link["url"]}
    assert chat.text.startswith(f"Here is {link['name']}: {link['url']}")
    assert not [url for url in others if url in chat.text]


@pytest.mark.requirement("R86", "R106")
async def test_an_application_that_is_not_installed_is_said_not_to_be_with_those_that_are(
    portal: Portal, chat: Chat
) -> None:
    install(portal, [CORNER])
    await sign_in(chat)

    await chat.say("open Schoolnet")

    assert chat.text.splitlines()[:2] == [
        "Schoolnet is not available here: your school has not connected it to the portal. These are:",
        "- Reading Corner: https://reading.example/",
    ]


@pytest.mark.requirement("R86")
async def test_links_are_given_only_to_whoever_is_signed_in(chat: Chat) -> None:
    await chat.say("open Schoolnet")
    before = chat.text
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "schoolnet.example" not in before
    assert "Here is Schoolnet: https://schoolnet.example/" in chat.text


@pytest.mark.requirement("R82", "R86")
async def test_where_nothing_is_installed_that_is_said_with_the_school_instead(
    portal: Portal, chat: Chat
) -> None:
    install(portal)
    await sign_in(chat)

    await chat.say("open Schoolnet")

    assert chat.text.startswith("Your school has not connected any application to the portal")
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R82", "R86")
async def test_how_to_open_an_application_names_the_button(chat: Chat) -> None:
    await chat.say("How do I open the applications?")

    for said in (
        "the Applications button (an arrow up and to the right)",
        "the Applications drawer opens",
        "only there if an application is installed, turned on, and granted to you",
    ):
        assert said in chat.text
    assert chat.titles == ["Show the applications here"]


@pytest.mark.requirement("R105", "R106")
@pytest.mark.parametrize("name", ["Schoolnet", "Pearson Digital Learning Platforms"])
async def test_how_to_open_a_platform_names_its_link_in_the_menu(chat: Chat, name: str) -> None:
    await sign_in(chat)

    await chat.say(f"How do I get to {name}?")
    told = chat.text
    await chat.press("Show the link here")

    assert f'it is "{name}" in the navigation menu' in told
    assert chat.text.startswith(f"Here is {name}: https://")


@pytest.mark.requirement("R86")
async def test_a_missing_button_is_explained_with_whom_to_ask(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("I do not see the applications button")

    assert chat.text.startswith("The Applications button is only there if")
    assert "the PowerSchool administrator of your school" in chat.text
    assert "- Reading Corner: https://reading.example/" in chat.text


async def test_a_button_of_what_is_no_longer_installed_says_so(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("How do I get to Schoolnet?")
    install(portal, [CORNER])

    await chat.press("Show the link here")

    assert chat.text.startswith("Schoolnet is not available here")
