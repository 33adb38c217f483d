"""MyData is one file for all the children that a parent may see, and for nobody else (R87-R89)."""

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
from tests.support.my_data import child_names, found, problems_of, read, texts
from tests.support.portals import PASSWORD, make_district, make_parent

pytestmark = pytest.mark.usefixtures("work")
ON: dict[str, Any] = {**WESTBOROUGH, "my_data": True}
OFF: dict[str, Any] = {**WESTBOROUGH, "my_data": False}
COUNTS = ("DaysAbsent", "ExcusedAbsences", "UnexcusedAbsences", "ClassesAbsent", "Tardies", "PartialDays")


@pytest.fixture
def district(portal: Portal) -> District:
    return make_district(portal, **ON)


@pytest.mark.requirement("R87")
async def test_the_file_has_all_the_children_whichever_was_asked_about(
    chat: Chat, portal: Portal, tmp_path: Path
) -> None:
    await sign_in(chat)
    await chat.say("Maya's grades")

    await chat.say("download my data")

    made = made_for(chat, portal)
    assert (made.name, made.media_type) == ("MyData 2026-10-15.xml", "application/xml")
    assert problems_of(made.content, tmp_path) == []
    assert child_names(made.content) == ["Leo López", "Maya López"]
    assert "Zoe" not in made.content.decode()


@pytest.mark.requirement("R87")
async def test_the_answer_says_what_is_in_it_and_that_it_is_private(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("download my data")

    [reply] = chat.replies
    assert "MyData of Leo and Maya" in reply.text
    assert "grades by term, teachers' comments and attendance, as an XML file" in reply.text
    assert "keep it on your own computer" in reply.text
    assert "never send it by e-mail" in reply.text
    assert reply.attachment_title == "Download MyData (XML)"
    assert reply.private


@pytest.mark.requirement("R87")
async def test_the_file_says_of_grades_and_attendance_what_the_answers_say(
    chat: Chat, portal: Portal
) -> None:
    await sign_in(chat)
    await chat.say("download my data")

    tree = read(made_for(chat, portal).content)
    maya = found(tree, "StudentAcademicRecord")[1]
    spring, fall = found(maya, "CourseHistory/Term")
    marks = {
        texts(course, "CourseTitle")[0]: found(course, "MarkingPeriods/MarkingPeriod/MarkData")[0]
        for course in found(fall, "Courses/Course")
    }
    terms = [texts(term, "TermInfoData/TermCode") for term in (spring, fall)]
    assert terms == [["Spring"], ["Fall"]]
    assert list(marks) == ["Algebra I", "Art", "English 9"]
    algebra, art = marks["Algebra I"], marks["Art"]
    assert [texts(algebra, name)[0] for name in ("Letter", "Percentage")] == ["B+", "88"]
    assert algebra.get("Final") == "false"
    assert texts(art, "Narrative") == ["Maya takes part in every discussion."]
    assert {each.get("Final") for each in spring.iter("{*}MarkData")} == {"true"}
    summary = found(maya, "StudentAttendanceSummary")[0]
    assert [texts(summary, name)[0] for name in COUNTS] == ["3", "2", "1", "1", "1", "0"]
    assert [texts(summary, f"{end}Date")[0] for end in ("Start", "End")] == ["2026-01-26", "2026-10-15"]
    assert texts(maya, "TeacherComments/TeacherComment/Narrative") == ["Please see me", "Late: two days"]


@pytest.mark.requirement("R87")
async def test_points_are_no_grade_in_the_file_either(chat: Chat, portal: Portal) -> None:
    await sign_in(chat)
    await chat.say("download my data")

    tree = read(made_for(chat, portal).content)
    points = list(found(tree, "StudentAcademicRecord")[0].iter("{*}PointsSoFar"))
    zone = [each.text for each in tree.iter("{*}SIF_ExtendedElement") if each.get("Name") == "ExportedAt"]

    # Leo has no grade and no score yet.
    assert all(point.get("Scores") == "0" for point in points)
    assert zone == ["2026-10-15T10:00:00-04:00"]


@pytest.mark.requirement("R89")
async def test_a_school_without_the_button_says_so_and_whom_to_ask(chat: Chat, portal: Portal) -> None:
    make_district(portal, **OFF)
    await sign_in(chat)

    await chat.say("download my data")

    assert "has not turned on the MyData button" in chat.text
    assert "(508) 555-0190" in chat.text
    assert all(reply.attachment is None for reply in chat.replies)


@pytest.mark.requirement("R88")
@pytest.mark.parametrize(
    "said", ["what is MyData?", "what is in the mydata file", "what is the mydata button"]
)
async def test_what_it_is_is_told_to_anybody(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert "joint project of the Office of Educational Technology" in chat.text
    assert "White House Office of Science and Technology Policy" in chat.text
    assert chat.titles == ["Download it here"]


@pytest.mark.requirement("R87")
async def test_where_the_button_is_is_told_as_a_step(chat: Chat) -> None:
    await chat.say("where is the my data button")

    assert "click the MyData button in the navigation toolbar" in chat.text


async def test_whoever_is_signed_out_signs_in_first_and_gets_it_then(chat: Chat, portal: Portal) -> None:
    await chat.say("download my data")
    before = chat.replies

    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert all(reply.attachment is None for reply in before)
    assert child_names(made_for(chat, portal).content) == ["Leo López", "Maya López"]


@pytest.mark.requirement("R80", "R87")
async def test_a_closed_record_is_left_out_and_that_is_said(
    chat: Chat, portal: Portal, tmp_path: Path
) -> None:
    await sign_in(chat)
    close_record(portal, tmp_path / "closed", "S2")

    await chat.say("download my data")

    content = made_for(chat, portal).content
    assert 'Leo: "Student information is not available at this time."' in chat.text
    assert child_names(content) == ["Maya López"]
    assert "Leo" not in content.decode()


@pytest.mark.requirement("R80")
async def test_with_every_record_closed_there_is_no_file(chat: Chat, portal: Portal, tmp_path: Path) -> None:
    await sign_in(chat)
    close_record(portal, tmp_path / "closed", "S1", "S2")

    await chat.say("download my data")

    assert chat.text.startswith("Student information is not available at this time.")
    assert all(reply.attachment is None for reply in chat.replies)


async def test_an_account_without_children_has_no_file(
    chat: Chat, portal: Portal, district: District
) -> None:
    make_parent(portal, district, username="childless")
    await sign_in(chat, "childless")

    await chat.say("download my data")

    assert chat.text.startswith("No child is linked to your account")


async def test_what_a_parent_may_not_see_any_more_is_not_in_a_file_offered_before(
    chat: Chat, portal: Portal, tmp_path: Path
) -> None:
    await sign_in(chat)
    await chat.say("download my data")
    path = attached(chat)

    unlink(portal, "7002")
    without_leo = open_file(portal, path)
    close_record(portal, tmp_path / "closed", "S1")
    without_any = open_file(portal, path)

    assert without_leo is not None
    assert child_names(without_leo.content) == ["Maya López"]
    assert without_any is None


async def test_two_families_never_get_each_others_records(
    new_chat: Callable[[], Chat], portal: Portal
) -> None:
    ours, theirs = new_chat(), new_chat()
    await sign_in(ours)
    await sign_in(theirs, "kwhitfield")

    await ours.say("download my data")
    await theirs.say("download my data")

    assert child_names(made_for(ours, portal).content) == ["Leo López", "Maya López"]
    assert child_names(made_for(theirs, portal).content) == ["Zoe Whitfield"]
