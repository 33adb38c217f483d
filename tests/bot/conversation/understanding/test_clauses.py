"""What one message asks twice is found twice, and what belongs together stays together."""

from datetime import date

import pytest

from bot.conversation.understanding import Names, Parse, Understanding
from bot.conversation.understanding.clauses import with_second

TODAY = date(2026, 10, 15)
FAMILY = Names(students=("Maya Lopez", "Leo Lopez"), courses=("Algebra 1", "English 9"))


def questions(understanding: Understanding, text: str) -> list[Parse]:
    parse: Parse | None = understanding.parse(text, names=FAMILY, today=TODAY)
    found = []
    while parse is not None:
        found.append(parse)
        parse = parse.also
    return found


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("grades and attendance for Leo", ["ask_grades", "ask_attendance"]),
        ("What are Leo's grades? Was he absent last week?", ["ask_grades", "ask_attendance"]),
        ("grades, attendance and balance of Maya", ["ask_grades", "ask_attendance", "ask_balance"]),
        ("sign me in and show me the schedule", ["sign_in", "ask_schedule"]),
        ("is my account locked and what is the district code", ["report_lockout", "ask_district_code"]),
        ("show the balance then log me out", ["ask_balance", "sign_out"]),
    ],
)
def test_each_question_is_found_in_its_order(
    understanding: Understanding, text: str, intents: list[str]
) -> None:
    assert [parse.intent for parse in questions(understanding, text)] == intents


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my username and password",
        "I cannot sign in, is it the access id?",
        "grades for Maya and Leo",
        "math and English grades",
        "absences and tardies this week",
        "mail me the grades and the attendance every week",
        "print the grades and the attendance",
        "how do I see grades and attendance",
        "link my son, access id 9ACD4GHJ",
        "no, the username is mlopez",
        "grades and more grades",
        "and, , and",
    ],
)
def test_one_wish_stays_one(understanding: Understanding, text: str) -> None:
    assert len(questions(understanding, text)) == 1


def test_the_child_that_is_named_once_holds_for_each(understanding: Understanding) -> None:
    both = questions(understanding, "grades and attendance of Leo")

    assert [parse.first("student") for parse in both] == ["Leo Lopez", "Leo Lopez"]


def test_each_keeps_its_own_child_and_time(understanding: Understanding) -> None:
    first, second = questions(understanding, "grades of Maya and was Leo absent yesterday?")

    assert [first.first("student"), second.first("student")] == ["Maya Lopez", "Leo Lopez"]
    assert first.first("date_range") is None
    assert second.first("date_range") == {"since": "2026-10-14", "until": "2026-10-14"}


def test_a_wall_of_pauses_costs_no_more_than_a_few_looks(understanding: Understanding) -> None:
    assert questions(understanding, "grades, " * 200)[0].intent == "ask_grades"


def test_a_long_wall_is_not_taken_apart(understanding: Understanding) -> None:
    halves: list[str] = []

    def parse(text: str) -> Parse:
        halves.append(text)
        return Parse(text, "ask_grades", 1.0)

    for times, taken_apart in ((10, True), (240, False)):
        halves.clear()
        with_second(parse("grades, " * times), understanding.packs["en"].lexicon, parse)
        assert (len(halves) > 1) is taken_apart
