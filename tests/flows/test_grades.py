"""Tell grades: as the portal has them, never invented, never called final when they are not."""

import pytest

from tests.flows.chat import sign_in
from tests.support.clock import FakeClock
from tests.support.conversation import Chat

pytestmark = pytest.mark.usefixtures("families")


@pytest.mark.requirement("R92")
async def test_grades_of_the_current_term_come_one_line_a_course(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What are Maya's grades?")

    assert chat.text.splitlines() == [
        "These are the grades of Maya for Fall. They are not final: they can still change.",
        "- Algebra I: B+ (88%)",
        "- Art: no grade yet; 2 scores so far, 27 of 30 points",
        "- English 9: A (95.5%)",
    ]
    assert chat.replies[0].private


async def test_one_course_is_one_sentence(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What grade does Maya have in algebra?")

    assert (
        chat.text
        == "The grade of Maya in Algebra I for Fall is B+ (88%). It is not final: it can still change."
    )


async def test_points_are_not_called_a_grade(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What grade does Maya have in art?")

    assert chat.text == "Art, Fall: Maya has no grade yet; 2 scores so far, 27 of 30 points."


@pytest.mark.requirement("R94")
async def test_the_previous_term_can_be_asked_for(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What was Maya's grade in algebra last term?")

    assert chat.text == "The grade of Maya in Algebra I for Spring is C (74%). It is final."


async def test_no_grade_is_said_and_not_guessed(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What are Leo's grades?")

    assert chat.text.startswith("No grades of Leo are entered for Fall yet.")


async def test_a_course_that_is_not_there_offers_those_that_are(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What grade does Maya have in chemistry?")
    asked = chat.text

    await chat.press("Algebra I")

    assert asked.startswith('Maya has no course called "chemistry".')
    assert chat.text.startswith("The grade of Maya in Algebra I for Fall is B+ (88%)")


async def test_another_course_is_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What grade does Maya have in art?")

    await chat.say("and in algebra?")

    assert chat.text.startswith("The grade of Maya in Algebra I for Fall is B+ (88%)")


async def test_a_period_names_the_course(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("What is Maya's grade in period 3?")

    assert chat.text.startswith("The grade of Maya in Algebra I for Fall is B+ (88%)")


async def test_between_terms_the_last_one_is_named_as_such(chat: Chat, clock: FakeClock) -> None:
    clock.advance(seconds=150 * 24 * 3600)
    await sign_in(chat)

    await chat.say("What are Maya's grades?")

    assert "No term is running today, so this is the last one." in chat.text


async def test_each_family_gets_its_own(chat: Chat) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say("grades")

    assert "- Algebra I: D (61%)" in chat.text
    assert "Maya" not in chat.text


@pytest.mark.requirement("R92")
async def test_how_to_see_grades_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see my child's grades?")

    assert 'the page "Grades and Attendance"' in chat.text
    assert "for the current term" in chat.text
    assert chat.titles == ["Show grades here"]


async def test_say_that_again_repeats_the_grades_only_in_their_session(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What are Maya's grades?")
    answer = chat.text

    await chat.say("say that again")
    repeated = chat.text
    await chat.say("sign out")
    await chat.say("say that again")

    assert repeated == answer
    assert "B+" not in chat.text


async def test_a_course_is_found_by_the_subject_that_the_school_gives_it(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what is Maya's grade in mathematics")

    assert chat.text.startswith("The grade of Maya in Algebra I for Fall is B+ (88%)")


async def test_a_subject_asked_for_before_signing_in_is_found_after_it(chat: Chat) -> None:
    await chat.say("what is Maya's grade in math")
    await chat.say("mlopez")
    await chat.submit(password="three green kettles hum")

    assert "The grade of Maya in Algebra I for Fall is B+ (88%)" in chat.text


async def test_the_grade_of_a_period_is_that_of_its_class(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Maya's grades for period 3")

    assert chat.text.startswith("The grade of Maya in Algebra I")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "grades for Q7"),
        ("en", "What are Maya's grades in quarter 9?"),
        ("es", "¿Qué calificaciones tiene Maya en el trimestre 8?"),
        ("zh", "Maya 第9学期的成绩"),
    ],
)
async def test_a_term_that_the_school_does_not_have_is_never_another(
    chat: Chat, language: str, said: str
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    chat.language = language

    await chat.say(said)

    assert "88" not in chat.text
    assert "Fall" in chat.titles
