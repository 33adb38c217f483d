"""A page is printed with the student, the school and the district on it, for its own family alone (R91)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.closing import close_record, unlink
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.files import attached, made_for, open_file
from tests.support.pdf import read_pdf
from tests.support.portals import PASSWORD, make_district

pytestmark = pytest.mark.usefixtures("work")
ON: dict[str, Any] = {**WESTBOROUGH, "school_bulletin": True, "lunch_balance": True}
OFF: dict[str, Any] = {**WESTBOROUGH, "school_bulletin": False, "lunch_balance": False}


@pytest.fixture
def district(portal: Portal) -> District:
    return make_district(portal, **ON)


def printed(chat: Chat, portal: Portal) -> str:
    made = made_for(chat, portal)
    assert made.media_type == "application/pdf"
    assert made.content.startswith(b"%PDF-")
    return read_pdf(made.content)


@pytest.mark.requirement("R91")
@pytest.mark.parametrize(
    ("said", "page", "shown"),
    [
        ("Maya's grades", "Grades and Attendance", "Algebra I 3 Ada Stone B+ 88% Not final 1 0"),
        ("was Maya absent", "Grades and Attendance", "Days absent 3 (2 excused, 1 unexcused)"),
        ("Maya's assignments", "Assignments", "Problem set 1 Algebra I Missing"),
        ("attendance history of Maya", "Attendance History", "October 2026 1 1 0 0"),
        ("Maya's grades history", "Grades History", "Algebra I 3 Ada Stone C 74% Final"),
        ("Maya's test results", "Test Results", "Fall Benchmark Mathematics 83 of 100 Meets expectations"),
        ("teacher comments for Maya", "Teacher Comments", "Maya takes part in every discussion."),
        ("Maya's schedule", "My Schedule", "8:32 AM English 9 14 Ben Hale"),
        ("lunch balance of Maya", "Balance", "Oct 14, 2026 Lunch School lunch -$3.25"),
    ],
)
async def test_the_page_that_was_asked_about_last_is_printed(
    chat: Chat, portal: Portal, said: str, page: str, shown: str
) -> None:
    await sign_in(chat)
    await chat.say(said)

    await chat.say("print this page")

    text = printed(chat, portal)
    assert f'the page "{page}" of Maya' in chat.text
    assert chat.replies[0].attachment_title == f'Download "{page}" of Maya (PDF)'
    assert chat.replies[0].private
    assert page in text
    assert "Student Maya López School Assabet Ridge School" in text
    assert "School district Westborough Public Schools Printed October 15, 2026" in text
    assert shown in text
    assert "Page 1 of 1" in text
    assert "Zoe" not in text


@pytest.mark.requirement("R91")
@pytest.mark.parametrize(
    ("said", "page"),
    [
        ("print Maya's grades", "Grades and Attendance"),
        ("print Maya's schedule", "My Schedule"),
        ("i need a printout of Maya's test results", "Test Results"),
        ("print the teacher comments for Maya", "Teacher Comments"),
        ("print the attendance history of Maya", "Attendance History"),
        ("print Maya's grades history", "Grades History"),
        ("print Maya's attendance", "Grades and Attendance"),
        ("print the balance of Maya", "Balance"),
        ("print Maya's assignments", "Assignments"),
    ],
)
async def test_a_page_can_be_asked_for_by_name(chat: Chat, portal: Portal, said: str, page: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert f'the page "{page}" of Maya' in chat.text
    assert page in printed(chat, portal)


@pytest.mark.requirement("R91")
@pytest.mark.parametrize(
    ("said", "page", "shown"),
    [
        ("school bulletin", "School Bulletin", "Book fair October 14, 2026 All week in the library."),
        ("school address", "School Information", "Address 90 Orchard Road Westborough 01581"),
    ],
)
async def test_what_is_the_same_for_all_the_children_names_them_all(
    chat: Chat, portal: Portal, said: str, page: str, shown: str
) -> None:
    await sign_in(chat)
    await chat.say(said)

    await chat.say("print it")

    text = printed(chat, portal)
    assert f'the page "{page}" to print' in chat.text
    assert "Students Leo López and Maya López School Assabet Ridge School" in text
    assert shown in text


@pytest.mark.requirement("R91")
async def test_without_any_page_the_parent_chooses_one(chat: Chat, portal: Portal) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say("print")
    asked, titles = chat.text, chat.titles
    await chat.press("Balance")

    assert asked == "Which page do you want to print?"
    assert titles[0] == "Grades and Attendance"
    assert "Zoe's birthday cake" in printed(chat, portal)


async def test_a_page_that_is_turned_off_is_not_offered_and_says_so(chat: Chat, portal: Portal) -> None:
    make_district(portal, **OFF)
    await sign_in(chat)

    await chat.say("print")
    titles = chat.titles
    await chat.say("print the balance of Maya")

    assert not {"Balance", "School Bulletin"} & set(titles)
    assert "has not" in chat.text
    assert all(reply.attachment is None for reply in chat.replies)


async def test_which_child_is_asked_where_it_is_unclear(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)

    await chat.say("print the test results")
    titles = chat.titles
    await chat.press("Maya")

    assert titles == ["Leo", "Maya"]
    assert "Fall Benchmark" in printed(chat, portal)


async def test_the_term_and_the_course_that_were_asked_about_are_kept(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)
    await chat.say("Maya's grade in algebra last term")

    await chat.say("print this")

    text = printed(chat, portal)
    assert "Spring (Jan 26, 2026 to Jun 15, 2026)" in text
    assert "C 74%" in text
    assert "English 9" not in text


async def test_another_child_named_now_takes_the_place_of_the_one_before(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)
    await chat.say("Maya's grades")

    await chat.say("print it for Leo")
    first = printed(chat, portal)
    await chat.say("and Maya?")

    assert "Student Leo López" in first
    assert "Student Maya López" in printed(chat, portal)


async def test_whoever_is_signed_out_signs_in_first_and_gets_the_page_then(
    chat: Chat, portal: Portal
) -> None:
    await chat.say("print Maya's schedule")
    before = chat.replies

    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert all(reply.attachment is None for reply in before)
    assert "My Schedule" in printed(chat, portal)


async def test_the_page_chosen_before_signing_in_is_printed_after_it(chat: Chat, portal: Portal) -> None:
    await chat.say("print")
    await chat.press("Test Results")
    await chat.say("kwhitfield")
    await chat.submit(password=PASSWORD)

    assert "Fall Benchmark" in printed(chat, portal)


async def test_each_of_several_children_gets_a_page(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)

    await chat.say("print the schedule for all my kids")

    paths = [reply.attachment for reply in chat.replies if reply.attachment]
    made = [open_file(portal, path) for path in paths]
    told = [read_pdf(each.content) for each in made if each is not None]
    assert ["Student Leo López" in told[0], "Student Maya López" in told[1]] == [True, True]


async def test_a_course_that_does_not_exist_is_asked_for_anew(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)

    await chat.say("print Maya's grades in chemistry")
    titles, attachments = chat.titles, [reply.attachment for reply in chat.replies]
    await chat.press("English 9")

    text = printed(chat, portal)
    assert "English 9" in titles
    assert attachments == [None]
    assert "A 95.5%" in text
    assert "Algebra I" not in text


async def test_what_went_in_the_days_asked_for_is_beside_the_balance(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)
    await chat.say("Maya's lunch balance this week")

    await chat.say("print this")

    text = printed(chat, portal)
    assert "October 12, 2026 to October 18, 2026" in text
    assert "in these days $6.50 charged, $0.00 paid" in text


@pytest.mark.requirement("R91")
async def test_how_it_is_done_on_the_portal_is_told(chat: Chat) -> None:
    await chat.say("how do i print a page")

    assert "click the Printer button in the navigation toolbar" in chat.text
    assert "the name of the student, the school and the school district" in chat.text
    assert chat.titles == ["Make it here"]


async def test_the_history_keeps_a_file_only_while_the_session_lives(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("print Maya's grades")
    path = attached(chat)
    signed_in = [entry.reply.attachment for entry in await chat.history() if entry.author == "assistant"]

    await chat.say("sign out")

    assert path in signed_in
    assert path not in str(await chat.history())


async def test_a_child_of_others_is_not_printed(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("print Zoe's grades")

    assert 'I do not find "Zoe"' in chat.text
    assert all(reply.attachment is None for reply in chat.replies)


async def test_a_page_offered_before_is_gone_once_the_child_is(
    chat: Chat, portal: Portal, tmp_path: Path
) -> None:
    await sign_in(chat)
    await chat.say("print Maya's grades")
    of_maya = attached(chat)
    await chat.say("print Leo's schedule")
    of_leo = attached(chat)

    close_record(portal, tmp_path / "closed", "S1")
    unlink(portal, "7002")

    assert open_file(portal, of_maya) is None
    assert open_file(portal, of_leo) is None


async def test_two_families_print_their_own_pages(new_chat: Callable[[], Chat], portal: Portal) -> None:
    ours, theirs = new_chat(), new_chat()
    await sign_in(ours)
    await sign_in(theirs, "kwhitfield")

    await ours.say("print Maya's grades")
    await theirs.say("print the grades")

    assert "Zoe" not in printed(ours, portal)
    assert "Student Zoe Whitfield" in printed(theirs, portal)
    assert "Maya" not in printed(theirs, portal)
