"""Tell what teachers wrote, word for word."""

import pytest

from tests.flows.chat import sign_in
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("work")


@pytest.mark.requirement("R97")
async def test_comments_of_the_current_term_come_word_for_word(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("teacher comments for Maya")

    first, *lines = chat.text.splitlines()
    assert first == "This is what teachers wrote about Maya in Fall (since August 31, 2026)."
    assert [line.partition(",")[0].partition(":")[0] for line in lines] == [
        "- Algebra I",
        "- Art",
        "- English 9",
    ]
    assert 'Quiz (Oct 6, 2026), Ada Stone: "Please see me"' in lines[0]
    assert lines[1].endswith('"Maya takes part in every discussion."')
    assert chat.replies[0].private


async def test_one_course_is_answered_alone_and_another_is_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what did the algebra teacher say about Maya")
    algebra = chat.text
    await chat.say("and in art?")

    assert algebra.startswith("This is what teachers wrote about Maya in Algebra I in Fall")
    assert "discussion" not in algebra
    assert chat.text.startswith("This is what teachers wrote about Maya in Art in Fall")


async def test_the_previous_term_can_be_asked_for(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("teacher comments for Maya last term")

    assert chat.text.splitlines()[0].endswith("in Spring (January 26, 2026 to June 15, 2026).")
    assert '"Bring the notebook."' in chat.text


async def test_without_comments_now_those_of_before_are_told_as_such(chat: Chat) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say("teacher comments since yesterday")

    assert chat.text.startswith("No comments of teachers on Zoe are entered from October 14, 2026")
    assert '- Algebra I, Spring, Ada Stone: "Zoe slept."' in chat.text


async def test_no_comments_are_said(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("teacher comments for Leo")

    assert chat.text.startswith("No comments of teachers on Leo are entered in Fall")


async def test_a_question_asked_before_signing_in_is_answered_after_it(chat: Chat) -> None:
    await chat.say("any comments from Maya's teachers")
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert "This is what teachers wrote about Maya" in chat.text


@pytest.mark.requirement("R97")
async def test_how_to_see_comments_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see teacher comments?")

    assert 'the page "Teacher Comments"' in chat.text
    assert chat.titles == ["Show them here"]
