"""Tell where the school is and how it is reached, and what it announced."""

from pathlib import Path

import pytest

from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.flows.school import write_school
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district

pytestmark = pytest.mark.usefixtures("families", "turned_on")
CARD = [
    "Assabet Ridge School",
    "- Address: 90 Orchard Road, Westborough 01581",
    "- Phone: (508) 555-0190",
    "- Fax: (508) 555-0195",
    "- E-mail: o@schools.example",
    "- Hours: 8 am to 4 pm",
]
PAGE = 'On the portal it is on the page "School Information".'
FAIR = "- Oct 14, 2026, Book fair: All week in the library."
LOST = "- Oct 13, 2026, Lost and found: Jackets wait beside the office."


@pytest.fixture
def turned_on(portal: Portal, families: None) -> District:
    return make_district(portal, **WESTBOROUGH, school_bulletin=True, school_map=True)


def change_school(portal: Portal, folder: Path, file: str, old: str, new: str) -> None:
    """Import the school anew with something else in one of its files."""
    path = write_school(folder) / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))


@pytest.mark.requirement("R103")
@pytest.mark.parametrize("said", ["What is the school's address?", "how do I contact the school"])
async def test_the_school_of_all_the_children_needs_no_child(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.splitlines() == ["This is the school of your children:", *CARD, PAGE]
    assert chat.replies[0].private


async def test_the_school_of_one_child_is_called_so(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("phone number for Maya's school")
    await chat.say("and Leo?")

    assert chat.text.splitlines() == ["This is the school of Leo:", *CARD, PAGE]


async def test_the_child_that_was_spoken_of_is_not_forgotten_over_the_school(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("school address")

    await chat.say("schedule")

    assert chat.text == "Which child do you mean?"


async def test_children_at_different_schools_are_told_apart(
    portal: Portal, chat: Chat, tmp_path: Path
) -> None:
    folder = write_school(tmp_path / "two")
    orgs = folder / "orgs.csv"
    orgs.write_text(orgs.read_text("utf-8") + "O102,,,Birch Hollow School,school,102,O1\n", "utf-8")
    users = folder / "users.csv"
    users.write_text(users.read_text("utf-8").replace("S2,,,true,O101", "S2,,,true,O102"), "utf-8")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))
    await sign_in(chat)

    await chat.say("what is the phone number of the school")
    asked, titles = chat.text, chat.titles
    await chat.press("Leo")

    assert (asked, titles) == ("Which child do you mean?", ["Leo", "Maya"])
    assert chat.text.splitlines()[:3] == [
        "This is the school of Leo:",
        "Birch Hollow School",
        '- No address and no number is on file. Say "talk to a person", and I tell you how to reach one.',
    ]


@pytest.mark.requirement("R103")
async def test_a_map_is_offered_where_there_is_one(portal: Portal, chat: Chat, tmp_path: Path) -> None:
    await sign_in(chat)
    await chat.say("is there a map of the school")
    without = chat.text
    change_school(portal, tmp_path / "map", "x_schools.csv", "4 pm,", "4 pm,https://schools.example/map.pdf")

    await chat.say("is there a map of the school")

    assert "A map of Assabet Ridge School is not available." in without
    assert "- Map to download: https://schools.example/map.pdf" in chat.text
    assert "not available" not in chat.text


@pytest.mark.requirement("R103")
async def test_a_map_that_is_turned_off_is_said_to_be_off_and_not_given(
    portal: Portal, chat: Chat, tmp_path: Path
) -> None:
    change_school(portal, tmp_path / "map", "x_schools.csv", "4 pm,", "4 pm,https://schools.example/map.pdf")
    make_district(portal, **WESTBOROUGH, school_map=False)
    await sign_in(chat)

    await chat.say("is there a map of the school")

    assert "Your school has not turned on the school map" in chat.text
    assert CARD[1] in chat.text.splitlines()
    assert "map.pdf" not in everything(chat)


async def test_who_the_principal_is_is_not_made_up(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("who is the principal")

    assert "Who the principal is, I cannot see; the office can tell you." in chat.text


@pytest.mark.requirement("R103")
async def test_whom_to_call_is_told_before_signing_in_and_the_rest_after_it(chat: Chat) -> None:
    await chat.say("what is the school's phone number")
    before, titles = chat.text, chat.titles
    await chat.press("Sign in")
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "(508) 555-0190" in before
    assert 'the page "School Information"' in before
    assert titles == ["Sign in"]
    assert "90 Orchard Road" not in before
    assert CARD[1] in chat.text.splitlines()


@pytest.mark.parametrize("said", ["school address", "school bulletin"])
async def test_a_session_that_ended_says_nothing_of_the_school(
    chat: Chat, clock: FakeClock, said: str
) -> None:
    await sign_in(chat)
    clock.advance(minutes=16)

    await chat.say(said)

    assert "Orchard" not in chat.text
    assert "Book fair" not in chat.text
    assert "username" in chat.text


@pytest.mark.requirement("R98")
async def test_the_current_bulletin_comes_with_the_newest_first_and_what_is_coming(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Read me the school bulletin")

    assert chat.text.splitlines() == [
        "This is the bulletin of Assabet Ridge School, the newest first:",
        FAIR,
        LOST,
        "On the school's calendar:",
        "- Oct 20, 2026: Progress reports go home",
    ]
    assert chat.replies[0].private


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "bulletin for yesterday",
            ["This is the bulletin of Assabet Ridge School for October 14, 2026, the newest first:", FAIR],
        ),
        (
            "bulletin for today",
            [
                "I find nothing new in the bulletin of Assabet Ridge School for October 15, 2026. "
                "This is the last one:",
                FAIR,
            ],
        ),
        (
            "is there school on november 6",
            [
                "I find nothing new in the bulletin of Assabet Ridge School for November 6, 2026. "
                "This is the last one:",
                FAIR,
                "On the school's calendar:",
                "- Nov 6, 2026: No school: teachers' workshop",
            ],
        ),
    ],
)
async def test_days_have_their_own_bulletin_or_the_last_one(chat: Chat, said: str, told: list[str]) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.splitlines() == told


async def test_a_school_without_a_bulletin_says_so(portal: Portal, chat: Chat, tmp_path: Path) -> None:
    folder = write_school(tmp_path / "quiet")
    (folder / "x_bulletins.csv").unlink()
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))
    await sign_in(chat)

    await chat.say("school bulletin")

    assert chat.text.splitlines()[0] == (
        "I find no bulletin of Assabet Ridge School. The office can tell you what is new; "
        "ask me for its number."
    )


async def test_other_days_are_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("school bulletin")

    await chat.say("and last month?")

    assert "Picture day" in chat.text


async def test_a_long_bulletin_shows_the_newest_and_counts_the_rest(
    portal: Portal, chat: Chat, tmp_path: Path
) -> None:
    more = "".join(f"\n101,2026-10-12,Notice {number},Text." for number in range(8))
    last = "101,2026-10-14,Book fair,All week in the library."
    change_school(portal, tmp_path / "long", "x_bulletins.csv", last, last + more)
    await sign_in(chat)

    await chat.say("school bulletin")

    lines = chat.text.splitlines()
    assert sum("Notice" in line for line in lines) == 6
    assert "- and 2 earlier ones" in lines


@pytest.mark.requirement("R98")
async def test_how_to_see_the_bulletin_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see the school bulletin?")

    assert 'the page "School Bulletin"' in chat.text
    assert chat.titles == ["Show the bulletin here"]


async def test_a_bulletin_asked_for_before_signing_in_is_told_after_it(chat: Chat) -> None:
    await chat.say("school bulletin")
    asked = chat.text
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "Book fair" not in asked
    assert FAIR in chat.text.splitlines()


@pytest.mark.requirement("R98")
async def test_a_bulletin_that_is_off_is_said_to_be_off_with_the_school_instead(
    portal: Portal, chat: Chat
) -> None:
    make_district(portal, **WESTBOROUGH, school_bulletin=False)
    await sign_in(chat)

    await chat.say("school bulletin")

    assert chat.text.startswith('Your school has not turned on the page "School Bulletin".')
    assert "(508) 555-0190" in chat.text
    assert "Book fair" not in chat.text


@pytest.mark.parametrize("said", ["address of {}'s school", "bulletin of {}'s school"])
async def test_another_familys_child_is_never_confirmed_to_exist(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said.format("Zoe"))
    about_zoe = chat.text
    await chat.say(said.format("Emma"))

    assert about_zoe.replace("Zoe", "Emma") == chat.text
    assert "Orchard" not in everything(chat)


@pytest.mark.requirement("R80")
@pytest.mark.parametrize("said", ["school bulletin", "school address"])
async def test_a_record_closed_in_mid_conversation_is_closed_at_once(
    portal: Portal, chat: Chat, tmp_path: Path, said: str
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    change_school(portal, tmp_path / "closed", "users.csv", "S1,,,true", "S1,,,false")

    await chat.say(said)

    assert chat.text.startswith("Student information is not available at this time.")
    assert "(508) 555-0190" in chat.text
