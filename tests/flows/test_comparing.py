"""Put one term beside another, honestly; hold no child against another."""

from pathlib import Path

import pytest

from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.school_work import write_school_with_work
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("work")
SIDE_BY_SIDE = [
    "This is Maya in Fall beside Spring:",
    "Courses with a percent in both: 2 higher now, 0 lower, 0 the same.",
    "- Algebra I: C (74%) in Spring, B+ (88%) in Fall: higher",
    "- Art: none in Spring, no grade yet in Fall",
    "- English 9: C+ (77%) in Spring, A (95.5%) in Fall: higher",
    "Fall is not final: its grades can still change. I calculate no average.",
]
EACH = "I do not compare children with each other. This is how it stands with each of them:"
MAYAS_ENGLISH = "The grade of Maya in English 9 for Fall is A (95.5%). It is not final: it can still change."


def change(portal: Portal, folder: Path, file: str, old: str, new: str) -> None:
    """Import the school anew with something else in one of its files."""
    path = write_school_with_work(folder) / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))


@pytest.mark.parametrize(
    "said",
    [
        "Is Maya doing better than last term?",
        "compare Fall and Spring for Maya",
        "compare Maya's grades with last semester",
        "did Maya's grades improve",
        "are Maya's grades better than last term",
    ],
)
async def test_grades_are_put_side_by_side_course_by_course(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.splitlines() == SIDE_BY_SIDE
    assert chat.replies[0].private


async def test_one_course_is_compared_alone_and_the_next_one_as_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("is Maya improving in algebra?")
    algebra = chat.text
    await chat.say("and in English?")

    assert SIDE_BY_SIDE[2] in algebra
    assert "English" not in algebra
    assert SIDE_BY_SIDE[4] in chat.text
    assert "Algebra" not in chat.text


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("Maya's grades", "is that better than last term?"),
        ("Maya's grades", "how does that compare"),
        ("Maya's grades history", "is that better?"),
    ],
)
async def test_what_was_told_last_is_compared_as_a_follow_up(chat: Chat, before: str, said: str) -> None:
    await sign_in(chat)
    await chat.say(before)

    await chat.say(said)

    assert chat.text.splitlines() == SIDE_BY_SIDE


async def test_what_nothing_is_compared_of_is_not_understood(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("Maya's schedule")

    await chat.say("is that better than last term?")

    assert chat.text.startswith("I am sorry, I did not understand that.")


async def test_grades_that_went_down_or_stayed_are_said_so(
    portal: Portal, chat: Chat, tmp_path: Path
) -> None:
    change(portal, tmp_path / "down", "x_term_grades.csv", "7001,KA,T1,B+,88", "7001,KA,T1,D,61.25")
    await sign_in(chat)

    await chat.say("Is Maya doing better than last term?")

    assert "1 higher now, 1 lower, 0 the same" in chat.text
    assert "- Algebra I: C (74%) in Spring, D (61.25%) in Fall: lower" in chat.text.splitlines()


async def test_letters_alone_are_shown_and_not_ranked(portal: Portal, chat: Chat, tmp_path: Path) -> None:
    change(portal, tmp_path / "letters", "x_term_grades.csv", "7001,KA,T1,B+,88", "7001,KA,T1,B+,")
    await sign_in(chat)

    await chat.say("Is Maya doing better in algebra than last term?")

    assert chat.text.splitlines()[1:3] == [
        "No course has a percent in both, so I only show them side by side.",
        "- Algebra I: C (74%) in Spring, B+ in Fall",
    ]


async def test_without_any_grade_there_is_nothing_to_compare(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("is Leo doing better than last term?")

    assert chat.text.startswith("No grades of Leo are entered for Spring or Fall")


async def test_attendance_is_compared_with_as_long_a_beginning_of_the_term_before(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Has Maya's attendance got worse?")

    lines = chat.text.splitlines()
    assert lines[:2] == [
        "More absences than before in as long a time: 3 instead of 0.",
        "Late more often than before in as long a time: 1 instead of 0.",
    ]
    assert lines[2].startswith("Now: 3 days. Maya was absent for 3 days in Fall so far")
    assert "Before: 0 days. No absence of Maya is recorded in Spring (January 26, 2026" in chat.text
    assert "recorded from January 26, 2026 to March 12, 2026." in chat.text


@pytest.mark.parametrize(
    ("said", "first"),
    [
        (
            "has Maya more absences than last month?",
            "As many absences as before in as long a time: 1.",
        ),
        (
            "was Maya late more often than last term?",
            "Late more often than before in as long a time: 1 instead of 0.",
        ),
        (
            "was Maya absent more than last week?",
            "Fewer absences than before in as long a time: 0 instead of 1.",
        ),
        (
            "does Maya have more unexcused absences than last term?",
            "More absences than before in as long a time: 1 instead of 0.",
        ),
        (
            "does Maya have more excused absences than last term?",
            "More absences than before in as long a time: 2 instead of 0.",
        ),
    ],
)
async def test_what_is_named_of_the_attendance_is_compared_alone(chat: Chat, said: str, first: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.splitlines()[0] == first


async def test_attendance_that_was_told_is_compared_as_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("Maya's absences")

    await chat.say("is that more than last term?")

    assert chat.text.startswith("More absences than before in as long a time: 3 instead of 0.")


@pytest.mark.parametrize(
    "said",
    [
        "Is Maya better in English than Leo?",
        "who is better in English, Maya or Leo?",
        "Maya's grades|is she better in English than Leo?",
    ],
)
async def test_each_child_is_told_alone_where_one_was_to_be_held_against_another(
    chat: Chat, said: str
) -> None:
    await sign_in(chat)

    for each in said.split("|"):
        await chat.say(each)

    assert chat.text.splitlines() == [EACH, MAYAS_ENGLISH, "English 9, Fall: Leo has no grade yet."]


async def test_attendance_of_each_child_is_told_alone(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("is Maya absent more often than Leo?")

    assert chat.text.splitlines()[0] == EACH
    assert "Maya was absent for 3 days" in chat.text
    assert "No absence of Leo is recorded" in chat.text


async def test_another_familys_child_is_never_confirmed_to_exist(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Is Maya better in English than Zoe?")
    about_zoe = chat.text
    await chat.say("Is Maya better in English than Emma?")

    assert about_zoe.replace("Zoe", "Emma") == chat.text
    assert 'I do not find "Emma" among the children linked to your account.' in chat.text
    assert "61" not in everything(chat)


async def test_a_comparison_asked_for_before_signing_in_is_told_after_it(chat: Chat) -> None:
    await chat.say("Is Maya doing better than last term?")
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "\n".join(SIDE_BY_SIDE) in chat.text


async def test_the_child_is_asked_for_and_the_comparison_goes_on(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("compare this term with last term")

    await chat.press("Maya")

    assert chat.text.splitlines() == SIDE_BY_SIDE


async def test_a_term_that_does_not_exist_is_said_with_those_that_do(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("compare Q1 and Q2 for Maya")

    assert chat.text == "I do not find that term. Which one do you mean?"
    assert "Spring" in chat.titles


async def test_up_or_down_in_a_word_that_may_mean_absent_too_shows_the_chart(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("have Maya's grades gone up or down")

    assert "went wrong" not in chat.text
    assert chat.replies[-1].image is not None
