"""Tell the facts of the portal itself: its address, the district code, the last sign-in."""

import pytest

from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district

pytestmark = pytest.mark.usefixtures("families")


@pytest.mark.requirement("R1", "R2", "R3", "R5", "R6", "R7")
async def test_the_address_comes_with_what_one_needs(chat: Chat) -> None:
    await chat.say("What is the portal's address?")

    for said in (
        "https://ps.westboroughk12.org/public",
        '"Student and Parent Sign In" page',
        '"Sign In" tab',
        '"Select Language"',
        "English and Español",
        "a username and a password",
        "contact your school",
    ):
        assert said in chat.text


@pytest.mark.requirement("R107")
@pytest.mark.parametrize("code", ["DKWW", "0042"])
async def test_the_district_code_is_told_as_it_is(portal: Portal, chat: Chat, code: str) -> None:
    make_district(portal, **{**WESTBOROUGH, "mobile_server": True, "district_code": code})

    await chat.say("What is our district code?")

    assert chat.text == (
        f"Your district code is {code}. Enter it in the PowerSchool Parent or PowerSchool Student mobile app "
        "to sign in to the district."
    )


@pytest.mark.requirement("R108")
@pytest.mark.parametrize("how", ["What is our district code?", "How do I find the district code?"])
async def test_an_unregistered_district_has_no_code_to_show(portal: Portal, chat: Chat, how: str) -> None:
    make_district(portal, **{**WESTBOROUGH, "mobile_server": False, "district_code": "DKWW"})

    await chat.say(how)

    assert chat.text.startswith("There is no district code for Westborough Public Schools")
    assert "DKWW" not in chat.text


@pytest.mark.requirement("R107")
async def test_how_to_find_the_code_names_the_portals_label(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "mobile_server": True, "district_code": "DKWW"})

    await chat.say("How do I find the district code?")

    assert '"Your District Code"' in chat.text
    assert "DKWW" in chat.text


@pytest.mark.requirement("R75", "R90")
async def test_the_last_sign_in_is_told_to_whoever_is_signed_in(chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await chat.say("sign out")
    clock.advance(seconds=24 * 3600)
    await sign_in(chat)

    await chat.say("When was my last sign in?")

    assert "October 15, 2026, 10:00 AM" in chat.text
    assert "contact your school" in chat.text
    assert chat.replies[0].private


async def test_a_first_sign_in_has_none_before_it(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("When was my last sign in?")

    assert chat.text.startswith("This is your first sign-in")


async def test_the_last_sign_in_is_told_to_nobody_else(chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await chat.say("sign out")
    clock.advance(seconds=3600)

    await chat.say("When was my last sign in?")
    asked = chat.text
    await chat.say("kwhitfield")
    await chat.submit(password=PASSWORD)

    assert "October 15" not in asked
    assert chat.replies[-1].text.startswith("This is your first sign-in")


@pytest.mark.requirement("R75", "R90")
async def test_how_to_see_the_last_sign_in_tells_both_places(chat: Chat) -> None:
    await chat.say("How do I see when I last signed in?")

    for said in ("point at your name in the header", "Notifications", "Password Security", "to your school"):
        assert said in chat.text
    assert chat.titles == ["Tell me here"]


@pytest.mark.requirement("R72", "R73", "R74", "R76", "R77", "R78", "R79")
async def test_the_way_around_the_portal_is_told_with_its_labels(chat: Chat) -> None:
    await chat.say("How do I use the portal?")

    for said in (
        "the header, the navigation toolbar and the navigation menu",
        '"PowerSchool" brings you back to the start page from anywhere',
        '"Welcome, [Your Name]"',
        "a wrong name your school mends",
        '"Help" opens the online help',
        '"Sign Out" signs you out',
        "at the top of every page",
        "first names of your children as tabs, in alphabetical order",
    ):
        assert said in chat.text


@pytest.mark.requirement("R81")
async def test_without_parent_single_sign_on_no_tabs_are_promised(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})

    await chat.say("How do I use the portal?")

    assert "without tabs for several children" in chat.text
