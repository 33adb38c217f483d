from datetime import date
from decimal import Decimal

import pytest

from portal.core.outcomes import Reason
from portal.records.answers import Question
from portal.records.school_work import TestLine, TestResults
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster


def about(**question: object) -> object:
    return lambda records: records.test_results("conversation", Question(**question))


def took(roster: Roster, day: str, name: str, subject: str = "", **cells: str) -> Roster:
    row = {"studentIdentifier": "NS1", "date": day, "test": name, "subject": subject}
    return roster.add("x_test_results", **row | cells)


def three_tests() -> Roster:
    roster = took(small_roster(), "2026-10-01", "Benchmark", "Mathematics", score="83", maxScore="100")
    took(roster, "2026-09-10", "Check", "Reading", score="17.0625", level="Meets expectations")
    return took(roster, "2026-05-12", "State Test", "Reading", level="Level 3")


def names(lines: tuple[TestLine, ...]) -> list[str]:
    return [line.test for line in lines]


@pytest.mark.requirement("R93")
def test_tests_of_the_current_term_come_with_the_newest_first(family: Family, ask: Answered) -> None:
    family(three_tests(), "NS1")

    answer: TestResults = ask(about())

    assert answer.student == "Maya"
    assert answer.term is not None
    assert answer.term.title == "Fall Semester"
    assert answer.lines == (
        TestLine(date(2026, 10, 1), "Benchmark", "Mathematics", Decimal(83), Decimal(100), ""),
        TestLine(date(2026, 9, 10), "Check", "Reading", Decimal("17.0625"), None, "Meets expectations"),
    )
    assert (answer.others, answer.earlier) == ((), ())


@pytest.mark.parametrize(
    "question",
    [
        {"term": "previous"},
        {"since": date(2026, 5, 12), "until": date(2026, 5, 12)},
        {"until": date(2026, 5, 12)},
    ],
)
def test_another_time_can_be_asked_for(family: Family, ask: Answered, question: dict[str, object]) -> None:
    family(three_tests(), "NS1")

    answer: TestResults = ask(about(**question))

    assert names(answer.lines) == ["State Test"]


def test_days_since_a_day_end_today(family: Family, ask: Answered) -> None:
    family(three_tests(), "NS1")

    answer: TestResults = ask(about(since=date(2026, 9, 11)))

    assert (answer.since, answer.until, answer.term) == (date(2026, 9, 11), date(2026, 10, 15), None)
    assert names(answer.lines) == ["Benchmark"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"course": "math"}, ["Benchmark"]),
        ({"course": "Reading"}, ["Check"]),
        ({"course": "Algebra I"}, ["Benchmark"]),
        ({"course": "Algebra I", "subject": "reading"}, ["Check"]),
        ({"class_period": "2"}, ["Benchmark"]),
        ({"course": "benchmark"}, ["Benchmark"]),
    ],
)
def test_subject_is_that_of_the_test_else_that_of_the_course(
    family: Family, ask: Answered, question: dict[str, str], found: list[str]
) -> None:
    family(three_tests().change("courses", 2, subjects="Mathematics"), "NS1")

    answer: TestResults = ask(about(**question))

    assert names(answer.lines) == found
    assert answer.subject == (question.get("subject") or next(iter(question.values())))


def test_subject_without_a_test_leaves_those_of_the_others(family: Family, ask: Answered) -> None:
    family(three_tests(), "NS1")

    answer: TestResults = ask(about(course="chemistry"))

    assert (answer.lines, answer.earlier) == ((), ())
    assert names(answer.others) == ["Benchmark", "Check"]


def test_subject_without_a_test_in_the_term_leaves_those_of_before(family: Family, ask: Answered) -> None:
    family(took(small_roster(), "2026-05-12", "State Test", "Reading"), "NS1")

    answer: TestResults = ask(about(course="reading"))

    assert answer.lines == ()
    assert names(answer.earlier) == ["State Test"]


def test_no_tests_at_all_are_no_lines(family: Family, ask: Answered) -> None:
    family(took(small_roster(), "2026-10-01", "Benchmark", studentIdentifier="NS2"), "NS1")

    answer: TestResults = ask(about())

    assert (answer.lines, answer.others, answer.earlier) == ((), (), ())


def test_test_that_the_source_took_back_is_gone(family: Family, ask: Answered) -> None:
    family(three_tests(), "NS1")
    family(took(small_roster(), "2026-10-02", "Other"), conversation="another")

    assert names(ask(about()).lines) == ["Other"]


def test_unknown_term_is_refused(family: Family, refusal: Refusing) -> None:
    family(three_tests(), "NS1")

    assert refusal(about(term="winter")).reason is Reason.NO_SUCH_TERM
