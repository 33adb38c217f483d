"""Give out private calendars in conversation: which child, which kind, how to add it, how to end it."""

import re
from collections.abc import Callable

import pytest

from portal.core.districts import District
from portal.records.feeds import FeedContent
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district

pytestmark = pytest.mark.usefixtures("work", "reachable")
BASE = "https://parents.westborough.example"
ADDRESS = re.compile(rf"^{BASE}/calendar/([\w-]{{43}})\.ics$", re.MULTILINE)


@pytest.fixture
def reachable(portal: Portal, work: None) -> District:
    return make_district(portal, "westborough", **WESTBOROUGH, public_base_url=BASE)


def keys(chat: Chat) -> list[str]:
    """Return the keys of the addresses that were given in the last replies."""
    return ADDRESS.findall(chat.text)


def read(portal: Portal, key: str) -> FeedContent | None:
    with portal.begin(read_only=True) as tx:
        return tx.feeds.read(key)


def titles(portal: Portal, key: str) -> set[str]:
    content = read(portal, key)
    assert content is not None
    return {day.title for day in content.days}


@pytest.mark.requirement("R101")
async def test_homework_calendar_of_a_child_is_given_with_all_that_one_needs(
    portal: Portal, chat: Chat
) -> None:
    await sign_in(chat)

    await chat.say("subscribe to Maya's homework calendar")

    (key,) = keys(chat)
    assert {"Essay", "Problem set 2"} <= titles(portal, key)
    assert chat.text.splitlines()[:3] == [
        "This is the homework calendar of Maya, with everything that is due:",
        f"{BASE}/calendar/{key}.ics",
        f"Or open it straight in a calendar program: webcal://parents.westborough.example/calendar/{key}.ics",
    ]
    for said in ("Google Calendar", "Apple", "Outlook", "Whoever has the address", '"stop the calendar"'):
        assert said in chat.text
    assert chat.replies[0].private


@pytest.mark.requirement("R101")
async def test_child_and_kind_are_asked_for_where_they_are_open(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("subscribe to the calendar")
    child, children = chat.text, chat.titles
    await chat.press("Leo")
    kind, kinds = chat.text, chat.titles
    await chat.say("events")

    assert (child, children) == ("Which child do you mean?", ["Leo", "Maya"])
    assert kind.startswith("Which calendar of Leo")
    assert kinds == ["Homework", "Events", "Both"]
    assert titles(portal, keys(chat)[0]) == {"Progress reports go home", "No school: teachers' workshop"}


async def test_both_are_given_at_once(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("I want the homework and events calendar of Maya")

    assert len(keys(chat)) == 2
    assert "Essay" in titles(portal, keys(chat)[0])


async def test_another_child_is_a_follow_up(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")
    mayas = keys(chat)

    await chat.say("and Leo?")

    assert "the homework calendar of Leo" in chat.text
    assert keys(chat) != mayas


async def test_a_calendar_asked_for_before_signing_in_is_given_after_it(chat: Chat) -> None:
    await chat.say("subscribe to Maya's homework calendar")
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert len(keys(chat)) == 1


@pytest.mark.requirement("R101")
async def test_how_to_subscribe_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I subscribe to the calendar?")

    assert 'the page "My Calendars"' in chat.text
    assert chat.titles == ["Homework calendar", "Events calendar"]


async def test_without_a_public_address_nothing_is_handed_out(portal: Portal, chat: Chat) -> None:
    make_district(portal, "westborough", **WESTBOROUGH)
    await sign_in(chat)

    await chat.say("subscribe to Maya's homework calendar")

    assert 'the page "My Calendars"' in chat.text
    assert "(508) 555-0190" in chat.text
    assert ".ics" not in chat.text


@pytest.mark.requirement("R101")
@pytest.mark.parametrize(
    "said", ["stop the calendar", "unsubscribe from the calendar", "turn the calendar off"]
)
async def test_the_only_calendar_is_switched_off_at_once(portal: Portal, chat: Chat, said: str) -> None:
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")
    (key,) = keys(chat)

    await chat.say(said)

    assert chat.text.startswith("The homework calendar of Maya is switched off")
    assert read(portal, key) is None


async def test_of_several_calendars_it_is_asked_which(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    given = []
    for said in ("subscribe to Maya's homework calendar", "subscribe to Leo's homework calendar"):
        await chat.say(said)
        given += keys(chat)

    await chat.say("stop the calendar")
    asked, offered = chat.text, chat.titles
    await chat.press("Switch off: homework of Leo")

    assert asked.startswith("Which of your calendars shall I switch off?")
    assert offered == [
        "Switch off: homework of Leo",
        "Switch off: homework of Maya",
        "Switch off all of them",
    ]
    assert [read(portal, key) is None for key in given] == [False, True]


async def test_a_named_calendar_is_the_one_that_is_switched_off(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("subscribe to both calendars of Maya")
    homework, events = keys(chat)

    await chat.say("stop Maya's events calendar")

    assert read(portal, events) is None
    assert read(portal, homework) is not None


@pytest.mark.parametrize("pressed", [True, False])
async def test_all_calendars_are_switched_off_together(portal: Portal, chat: Chat, *, pressed: bool) -> None:
    await sign_in(chat)
    await chat.say("subscribe to both calendars of Maya")
    given = keys(chat)

    if pressed:
        await chat.say("which calendars do I have")
        await chat.press("Switch off all of them")
    else:
        await chat.say("stop all my calendars")

    assert [read(portal, key) for key in given] == [None, None]
    assert "calendar of school events for Maya is switched off" in chat.text


async def test_what_calendars_there_are_is_told_with_when_they_were_last_fetched(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await chat.say("subscribe to both calendars of Maya")
    with portal.begin() as tx:
        tx.feeds.note(keys(chat)[0])

    await chat.say("what calendars do I have?")

    assert chat.text.splitlines() == [
        "These are your calendars:",
        "- School events for Maya, since October 15, 2026, not fetched by any calendar program so far",
        "- Homework of Maya, since October 15, 2026, last fetched by a calendar program on October 15, 2026",
    ]
    assert chat.replies[0].private


@pytest.mark.parametrize("said", ["what calendars do I have?", "stop the calendar", "stop all calendars"])
async def test_whoever_has_no_calendar_is_offered_one(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith("You have not subscribed to any calendar.")
    assert chat.titles == ["Homework calendar", "Events calendar"]


async def test_a_calendar_that_is_not_there_is_said_so_with_those_that_are(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")

    await chat.say("stop Leo's calendar")

    assert chat.text.splitlines()[0] == "You have no such calendar. These are the ones that you have:"
    assert chat.titles == ["Switch off: homework of Maya"]


async def test_an_address_that_somebody_else_has_is_replaced(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")
    old = keys(chat)

    await chat.say("someone has the address of the calendar")

    assert chat.text.startswith("The old address shows nothing any more.")
    assert read(portal, old[0]) is None
    assert titles(portal, keys(chat)[0])


async def test_of_several_addresses_it_is_asked_which_to_replace(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("subscribe to both calendars of Maya")
    old = keys(chat)

    await chat.say("new calendar link")
    asked = chat.text
    await chat.press("New address: homework of Maya")

    assert asked.startswith("Which of your calendars shall get a new address?")
    assert read(portal, old[0]) is None
    assert read(portal, old[1]) is not None


async def test_how_to_stop_shows_the_button_that_does_it(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")

    await chat.say("how do I stop the calendar?")

    assert chat.titles == ["Switch off: homework of Maya"]


@pytest.mark.parametrize("said", ["subscribe to {}'s homework calendar", "stop {}'s calendar"])
async def test_another_familys_child_is_never_confirmed_to_exist(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said.format("Zoe"))
    about_zoe = chat.text
    await chat.say(said.format("Emma"))

    assert about_zoe.replace("Zoe", "Emma") == chat.text
    assert ".ics" not in everything(chat)


async def test_another_parent_neither_sees_nor_stops_a_calendar(
    portal: Portal, chat: Chat, new_chat: Callable[[], Chat]
) -> None:
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")
    (key,) = keys(chat)
    other = new_chat()
    await sign_in(other, "kwhitfield")

    await other.say("stop all calendars")

    assert other.text.startswith("You have not subscribed to any calendar.")
    assert read(portal, key) is not None


async def test_calendars_are_listed_only_after_signing_in(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")
    await chat.say("sign out")

    await chat.say("which calendars do I have")
    before = chat.text
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert "Maya" not in before
    assert "- Homework of Maya" in chat.text


@pytest.mark.requirement("R101")
async def test_a_calendar_goes_on_when_the_session_is_over_and_ends_with_the_link(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")
    (key,) = keys(chat)
    clock.advance(days=2)
    after_two_days = read(portal, key)
    await sign_in(chat)

    await chat.say("remove Maya from my account")
    await chat.say("yes")

    assert after_two_days is not None
    assert "Maya" in chat.text
    assert read(portal, key) is None


@pytest.mark.requirement("R75", "R101")
async def test_whoever_else_was_in_the_account_reads_its_calendars_no_more(
    portal: Portal, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")
    (taken,) = keys(chat)

    await chat.say("Somebody else is using my account")
    told = chat.text
    after = read(portal, taken)
    await sign_in(chat)
    await chat.say("subscribe to Maya's homework calendar")
    (new,) = keys(chat)

    assert (
        'Calendars that you subscribed to have ended as well; get new ones on the page "My Calendars".'
        in told
    )
    assert after is None
    assert read(portal, taken) is None
    assert "Essay" in titles(portal, new)


async def test_after_attendance_and_a_subscription_a_calendar_is_one_to_subscribe_to(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("how many days was Maya absent this year")
    await chat.say("subscribe to a calendar for Maya")

    await chat.say("show me the calendar")

    assert chat.text.startswith("Which calendar of Maya")
