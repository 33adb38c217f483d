"""Tell the whole attendance of a term, month by month."""

import pytest

from tests.flows.chat import sign_in
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("families")


@pytest.mark.requirement("R95")
async def test_the_history_of_the_current_term_names_every_day_by_month(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("attendance history of Maya")

    assert chat.text.splitlines() == [
        "3 days. Maya was absent for 3 days in Fall so far (since August 31, 2026), "
        "2 excused and 1 unexcused.",
        "Apart from whole days, one absence from a single class is recorded.",
        "1 time. Maya was late once in Fall so far (since August 31, 2026).",
        "September 2026:",
        "- Sep 14, 2026: absent, excused (Doctor)",
        "- Sep 21, 2026: absent, unexcused",
        "- Sep 30, 2026: late, arrived at 8:20 AM (Bus)",
        "October 2026:",
        "- Oct 5, 2026: absent, excused (Illness)",
        "- Oct 7, 2026: absent from Algebra I, unexcused",
    ]
    assert chat.replies[0].private


async def test_one_kind_is_told_alone(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("list all absences of Maya")

    assert chat.text.startswith("3 days. Maya was absent for 3 days")
    assert "late" not in chat.text


async def test_a_month_alone_needs_no_heading(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("attendance history of Maya in algebra")

    assert chat.text.startswith("1 time. Maya was absent from Algebra I once in Fall")
    assert chat.text.splitlines()[-1] == "- Oct 7, 2026: absent, unexcused"
    assert "October 2026:" not in chat.text


async def test_another_child_or_term_is_a_follow_up(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("attendance history of Maya")

    await chat.say("and Leo?")
    of_leo = chat.text
    await chat.say("and last term?")

    assert of_leo.startswith("0 days. No absence of Leo is recorded in Fall so far")
    assert chat.text.startswith("0 days. No absence of Leo is recorded in Spring")


async def test_a_question_asked_before_signing_in_is_answered_after_it(chat: Chat) -> None:
    await chat.say("Maya's attendance history")
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert "September 2026:" in chat.text


@pytest.mark.requirement("R95")
async def test_how_to_see_attendance_history_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see attendance history?")

    assert 'the attendance history for the current term is on the page "Attendance History"' in chat.text
    assert chat.titles == ["Show it here"]
