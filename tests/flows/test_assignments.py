"""Tell what a child has to do: only what the school marked is missing or late, and no score is rounded."""

from pathlib import Path

import pytest

from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.school_work import write_school_with_work
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("work")


async def test_assignments_are_counted_and_what_is_to_be_done_is_named(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("show me Maya's assignments")

    assert chat.text.splitlines() == [
        "Assignments of Maya in Fall (since August 31, 2026): 4 with a score, 1 marked missing, "
        "2 still to come.",
        "One more is past its day and has no score yet. The school has not marked it missing.",
        "Marked missing:",
        "- Problem set 1, Algebra I, due Oct 12, 2026: missing",
        "Still to come:",
        "- Problem set 2, Algebra I, due Oct 16, 2026 (worth 20 points)",
        "- Vocabulary quiz, English 9, due Oct 20, 2026",
    ]
    assert chat.replies[0].private


async def test_the_scores_are_a_button_away(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("show me Maya's assignments")

    await chat.press("Show the scores")

    assert chat.text.splitlines() == [
        "4 assignments of Maya have a score in Fall (since August 31, 2026), the newest first:",
        "- Essay, English 9, due Oct 9, 2026: 42.125 of 50 points, marked late. "
        'The teacher wrote: "Late: two days"',
        '- Quiz, Algebra I, due Oct 6, 2026: 0 of 10 points. The teacher wrote: "Please see me"',
        "- Sketch, Art, due Sep 28, 2026: 9 of 10 points",
        "- Still life, Art, due Sep 14, 2026: 18 of 20 points",
    ]


@pytest.mark.parametrize(
    ("said", "first", "lines"),
    [
        ("missing assignments of Maya", "One assignment of Maya is marked missing in Fall", 1),
        ("is Maya missing anything in algebra", "One assignment of Maya in Algebra I is marked missing", 1),
        ("is Maya missing anything in art", "No assignment of Maya in Art is marked missing in Fall", 0),
        ("does Maya have late work", "One assignment of Maya is marked late in Fall", 1),
        ("does Maya have any zeros", "One assignment of Maya has a score of zero in Fall", 1),
        ("what is due tomorrow for Maya", "One assignment of Maya is entered as due on October 16, 2026:", 1),
        ("what does Maya have due this week", "3 assignments of Maya are entered as due from October 12", 3),
        ("what is due for Maya", "2 assignments of Maya are entered as due from today on:", 2),
        ("how did Maya do on the quiz in algebra", "One assignment of Maya in Algebra I has a score", 1),
        ("show me the assignments of Maya last term", "Assignments of Maya in Spring", 0),
        ("homework for Maya today", "No assignment of Maya is entered as due on October 15, 2026.", 2),
        ("missing work of Leo", "No assignment of Leo is marked missing in Fall", 0),
    ],
)
async def test_the_part_that_is_asked_for_is_answered(chat: Chat, said: str, first: str, lines: int) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith(first)
    assert sum(line.startswith("- ") for line in chat.text.splitlines()) == lines


async def test_what_is_past_its_day_without_a_word_is_not_called_missing(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("is Maya missing anything in english")

    assert chat.text.splitlines() == [
        "No assignment of Maya in English 9 is marked missing in Fall (since August 31, 2026).",
        "One more is past its day and has no score yet. The school has not marked it missing.",
    ]


async def test_nothing_due_names_what_comes_next(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("any homework today for Maya")

    assert "Next comes:\n- Problem set 2, Algebra I, due Oct 16, 2026" in chat.text


async def test_another_child_course_or_day_is_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("missing assignments of Maya")

    await chat.say("and Leo?")
    of_leo = chat.text
    await chat.say("and in english?")
    of_english = chat.text
    await chat.say("and what is due next week?")

    assert of_leo.startswith("No assignment of Leo is marked missing")
    assert of_english.startswith("No assignment of Leo in English 9 is marked missing")
    assert chat.text.startswith("One assignment of Leo is entered as due from October 19, 2026")


async def test_an_unclear_child_is_asked_for_and_the_question_kept(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what is due tomorrow")
    asked, titles = chat.text, chat.titles
    await chat.press("Maya")

    assert (asked, titles) == ("Which child do you mean?", ["Leo", "Maya"])
    assert chat.text.startswith("One assignment of Maya is entered as due on October 16, 2026:")


async def test_a_question_asked_before_signing_in_is_answered_after_it(chat: Chat) -> None:
    await chat.say("is Maya missing any work in math")
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert "One assignment of Maya in Algebra I is marked missing" in chat.text


async def test_a_course_that_is_not_there_offers_those_that_are(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("missing assignments of Maya in chemistry")
    asked = chat.text

    await chat.press("Algebra I")

    assert asked.startswith('Maya has no course called "chemistry".')
    assert chat.text.startswith("One assignment of Maya in Algebra I is marked missing")


@pytest.mark.requirement("R92")
async def test_how_to_see_assignments_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see missing assignments?")

    assert 'the page "Grades and Attendance"' in chat.text
    assert chat.titles == ["Show assignments here"]


QUESTIONS = (
    "missing assignments",
    "assignments",
    "test results",
    "teacher comments",
    "grades history",
    "attendance history",
)


@pytest.mark.parametrize("said", QUESTIONS)
async def test_no_question_about_a_child_of_others_is_answered_or_confirms_it(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(f"{said} of Zoe")
    of_others = chat.text
    await chat.say(f"{said} of Emma")

    assert of_others.replace("Zoe", "Emma") == chat.text
    assert of_others.startswith('I do not find "Zoe"')
    assert not [word for word in ("Whitfield", "Needs support", "slept", "61") if word in everything(chat)]


@pytest.mark.parametrize("said", QUESTIONS)
async def test_each_family_gets_its_own(chat: Chat, said: str) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say(said)

    assert "Zoe" in chat.text
    assert not [word for word in ("Maya", "Leo", "discussion", "Essay") if word in everything(chat)]


@pytest.mark.parametrize("said", QUESTIONS)
async def test_a_family_of_another_district_gets_nothing_of_this_one(
    portal: Portal, chat: Chat, boston: District, said: str
) -> None:
    elsewhere = Chat(chat.assistant, district=boston.slug)

    await elsewhere.say(f"{said} of Maya")
    await elsewhere.say("mlopez")
    await elsewhere.submit(password=PASSWORD)

    assert not [
        word for word in ("Algebra", "Benchmark", "discussion", "absent") if word in everything(elsewhere)
    ]


@pytest.mark.requirement("R80")
@pytest.mark.parametrize("said", QUESTIONS)
async def test_a_parent_who_lost_access_in_mid_conversation_learns_no_more(
    portal: Portal, district: District, chat: Chat, tmp_path: Path, said: str
) -> None:
    await sign_in(chat)
    await chat.say(f"{said} of Maya")
    before = chat.text
    folder = write_school_with_work(tmp_path / "barred")
    users = (folder / "users.csv").read_text(encoding="utf-8")
    blocked = users.replace("S1,,,true,", "S1,,,false,")
    (folder / "users.csv").write_text(blocked, encoding="utf-8")
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(folder))

    await chat.say(said)

    assert "Maya" in before
    assert chat.text.splitlines()[0] == "Student information is not available at this time."


@pytest.mark.requirement("R92")
async def test_since_a_month_begins_with_the_one_that_was(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("missing assignments of Maya since September")

    assert "from September 1, 2026 to October 15, 2026" in chat.text
    assert "Problem set 1" in chat.text
