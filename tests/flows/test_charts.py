"""Look at how the grades went and at attendance, instead of reading them."""

import re
from pathlib import Path

import pytest

from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.closing import close_record, unlink
from tests.flows.school_work import write_school_with_work
from tests.support.conversation import Chat
from tests.support.files import open_file

pytestmark = pytest.mark.usefixtures("work")
PNG = b"\x89PNG\r\n\x1a\n"


def shown(chat: Chat) -> str:
    """Return the path of the one picture in the last replies."""
    [path] = [reply.image for reply in chat.replies if reply.image]
    return path


async def test_grades_of_several_terms_offer_a_chart(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)
    await chat.say("what are Maya's grades")

    await chat.press("Show me a chart")

    [reply] = chat.replies
    assert reply.private
    assert reply.text == (
        "This is how the grades of Maya went, term by term. "
        "An open mark is a grade entered so far: it can still change."
    )
    made = open_file(portal, shown(chat))
    assert made is not None
    assert (made.media_type, made.name) == ("image/png", "")
    assert made.content.startswith(PNG)


async def test_the_chart_is_told_in_words_too(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("show me a graph of Maya's grades")

    assert chat.replies[0].image_alt.splitlines() == [
        "Chart of the grades of Maya by term.",
        "Algebra I: from 74% in Spring to 88% so far in Fall.",
        "English 9: from 77% in Spring to 95.5% so far in Fall.",
    ]


async def test_a_chart_of_one_course_tells_each_of_its_terms(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("show me a graph of Maya's grades")

    await chat.say("only algebra")

    [reply] = chat.replies
    assert reply.text.startswith("This is how the grades of Maya in Algebra I went, term by term.")
    assert reply.image_alt.splitlines() == [
        "Chart of the grades of Maya in Algebra I by term.",
        "Algebra I: from 74% in Spring to 88% so far in Fall.",
    ]


async def test_a_chart_is_about_the_course_that_was_spoken_of(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("what grade does Maya have in algebra")

    await chat.say("show me a chart")

    assert chat.text.startswith("This is how the grades of Maya in Algebra I went")


@pytest.mark.parametrize(
    "said",
    [
        "how have Maya's grades changed over time",
        "Can I see Maya's grades as a chart?",
        "are Maya's grades going up or down",
    ],
)
async def test_a_chart_is_asked_for_in_many_words(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert shown(chat)


async def test_a_chart_asked_for_before_signing_in_comes_afterwards(chat: Chat) -> None:
    await chat.say("show me a graph of Maya's grades")

    await sign_in(chat)

    assert "This is how the grades of Maya went" in chat.text
    assert shown(chat)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("show me a chart", "This is how the grades of Maya went"),
        ("graph of the grades", "This is how the grades of Maya went"),
        ("attendance as a calendar", "This is the attendance of Maya"),
    ],
)
async def test_an_unclear_child_is_asked_for_and_then_drawn(chat: Chat, said: str, told: str) -> None:
    await sign_in(chat)
    await chat.say(said)
    asked = chat.titles

    await chat.press("Maya")

    assert asked == ["Leo", "Maya"]
    assert chat.text.startswith(told)
    assert shown(chat)


async def test_an_unclear_course_is_asked_for_and_then_drawn(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("show me a graph of Maya's grades in period 9")

    await chat.press("Algebra I")

    assert chat.text.startswith("This is how the grades of Maya in Algebra I went")


async def test_another_child_without_percents_is_told_so_and_offered_the_grades(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("show me a graph of Maya's grades")

    await chat.say("and Leo?")
    told = chat.replies
    await chat.press("Current grades")

    assert [reply.image for reply in told] == [None]
    assert told[0].text.startswith("No grades of Leo are entered in percents yet")
    assert "Leo" in chat.text
    assert "Show me a chart" not in chat.titles


async def test_letters_alone_are_no_chart(chat: Chat, portal: Portal, tmp_path: Path) -> None:
    path = write_school_with_work(tmp_path / "letters") / "x_term_grades.csv"
    path.write_text(re.sub(r",[\d.]+,(true|false),", r",,\1,", path.read_text("utf-8")), "utf-8")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(path.parent))
    await sign_in(chat)

    await chat.say("what are Maya's grades")
    offered = chat.titles
    await chat.say("show me a chart")

    assert "Show me a chart" not in offered
    assert chat.text.startswith("The school enters the grades of Maya as letters")
    assert [reply.image for reply in chat.replies] == [None]


async def test_one_term_alone_is_no_chart_yet(chat: Chat, portal: Portal, tmp_path: Path) -> None:
    path = write_school_with_work(tmp_path / "short") / "x_term_grades.csv"
    lines = [line for line in path.read_text("utf-8").splitlines(keepends=True) if ",T0," not in line]
    path.write_text("".join(lines), "utf-8")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(path.parent))
    await sign_in(chat)

    await chat.say("show me a graph of Maya's grades")

    assert chat.text.startswith("The school has entered percents of Maya for one term only")
    assert chat.titles == ["Current grades"]


async def test_a_course_without_percents_is_said_to_have_none(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("show me a graph of Maya's grades in art")

    assert chat.text.startswith("No grades of Maya in Art are entered in percents yet")


async def test_attendance_with_exceptions_offers_a_calendar(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)
    await chat.say("how many days was Maya absent this term")
    told = chat.text

    await chat.press("Show me a calendar")

    [reply] = chat.replies
    assert reply.private
    assert reply.text.startswith("This is the attendance of Maya, day by day.")
    assert reply.image_alt.startswith("Calendar of the attendance of Maya.\n")
    assert told.splitlines()[0] in reply.image_alt
    made = open_file(portal, shown(chat))
    assert made is not None
    assert made.content.startswith(PNG)


async def test_a_picture_asked_for_after_attendance_is_the_calendar(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("attendance history of Maya")

    await chat.say("show that as a chart")

    assert chat.text.startswith("This is the attendance of Maya, day by day.")


@pytest.mark.parametrize(
    "said", ["show me a calendar", "can you show me the calendar please", "as a calendar"]
)
async def test_a_calendar_asked_for_later_is_still_one_of_the_attendance(chat: Chat, said: str) -> None:
    await sign_in(chat)
    await chat.say("how many days was Maya absent this year")
    await chat.say("what are Maya's grades")

    await chat.say(said)

    assert chat.text.startswith("This is the attendance of Maya, day by day.")
    assert "from August 1, 2026 to October 15, 2026" in chat.replies[0].image_alt


async def test_a_calendar_is_one_to_subscribe_to_where_no_attendance_was_spoken_of(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("what are Maya's grades")

    await chat.say("show me a calendar")

    assert "attendance" not in chat.text


async def test_the_calendar_of_another_child_is_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("show me Maya's attendance as a calendar")

    await chat.say("and Leo?")

    assert chat.text.startswith("This is the attendance of Leo, day by day.")
    assert shown(chat)


@pytest.mark.parametrize("said", ["was Maya absent yesterday", "how many days was Leo absent this term"])
async def test_nothing_to_see_offers_no_calendar(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert "Show me a calendar" not in chat.titles


@pytest.mark.parametrize("said", ["show me a graph of Zoe's grades", "Zoe's attendance as a calendar"])
async def test_another_familys_child_is_not_drawn(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert [reply.image for reply in chat.seen if reply.image] == []
    assert not any(word in everything(chat) for word in ("Whitfield", "61%", "41%"))


@pytest.mark.parametrize("said", ["show me a graph of Maya's grades", "Maya's attendance as a calendar"])
async def test_a_picture_is_gone_once_the_record_is_closed(
    chat: Chat, portal: Portal, tmp_path: Path, said: str
) -> None:
    await sign_in(chat)
    await chat.say(said)
    path = shown(chat)

    close_record(portal, tmp_path / "closed", "S1")

    assert open_file(portal, path) is None


@pytest.mark.parametrize("said", ["show me a graph of Maya's grades", "Maya's attendance as a calendar"])
async def test_a_picture_is_gone_with_the_link(chat: Chat, portal: Portal, said: str) -> None:
    await sign_in(chat)
    await chat.say(said)
    path = shown(chat)

    unlink(portal, "7001")

    assert open_file(portal, path) is None


@pytest.mark.parametrize("said", ["show me a graph of Maya's grades", "Maya's attendance as a calendar"])
async def test_a_picture_is_gone_with_the_session(chat: Chat, portal: Portal, said: str) -> None:
    await sign_in(chat)
    await chat.say(said)
    path = shown(chat)
    assert open_file(portal, path) is not None

    await chat.say("sign out")

    assert open_file(portal, path) is None


async def test_terms_that_are_called_alike_are_dated_and_a_single_course_tells_them_all(
    chat: Chat, portal: Portal, tmp_path: Path
) -> None:
    folder = write_school_with_work(tmp_path / "longer")
    append(folder / "academicSessions.csv", "T9,,,Fall,term,2025-09-01,2026-01-22,Y26,2026")
    append(folder / "x_term_grades.csv", "7001,KA,T9,,70.5,true,", "7002,KE,T1,,81,false,")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))
    await sign_in(chat)

    await chat.say("show me a graph of Maya's grades in algebra")

    assert chat.replies[0].image_alt.splitlines() == [
        "Chart of the grades of Maya in Algebra I by term.",
        "Algebra I:",
        "70.5% in Fall (2025)",
        "74% in Spring",
        "88% so far in Fall (2026)",
    ]


async def test_a_course_of_one_term_stands_beside_those_of_several(
    chat: Chat, portal: Portal, tmp_path: Path
) -> None:
    folder = write_school_with_work(tmp_path / "art")
    append(folder / "x_term_grades.csv", "7001,KX,T0,,91,true,")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))
    await sign_in(chat)

    await chat.say("show me a graph of Maya's grades")

    assert "Art: 91% in Spring." in chat.replies[0].image_alt.splitlines()


async def test_asked_why_the_chart_shows_the_entries_that_it_is_made_of(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("show me a graph of Maya's grades in algebra")

    await chat.say("where does that come from?")

    assert chat.text.splitlines()[0] == (
        "- Algebra I, from Spring to Fall: 74% and 88% are the percents that the school entered. "
        "I did not calculate them."
    )


async def test_asked_why_the_calendar_shows_the_entries_that_it_is_made_of(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("Maya's attendance as a calendar")

    await chat.say("where does that come from?")

    assert chat.text.startswith("I counted these entries of Maya.")
    assert "Sep 14, 2026" in chat.text


async def test_a_chart_is_gone_when_nothing_is_left_to_draw(
    chat: Chat, portal: Portal, tmp_path: Path
) -> None:
    await sign_in(chat)
    await chat.say("show me a graph of Maya's grades")
    path = shown(chat)
    grades = write_school_with_work(tmp_path / "none") / "x_term_grades.csv"
    grades.write_text(grades.read_text("utf-8").splitlines()[0] + "\n", "utf-8")

    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(grades.parent))

    assert open_file(portal, path) is None


def append(path: Path, *lines: str) -> None:
    """Add rows to a file."""
    path.write_text("\n".join([path.read_text("utf-8").rstrip("\n"), *lines, ""]), "utf-8")
