"""Tell test results: of the current term, by subject, digit by digit."""

import pytest

from tests.flows.chat import sign_in
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("work")


@pytest.mark.requirement("R93")
async def test_results_of_the_current_term_come_one_line_a_test(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Show me Maya's test results")

    assert chat.text.splitlines() == [
        "These are the test results of Maya in Fall (since August 31, 2026).",
        "- Fall Benchmark (Mathematics), Oct 1, 2026: 83 of 100 points, Meets expectations",
        "- Reading Check, Sep 10, 2026: 17.0625 points",
    ]
    assert chat.replies[0].private


@pytest.mark.parametrize(
    ("said", "test"),
    [
        ("Maya's test results in math", "Fall Benchmark"),
        ("what did Maya get on the reading test", "Reading Check"),
        ("Maya's test results last term", "State Test"),
    ],
)
async def test_a_subject_or_another_time_can_be_asked_for(chat: Chat, said: str, test: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    lines = [line for line in chat.text.splitlines() if line.startswith("- ")]
    assert len(lines) == 1
    assert test in lines[0]


async def test_another_subject_is_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("Maya's test results in math")

    await chat.say("and in reading?")

    assert chat.text.startswith("These are the test results of Maya in reading in Fall")


async def test_a_subject_without_a_test_names_the_ones_there_are(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Maya's test results in chemistry")

    assert chat.text.startswith("No test results of Maya in chemistry are entered in Fall")
    assert "These are there:\n- Fall Benchmark" in chat.text


async def test_a_subject_tested_only_before_says_so(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Maya's test results in english")

    assert "These are the last ones before:\n- State Test (English), May 12, 2026: Level 3" in chat.text


async def test_a_period_names_the_subject(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Maya's test results in period 3")

    assert chat.text.startswith("These are the test results of Maya in period 3 in Fall")


async def test_no_results_are_said_and_not_guessed(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("test results of Leo")

    assert chat.text.startswith("No test results of Leo are entered in Fall")


async def test_a_question_asked_before_signing_in_is_answered_after_it(chat: Chat) -> None:
    await chat.say("test results of Maya in math")
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert "These are the test results of Maya in math in Fall" in chat.text


@pytest.mark.requirement("R93")
async def test_how_to_see_test_results_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see test results?")

    assert 'the test results for the current term are on the page "Test Results"' in chat.text
    assert chat.titles == ["Show them here"]


async def test_terranova_keeps_its_own_answer_and_leads_to_the_results(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("TerraNova score")
    told = chat.text
    await chat.press("Test results")
    await chat.press("Maya")

    assert "How to See your Child's TerraNova Score on Family Portal" in told
    assert chat.text.startswith("These are the test results of Maya")
