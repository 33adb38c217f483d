"""Tell the schedule: of a term, a day, a course or this minute, for the right child only."""

from pathlib import Path

import pytest

from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.school import write_school
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("families")
ENGLISH = "- English 9, Monday to Friday, 7:40 AM to 8:32 AM, period 1, room 14, Ben Hale"
ALGEBRA = "- Algebra I, Monday, Wednesday and Friday, 9:36 AM to 10:28 AM, period 3, room 12, Ada Stone"
ART = "- Art, period 5, room 20"


@pytest.mark.requirement("R102")
async def test_the_schedule_is_that_of_the_term_in_the_order_of_the_day(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Show me Maya's schedule")

    assert chat.text.splitlines() == ["These are the classes of Maya in Fall:", ENGLISH, ALGEBRA, ART]
    assert chat.replies[0].private


@pytest.mark.requirement("R102")
async def test_a_day_has_its_classes_with_their_times(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What does Maya have tomorrow?")

    assert chat.text.splitlines() == [
        "These are the classes of Maya on Friday, October 16, 2026:",
        "- 7:40 AM to 8:32 AM: English 9, period 1, room 14, Ben Hale",
        "- 9:36 AM to 10:28 AM: Algebra I, period 3, room 12, Ada Stone",
        ART,
    ]


async def test_a_day_without_classes_is_said_to_have_none(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what classes does Maya have on saturday")

    assert chat.text == "No class of Maya is in the schedule on Saturday, October 17, 2026."


async def test_a_day_outside_the_year_is_said_to_be_outside_of_what_is_on_record(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what classes does Maya have on july 20")

    assert chat.text.startswith("Those days lie outside of the school years that the portal has on record")


async def test_what_the_calendar_says_of_a_day_comes_first(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what does Maya have on november 6")

    assert chat.text.startswith(
        "The school's calendar says for Friday, November 6, 2026: No school: teachers' workshop.\n"
    )


async def test_a_week_has_the_weekdays_and_the_calendar(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Maya's schedule for next week")

    assert chat.text.splitlines() == [
        "These are the classes of Maya from Monday, October 19, 2026 to Sunday, October 25, 2026:",
        ENGLISH,
        ALGEBRA,
        ART,
        "On the school's calendar:",
        "- Oct 20, 2026: Progress reports go home",
    ]


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("When is Maya's math class?", "Maya has Algebra I in Fall:"),
        ("Who teaches Maya math?", "Ada Stone teaches Algebra I to Maya."),
        ("Which room is Maya's algebra in?", "Algebra I of Maya is in room 12."),
        ("What does Maya have third period?", "In period 3, Maya has in Fall:"),
    ],
)
async def test_one_class_is_answered_with_what_was_asked_first(chat: Chat, said: str, first: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.splitlines() == [first, ALGEBRA]


async def test_what_the_timetable_does_not_name_is_not_made_up(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Who teaches Maya art?")
    teacher = chat.text.splitlines()
    await chat.say("who are her teachers")

    assert teacher == ["The schedule names no teacher for Art.", ART]
    assert chat.text.splitlines() == [
        "These are the teachers of Maya in Fall:",
        "- English 9: Ben Hale",
        "- Algebra I: Ada Stone",
        "- Art: no teacher is named",
    ]


async def test_a_room_that_is_not_named_is_not_made_up(
    portal: Portal, district: District, chat: Chat, tmp_path: Path
) -> None:
    classes = write_school(tmp_path / "no room") / "classes.csv"
    classes.write_text(classes.read_text("utf-8").replace("scheduled,20,", "scheduled,,"), "utf-8")
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(classes.parent))
    await sign_in(chat)

    await chat.say("Which room is Maya's art in?")

    assert chat.text.splitlines() == ["The schedule names no room for Art.", "- Art, period 5"]


async def test_lunch_is_not_in_a_schedule_of_classes(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("when is lunch for Maya")

    assert chat.text.startswith("The schedule holds classes only; when lunch is, the school's office can")


async def test_a_course_on_a_day_without_it_is_told_with_its_days(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("does Maya have algebra tomorrow")
    tomorrow = chat.text.splitlines()
    await chat.say("does Maya have algebra on october 22")

    assert tomorrow[0] == "Maya has Algebra I on Friday, October 16, 2026:"
    assert chat.text.splitlines() == [
        "Maya does not have Algebra I on Thursday, October 22, 2026. It is in the schedule at these times:",
        ALGEBRA,
    ]


async def test_a_period_without_a_class_is_said_so(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what class does Maya have in period 8")

    assert chat.text == "No class of Maya is in the schedule for period 8 in Fall."


async def test_a_course_that_is_not_there_offers_those_that_are(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("when does Maya have chemistry")
    asked = chat.text
    await chat.press("Art")

    assert asked == 'Maya has no course called "chemistry". Which course do you mean?'
    assert chat.text.splitlines() == ["Maya has Art in Fall:", ART]


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, ["It is 10:00 AM now, and no class of Leo is in the schedule at this time."]),
        (
            22 * 60 + 20,
            [
                "It is 8:20 AM now, and this is the class of Leo:",
                "- 7:40 AM to 8:32 AM: English 9, period 1, room 14, Ben Hale",
            ],
        ),
    ],
)
async def test_the_class_of_now_goes_by_the_clock_of_the_district(
    chat: Chat, clock: FakeClock, minutes: int, told: list[str]
) -> None:
    clock.advance(minutes=minutes)
    await sign_in(chat)

    await chat.say("what class does Leo have right now")

    assert chat.text.splitlines() == told


async def test_a_class_without_a_time_is_not_left_out_of_now(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what class does Maya have right now")

    assert chat.text.splitlines() == [
        "It is 10:00 AM now, and no class of Maya has this time in the schedule. For these it names no time:",
        ART,
    ]


async def test_the_next_class_is_that_of_the_next_day_with_one(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what is Maya's next class")

    assert chat.text.splitlines() == [
        "The next class of Maya is on Friday, October 16, 2026:",
        "- 7:40 AM to 8:32 AM: English 9, period 1, room 14, Ben Hale",
    ]


async def test_between_terms_the_next_class_is_none_and_the_last_term_is_named_as_such(
    chat: Chat, clock: FakeClock
) -> None:
    clock.advance(days=280)
    await sign_in(chat)

    await chat.say("what is Maya's next class")
    coming = chat.text
    await chat.say("show me the schedule")

    assert coming == "No class of Maya is in the schedule for the coming week."
    assert "in Fall (August 31, 2026 to January 22, 2027, which is not the term of today)" in chat.text


async def test_where_the_next_class_may_be_one_without_a_time_it_is_named(
    portal: Portal, district: District, chat: Chat, clock: FakeClock, tmp_path: Path
) -> None:
    terms = write_school(tmp_path / "last day") / "academicSessions.csv"
    terms.write_text(terms.read_text("utf-8").replace("2027-01-22,Y27", "2026-10-16,Y27"), "utf-8")
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(terms.parent))
    clock.advance(days=1)
    await sign_in(chat)

    await chat.say("what is Maya's next class")

    assert chat.text.splitlines() == [
        "I cannot tell the next class of Maya: for these the schedule names no time:",
        ART,
    ]


async def test_another_day_course_or_child_is_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("what does Maya have tomorrow")

    await chat.say("and in algebra?")
    algebra = chat.text
    await chat.say("what about today?")
    today = chat.text
    await chat.say("and Leo?")

    assert algebra.startswith("Maya has Algebra I on Friday, October 16, 2026:")
    assert today.startswith("Maya does not have Algebra I on Thursday, October 15, 2026.")
    assert chat.text.startswith('Leo has no course called "Algebra I".')
    assert chat.titles == ["English 9"]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("and on monday?", "Monday, October 19, 2026"),
        ("what about friday", "Friday, October 16, 2026"),
        ("and yesterday?", "Wednesday, October 14, 2026"),
    ],
)
async def test_another_weekday_alone_is_the_coming_one(chat: Chat, said: str, day: str) -> None:
    await sign_in(chat)
    await chat.say("what does Maya have tomorrow")

    await chat.say(said)

    assert chat.text.startswith(f"These are the classes of Maya on {day}:")


async def test_an_unclear_child_is_asked_for_and_the_question_goes_on(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what do they have tomorrow in the schedule")
    asked, titles = chat.text, chat.titles
    await chat.press("Leo")

    assert (asked, titles) == ("Which child do you mean?", ["Leo", "Maya"])
    assert chat.text.startswith("These are the classes of Leo on Friday, October 16, 2026:")


async def test_a_schedule_asked_for_before_signing_in_is_told_after_it(chat: Chat) -> None:
    await chat.say("show me Maya's schedule")
    asked = chat.replies
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "Algebra I" not in "".join(reply.text for reply in asked)
    assert ALGEBRA in chat.text.splitlines()


@pytest.mark.requirement("R102")
async def test_how_to_see_the_schedule_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see my child's schedule?")

    assert 'the page "My Schedule"' in chat.text
    assert "https://ps.westboroughk12.org/public" in chat.text
    assert chat.titles == ["Show the schedule here"]


async def test_each_family_gets_its_own(chat: Chat) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say("schedule")

    assert chat.text.splitlines() == ["These are the classes of Zoe in Fall:", ALGEBRA]


async def test_another_familys_child_is_never_confirmed_to_exist(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Zoe's schedule")
    about_zoe = chat.text
    await chat.say("Emma's schedule")

    assert about_zoe.replace("Zoe", "Emma") == chat.text
    assert "Algebra" not in everything(chat)


@pytest.mark.requirement("R80")
async def test_a_record_closed_in_mid_conversation_is_closed_at_once(
    portal: Portal, district: District, chat: Chat, tmp_path: Path
) -> None:
    await sign_in(chat)
    await chat.say("Maya's schedule")
    users = write_school(tmp_path / "closed") / "users.csv"
    users.write_text(users.read_text("utf-8").replace("S1,,,true", "S1,,,false"), "utf-8")
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(users.parent))

    await chat.say("and tomorrow?")

    assert chat.text.startswith("Student information is not available at this time.")
    assert "English" not in chat.text
