"""Show the records behind a number, and when the school brought them in."""

from pathlib import Path

import pytest

from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.flows.school_work import write_school_with_work
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district

pytestmark = pytest.mark.usefixtures("work")
AS_OF = "as it was last brought in on October 15, 2026, 10:00 AM, and change nothing."
ABSENCES = [
    "I counted these entries of Maya. A day without an entry counts as present:",
    "- Sep 14, 2026: absent, excused (Doctor)",
    "- Sep 21, 2026: absent, unexcused",
    "- Sep 30, 2026: late, arrived at 8:20 AM (Bus)",
    "- Oct 5, 2026: absent, excused (Illness)",
    "- Oct 7, 2026: absent from Algebra I, unexcused",
]


@pytest.mark.parametrize(
    "asked",
    [
        "why?",
        "Where does that come from?",
        "how do you know",
        "show me the records",
        "why so many?",
        "are you sure?",
        "where do you get that from",
        "when was that last updated?",
        "how did you count that",
        "what is that based on?",
    ],
)
async def test_a_number_of_absences_shows_its_days_and_the_day_of_the_import(chat: Chat, asked: str) -> None:
    await sign_in(chat)
    await chat.say("How many absences does Maya have?")

    await chat.say(asked)

    assert chat.text.splitlines()[:-1] == ABSENCES
    assert AS_OF in chat.text
    assert chat.replies[0].private


async def test_the_grade_of_a_course_shows_who_entered_it_and_the_scores(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What is Maya's grade in algebra?")

    await chat.say("where does that come from?")

    assert chat.text.splitlines()[:3] == [
        "- Algebra I, Fall: B+ (88%) is the grade that the school entered. I did not calculate it.",
        "These are the scores of Maya in Algebra I at that time, the newest first:",
        '- Quiz, due Oct 6, 2026: 0 of 10 points. The teacher wrote: "Please see me"',
    ]
    assert AS_OF in chat.text


async def test_points_so_far_show_the_scores_that_they_add_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What is Maya's grade in art?")

    await chat.say("how is that calculated?")

    assert "The points are those of the scores added up, nothing else." in chat.text
    assert "- Still life, due Sep 14, 2026: 18 of 20 points" in chat.text.splitlines()
    assert "- Sketch, due Sep 28, 2026: 9 of 10 points" in chat.text.splitlines()


async def test_all_grades_say_of_each_where_it_is_from(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What are Maya's grades?")

    await chat.say("why?")

    assert [line.partition(":")[0] for line in chat.text.splitlines()[:-1]] == [
        "- Algebra I, Fall",
        "- Art, Fall",
        "- English 9, Fall",
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Maya's balance", "- Oct 14, 2026: School lunch (lunch), -$3.25"),
        ("Maya's missing assignments", "Every line that I showed is one entry of the school's records"),
        ("Maya's test results", "Every line that I showed is one entry of the school's records"),
        ("Maya's grades history", "Every line that I showed is one entry of the school's records"),
        ("Maya's attendance history", "- Oct 7, 2026: absent from Algebra I, unexcused"),
        ("Maya's schedule", "Every line that I showed is one entry of the school's records"),
        ("Leo's absences", "There is no entry of Leo at that time"),
        ("Leo's grade in english", "No score in English 9 is entered at that time."),
    ],
)
async def test_every_answer_can_be_asked_about(portal: Portal, chat: Chat, asked: str, said: str) -> None:
    make_district(portal, "westborough", **WESTBOROUGH, lunch_balance=True)
    await sign_in(chat)
    await chat.say(asked)

    await chat.say("where does that come from?")

    assert said in chat.text
    assert AS_OF in chat.text


async def test_where_a_number_is_from_can_be_asked_at_once(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Where do Maya's absences come from?")

    assert chat.text.splitlines()[:-1] == ABSENCES


async def test_another_child_after_the_records_is_answered_as_before(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("How many absences does Maya have?")
    await chat.say("why?")

    await chat.say("and Leo?")

    assert chat.text.startswith("0 days. No absence of Leo is recorded")


async def test_the_day_of_the_import_is_that_of_the_last_one(
    portal: Portal, chat: Chat, clock: FakeClock, tmp_path: Path
) -> None:
    clock.advance(days=1)
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(write_school_with_work(tmp_path / "next")))
    clock.advance(minutes=5)
    await sign_in(chat)
    await chat.say("How many absences does Maya have?")

    await chat.say("as of when?")

    assert "last brought in on October 16, 2026, 10:00 AM" in chat.text


async def test_the_records_are_shown_only_to_whoever_is_signed_in(chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await chat.say("How many absences does Maya have?")
    clock.advance(minutes=16)

    await chat.say("why?")
    before = chat.text
    await chat.say("kwhitfield")
    await chat.submit(password=PASSWORD)

    assert "Maya" not in before
    assert "Illness" not in chat.text


@pytest.mark.parametrize("said", ["Where do {}'s absences come from?", "where do {}'s grades come from"])
async def test_another_familys_child_is_never_confirmed_to_exist(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said.format("Zoe"))
    about_zoe = chat.text
    await chat.say(said.format("Emma"))

    assert about_zoe.replace("Zoe", "Emma") == chat.text
    assert "overslept" not in everything(chat)


async def test_a_page_that_is_off_shows_no_records(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Where does Maya's lunch balance come from?")

    assert chat.text.startswith('Your school has not turned on the page "Balance".')


async def test_of_several_children_each_is_asked_about_or_one_is_chosen(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("where do the absences come from?")

    assert (chat.text, chat.titles) == ("Which child do you mean?", ["Leo", "Maya"])
