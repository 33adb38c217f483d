"""Ask what stands in the way, and lead to the flow that leads past it."""

from collections.abc import Callable

import pytest

from portal.core.districts import District
from portal.helpdesk.outcomes import Case, CaseKind
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import make_district

pytestmark = pytest.mark.usefixtures("families")
WAITING = {"profile": "recommended", "lock": {"fails": 3, "minutes": 15}, "password": {}}


def cases(portal: Portal) -> list[Case]:
    """Return the cases that wait for staff."""
    with portal.begin() as tx:
        return tx.cases.waiting("westborough")


async def lock(chat: Chat, username: str, tries: int) -> None:
    """Try to sign in until the name is locked."""
    for _ in range(tries):
        await sign_in(chat, username, "not the password")
    await chat.say("cancel")


@pytest.mark.requirement("R11", "R15", "R39", "R47")
async def test_trouble_is_asked_for_with_everything_that_this_district_has(chat: Chat) -> None:
    await chat.say("I cannot sign in")

    assert "What do you see when you try?" in chat.text
    assert chat.titles == [
        "Forgot Password?",
        "Forgot Username?",
        "It says that something is wrong",
        "I am locked out",
        "I only have an Access ID",
        "No e-mail came",
        "The link does not work",
        "I have no e-mail there",
        "It is another district",
        "I have no account",
        "Talk to a person",
    ]


async def test_what_a_district_has_not_is_not_offered(portal: Portal, chat: Chat) -> None:
    off = {"parent_single_sign_on": False, "account_opening": "request"}
    make_district(portal, **{**WESTBOROUGH, **off})

    await chat.say("I cannot sign in")

    assert not {"No e-mail came", "The link does not work", "I only have an Access ID"} & set(chat.titles)


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Forgot Password?", "What is your username?"),
        ("Forgot Username?", "What is the e-mail address of your account?"),
        ("It says that something is wrong", "In a password capital letters count"),
        ("I am locked out", "Exceeding the number of sign-in attempts allowed, which is 5 here"),
        ("I only have an Access ID", "do not go into the sign-in boxes"),
        ("No e-mail came", "folder for junk or spam"),
        ("The link does not work", "only valid for 30 minutes"),
        ("I have no e-mail there", "no link can reach you"),
        ("It is another district", "an account works in one of them only"),
        ("Talk to a person", "A person at your school will gladly help you"),
    ],
)
async def test_each_trouble_leads_on(chat: Chat, title: str, told: str) -> None:
    await chat.say("I cannot sign in")

    await chat.press(title)

    assert told in chat.text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I typed my Access ID into the username box and it fails", "do not go into the sign-in boxes"),
        ("the access id does not let me log in", "do not go into the sign-in boxes"),
        ("the recovery mail is not in my inbox", "folder for junk or spam"),
        ("I did not get the email with the link", "folder for junk or spam"),
        ("the link in the mail is more than 30 minutes old", "only valid for 30 minutes"),
        ("my reset link has expired", "only valid for 30 minutes"),
        ("my link timed out", "only valid for 30 minutes"),
        ("What do I do with the security token?", "copy the security token from the e-mail"),
        ("how long is the link valid?", "only valid for 30 minutes"),
        ("What if I have no e-mail?", "no link can reach you"),
        ("I don't have an email on file", "no link can reach you"),
        ("I lost access to that email account", "no link can reach you"),
        ("my child's school is in a different district", "an account works in one of them only"),
    ],
)
async def test_trouble_in_a_parents_own_words_leads_on(chat: Chat, said: str, told: str) -> None:
    await chat.say(said)

    assert told in chat.text


async def test_another_district_is_a_button_away(portal: Portal, chat: Chat) -> None:
    make_district(portal, "boston", name="Boston Public Schools", portal_url="https://sis.mybps.org")
    await chat.say("I think it is the wrong district")
    await chat.press("Boston Public Schools")

    await chat.say("What is the address of the portal?")

    assert "https://sis.mybps.org" in chat.text


async def test_trouble_in_the_middle_of_a_recovery_leads_back_to_it(chat: Chat) -> None:
    await chat.say("I forgot my password")

    await chat.say("I put the access id in the username box")

    assert "do not go into the sign-in boxes" in chat.replies[0].text
    await chat.say("the link in the email opens a blank page")
    assert "only valid for 30 minutes" in chat.replies[0].text
    assert "What is your username?" in chat.replies[-1].text


async def test_without_access_ids_it_is_said_so(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "account_opening": "request"})

    await chat.say("I typed my Access ID into the username box")

    assert "There are no Access IDs in your district" in chat.text


@pytest.mark.requirement("R36")
@pytest.mark.parametrize(
    "said", ["the reset link expired", "the email never came", "I have no email on file"]
)
async def test_where_recovery_is_off_each_trouble_ends_at_the_school(
    portal: Portal, chat: Chat, said: str
) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})

    await chat.say(said)

    assert "(508) 555-0190" in chat.text
    assert "Leave a message for the school" in chat.titles


@pytest.mark.requirement("R15")
async def test_a_lock_until_staff_is_told_in_the_districts_values(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "lock": {"fails": 7}})

    await chat.say("I am locked out")

    assert "which is 7 here, may lock you out. If so, contact your school" in chat.text
    assert "(508) 555-0190" in chat.text


async def test_a_lock_that_ends_is_told_with_the_way_past_it(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, **WAITING})

    await chat.say("I am locked out")

    assert "for 15 minutes at first" in chat.text
    assert "set a new password by e-mail, which opens it at once" in chat.text


@pytest.mark.case("A11", "E5")
@pytest.mark.parametrize("username", ["mlopez", "nobody77"])
async def test_a_locked_name_is_told_until_when_whoever_has_it(
    portal: Portal, chat: Chat, username: str
) -> None:
    make_district(portal, **{**WESTBOROUGH, **WAITING})
    await lock(chat, username, 3)

    await chat.say("I am locked out")
    await chat.press("Yes, look")

    assert f'"{username}" is locked until' in chat.text
    assert "10:15" in chat.text or "until" in chat.text
    assert "Forgot Password?" in chat.titles


@pytest.mark.requirement("R15")
@pytest.mark.case("E5")
@pytest.mark.parametrize("username", ["mlopez", "nobody77"])
async def test_a_name_that_only_staff_open_is_sent_to_the_school(chat: Chat, username: str) -> None:
    await lock(chat, username, 5)

    await chat.say("I am locked out")
    await chat.say("yes please")

    assert f'"{username}" is locked' in chat.text
    assert "please contact your school" in chat.text
    assert "Leave a message for the school" in chat.titles


async def test_a_name_that_is_not_locked_may_be_tried(chat: Chat) -> None:
    await chat.say("I am locked out")
    await chat.press("Yes, look")
    await chat.say("mlopez")

    assert '"mlopez" is not locked at the moment' in chat.text
    await chat.press("Try to sign in")
    assert 'password for "mlopez"' in chat.text


async def test_a_no_does_not_look(chat: Chat) -> None:
    await chat.say("I am locked out")

    await chat.say("no")

    assert "Which username" not in chat.text


async def test_a_lock_offers_the_recovery_that_opens_it(portal: Portal, chat: Chat, clock: FakeClock) -> None:
    make_district(portal, **{**WESTBOROUGH, **WAITING})

    await lock(chat, "mlopez", 3)
    await sign_in(chat, "mlopez")

    assert "This username is locked for a while" in chat.text
    assert "Forgot Password?" in chat.titles


@pytest.mark.requirement("R75")
async def test_unusual_activity_ends_every_session_and_tells_the_school(
    portal: Portal, chat: Chat, district: District
) -> None:
    other = Chat(chat.assistant, district=district.slug)
    await sign_in(other)
    await sign_in(chat)

    await chat.say("Somebody else is using my account")
    told, titles = chat.text, chat.titles
    await other.say("What are Maya's grades?")

    assert "signed your account out on every device" in told
    assert "case 1" in told
    assert titles[0] == "Yes, send me the link"
    assert "You have been signed out" in other.text
    [case] = cases(portal)
    assert (case.kind, case.account_id is not None) == (CaseKind.UNUSUAL_ACTIVITY, True)


async def test_a_sentence_that_only_resembles_a_report_is_asked_about_first(
    portal: Portal, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.unusual_activity.SURE", 1.1)
    await sign_in(chat)
    await chat.say("Somebody else is using my account")
    asked = chat.text
    assert cases(portal) == []

    monkeypatch.undo()
    await chat.say("yes")

    assert "Do you mean that somebody else may be using your account?" in asked
    assert "signed your account out on every device" in chat.text


async def test_a_yes_after_unusual_activity_leads_to_recovery(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("Somebody else is using my account")

    await chat.say("yes")

    assert "I can have a link sent to you" in chat.text


@pytest.mark.requirement("R75")
async def test_unusual_activity_without_a_session_leads_to_recovery_and_the_school(
    portal: Portal, chat: Chat
) -> None:
    await chat.say("Somebody else is using my account")

    assert "Please set a new password at once" in chat.text
    assert "tell your school" in chat.text
    assert "(508) 555-0190" in chat.text
    assert cases(portal) == []


@pytest.mark.parametrize("signed_in", [True, False])
async def test_unusual_activity_where_recovery_is_off_ends_at_the_school(
    portal: Portal, chat: Chat, *, signed_in: bool
) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})
    if signed_in:
        await sign_in(chat)

    await chat.say("Somebody else is using my account")

    assert "they help you to a new password" in chat.text
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R75", "R90")
async def test_how_to_report_unusual_activity_ends_nothing(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("How do I report unusual activity?")
    told = chat.text
    await chat.say("What are Maya's grades?")

    assert "hold the mouse over your name" in told
    assert "Algebra I" in chat.text


@pytest.mark.case("A10")
async def test_a_device_known_from_before_gets_in_while_a_stranger_is_locked_out(
    portal: Portal, chat: Chat, new_chat: Callable[[], Chat]
) -> None:
    make_district(portal, **{**WESTBOROUGH, **WAITING})
    await sign_in(chat)
    await chat.say("sign out")
    stranger = new_chat()
    await lock(stranger, "mlopez", 3)

    mine = await sign_in(chat)
    theirs = await sign_in(stranger)

    assert "Welcome, Marisol López" in mine
    assert "This username is locked for a while" in theirs


async def test_what_the_page_says_is_wrong_is_looked_at_once_more(chat: Chat) -> None:
    await chat.say("I cannot get in")

    await chat.say("it says something is wrong")

    assert "In a password capital letters count" in chat.text
