"""Tell the grades of before: of the previous term, or of a course term by term."""

import pytest

from tests.flows.chat import sign_in
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("work")


@pytest.mark.requirement("R94")
async def test_the_history_is_the_previous_term(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("grades history of Maya")

    assert chat.text.splitlines() == [
        "These are the grades of Maya for Spring (January 26, 2026 to June 15, 2026). They are final.",
        "- Algebra I: C (74%)",
        "- English 9: C+ (77%)",
    ]
    assert chat.replies[0].private


async def test_the_history_of_a_course_tells_final_grades_from_open_ones(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("grades history of Maya in algebra")

    assert chat.text.splitlines() == [
        "These are the grades of Maya in Algebra I, one term after the other.",
        "- Spring: C (74%), final",
        "- Fall: B+ (88%), not final",
    ]


async def test_several_terms_are_told_one_after_the_other(chat: Chat, clock: FakeClock) -> None:
    clock.advance(seconds=330 * 24 * 3600)
    await sign_in(chat)

    await chat.say("what were Maya's grades last year")

    assert chat.text.splitlines()[:2] == [
        "These are the grades of Maya for Fall (August 31, 2026 to January 22, 2027). "
        "They are not final: they can still change.",
        "- Algebra I: B+ (88%)",
    ]


async def test_several_terms_each_have_their_heading(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("old grades of Maya from January to October")

    assert chat.text.splitlines()[:2] == [
        "These are the grades of Maya, one term after the other.",
        "Spring: They are final.",
    ]
    assert "Fall: They are not final: they can still change." in chat.text


@pytest.mark.parametrize("said", ["grades history of Leo", "grades history of Leo in english"])
async def test_no_grades_of_before_offer_the_current_ones(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)
    told = chat.text
    await chat.press("Current grades")

    assert told.startswith(("No grades of Leo are entered for Spring", "No term grades of Leo in English 9"))
    assert "Leo" in chat.text
    assert "Fall" in chat.text


async def test_before_the_first_term_there_is_none(chat: Chat, clock: FakeClock) -> None:
    clock.advance(seconds=-200 * 24 * 3600)
    await sign_in(chat)

    await chat.say("grades history of Maya")

    assert chat.text.startswith("There is no earlier term with grades of Maya in the portal's records.")


async def test_another_child_is_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("grades history of Leo")

    await chat.say("and Maya?")

    assert chat.text.startswith("These are the grades of Maya for Spring")


async def test_a_question_asked_before_signing_in_is_answered_after_it(chat: Chat) -> None:
    await chat.say("Maya's grades history")
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert "These are the grades of Maya for Spring" in chat.text


@pytest.mark.requirement("R94")
async def test_how_to_see_grades_history_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see grades history?")

    assert 'the grades of the previous term are on the page "Grades History"' in chat.text
    assert chat.titles == ["Show them here"]
