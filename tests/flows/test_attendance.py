"""Tell attendance: the number first, then what it is made of."""

import pytest

from tests.flows.chat import sign_in
from tests.support.conversation import Chat

pytestmark = pytest.mark.usefixtures("families")


@pytest.mark.requirement("R92")
async def test_how_many_days_absent_starts_with_the_number(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("How many days was Maya absent this term?")

    assert chat.text.splitlines() == [
        "3 days. Maya was absent for 3 days in Fall so far (since August 31, 2026), "
        "2 excused and 1 unexcused.",
        "Apart from whole days, one absence from a single class is recorded.",
        "- Sep 14, 2026: absent, excused (Doctor)",
        "- Sep 21, 2026: absent, unexcused",
        "- Oct 5, 2026: absent, excused (Illness)",
        "- Oct 7, 2026: absent from Algebra I, unexcused",
    ]
    assert chat.replies[0].private


async def test_a_class_is_counted_by_itself(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("How many times was Maya absent from algebra?")

    assert chat.text.startswith("1 time. Maya was absent from Algebra I once in Fall so far")
    assert "Maya was also absent for 3 whole days." in chat.text


@pytest.mark.parametrize("said", ["Was Maya absent in period 3?", "How often did Maya miss period 3?"])
async def test_a_period_is_counted_by_itself(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith("1 time. Maya was absent from Algebra I (period 3) once")


async def test_how_often_late_counts_only_that(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("How often was Maya late?")

    assert chat.text.splitlines() == [
        "1 time. Maya was late once in Fall so far (since August 31, 2026).",
        "- Sep 30, 2026: late, arrived at 8:20 AM (Bus)",
    ]


async def test_a_range_of_days_is_kept_to(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("How many days was Maya absent in September?")

    assert chat.text.startswith(
        "2 days. Maya was absent for 2 days from September 1, 2026 to September 30, 2026"
    )


async def test_days_to_come_are_not_claimed(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("How many days was Maya absent in October?")

    assert "from October 1, 2026 to October 15, 2026" in chat.text


async def test_one_day_is_one_day(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Was Maya absent yesterday?")

    assert chat.text == "No absence of Maya is recorded on October 14, 2026."


async def test_none_is_a_number_too(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("How many days was Leo absent?")

    assert chat.text.startswith("0 days.")


@pytest.mark.requirement("R95")
async def test_the_previous_term_can_be_asked_for(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("How many days was Maya absent last term?")

    assert chat.text.startswith(
        "0 days. No absence of Maya is recorded in Spring (January 26, 2026 to June 15, 2026)"
    )


async def test_attendance_tells_both(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("How is Maya's attendance?")

    assert "3 days. Maya was absent" in chat.text
    assert "1 time. Maya was late once" in chat.text


@pytest.mark.requirement("R92")
async def test_how_to_see_attendance_names_the_portals_page(chat: Chat) -> None:
    await chat.say("How do I see my child's attendance?")

    assert 'the page "Grades and Attendance"' in chat.text
    assert chat.titles == ["Show attendance here"]


async def test_each_family_gets_its_own(chat: Chat) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say("How many days absent?")

    assert chat.text.startswith("1 day. Zoe was absent for one day")
    assert "Maya" not in chat.text


@pytest.mark.parametrize("said", ["what about last term?", "last term?", "and last week", "and in september"])
async def test_another_time_alone_asks_the_attendance_again(chat: Chat, said: str) -> None:
    await sign_in(chat)
    await chat.say("How many days was Maya absent this term?")

    await chat.say(said)

    assert "Maya" in chat.text
    assert "absen" in chat.text
    assert "Algebra I: " not in chat.text


@pytest.mark.parametrize(
    ("said", "answer", "days"),
    [
        (
            "how many unexcused absences does Maya have",
            "1 day. Maya was absent, unexcused, for one day in Fall",
            2,
        ),
        (
            "how many excused absences did Maya have",
            "2 days. Maya was absent, excused, for 2 days in Fall",
            2,
        ),
        (
            "how many unexcused absences does Leo have",
            "0 days. No unexcused absence of Leo is recorded in Fall",
            0,
        ),
        (
            "were there unexcused absences for Maya in algebra",
            "1 time. Maya was absent from Algebra I once",
            1,
        ),
    ],
)
async def test_excused_and_unexcused_absences_are_counted_apart(
    chat: Chat, said: str, answer: str, days: int
) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith(answer)
    assert sum(line.startswith("- ") for line in chat.text.splitlines()) == days


async def test_absences_from_single_classes_are_told_apart_from_unexcused_days(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("how many unexcused absences does Maya have")

    assert "Apart from whole days, one absence from a single class is recorded." in chat.text


async def test_excused_or_unexcused_asks_for_all_absences(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("were Maya's absences excused or unexcused")

    assert "2 excused and 1 unexcused" in chat.text


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (
            "was Maya in school yesterday",
            "Neither an absence nor a lateness of Maya is recorded on October 14, 2026.",
        ),
        ("was Maya absent on October 5", "Maya was absent on October 5, 2026, excused."),
        ("was Maya absent on October 6", "No absence of Maya is recorded on October 6, 2026."),
        ("was Maya late on September 30", "Maya was late on September 30, 2026."),
        ("was Maya in school on October 7", "No absence of Maya is recorded on October 7, 2026."),
    ],
)
async def test_one_single_day_is_answered_without_a_number(chat: Chat, said: str, answer: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.splitlines()[0] == answer


async def test_absent_or_late_asks_for_both(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("was Maya absent or late this term")

    assert "Maya was absent for 3 days" in chat.text
    assert "Maya was late once" in chat.text


async def test_sick_on_a_day_is_about_attendance_whatever_was_asked_before(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("grades for Maya")

    await chat.say("was Maya sick on October 5")

    assert chat.text.startswith("Maya was absent on October 5, 2026, excused.")
