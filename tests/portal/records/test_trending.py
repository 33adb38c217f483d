"""Answer how grades went from term to term: only percents that the school entered, each of them once."""

from datetime import date
from decimal import Decimal

import pytest

from portal.core.outcomes import Reason
from portal.records.answers import Question
from portal.records.charted import GradeTrend
from portal.records.school_work import GradesHistory
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster

Told = list[tuple[str, list[tuple[str, Decimal, bool]]]]


def about(**question: object) -> object:
    return lambda records: records.grade_trend("conversation", Question(**question))


def told(answer: GradeTrend) -> Told:
    return [
        (each.course, [(point.term.title, point.percent, point.final) for point in each.points])
        for each in answer.courses
    ]


def graded() -> Roster:
    """Give Maya percents in algebra in two terms, and in biology in one."""
    roster = small_roster().grade("NS1", "ALG", "A", percent="91.25").grade("NS1", "BIO", "B", percent="83")
    return roster.grade("NS1", "ALG", "C", percent="74.5", termSourcedId="SPRING-26", final="true")


def test_each_course_has_its_percents_the_oldest_first(family: Family, ask: Answered) -> None:
    family(graded(), "NS1")

    answer: GradeTrend = ask(about())

    assert answer.student == "Maya"
    assert told(answer) == [
        ("Algebra I", [("Spring 2026", Decimal("74.5"), True), ("Fall Semester", Decimal("91.25"), False)]),
        ("Biology", [("Fall Semester", Decimal("83"), False)]),
    ]
    assert answer.changes


def test_a_term_without_a_percent_has_no_point(family: Family, ask: Answered) -> None:
    family(graded().grade("NS1", "BIO", "A", termSourcedId="SPRING-26"), "NS1")

    answer: GradeTrend = ask(about(course="biology"))

    assert told(answer) == [("Biology", [("Fall Semester", Decimal("83"), False)])]
    assert (answer.course, answer.changes, answer.has_letters) == ("Biology", False, True)


def test_letters_alone_are_no_trend(family: Family, ask: Answered) -> None:
    roster = small_roster().grade("NS1", "ALG", "A")
    family(roster.grade("NS1", "ALG", "C", termSourcedId="SPRING-26"), "NS1")

    answer: GradeTrend = ask(about())

    assert (answer.courses, answer.has_letters, answer.changes) == ((), True, False)


def test_a_year_is_left_out_where_its_terms_are_graded(family: Family, ask: Answered) -> None:
    roster = graded().change("classes", 2, termSourcedIds="FALL,SPRING,SPRING-26,SY")
    family(roster.grade("NS1", "ALG", "B", percent="85", termSourcedId="SY"), "NS1")

    answer: GradeTrend = ask(about(course="algebra"))

    assert [title for title, _, _ in told(answer)[0][1]] == ["Spring 2026", "Fall Semester"]


def test_a_year_counts_for_a_course_that_is_graded_by_the_year(family: Family, ask: Answered) -> None:
    roster = graded().drop("x_term_grades", classSourcedId="BIO")
    roster.change("classes", 3, termSourcedIds="FALL,SPRING,SY")
    family(roster.grade("NS1", "BIO", "B", percent="85", termSourcedId="SY"), "NS1")

    answer: GradeTrend = ask(about(course="biology"))

    assert told(answer) == [("Biology", [("2026-2027", Decimal("85"), False)])]


def test_two_classes_of_one_course_in_one_term_are_told_apart(family: Family, ask: Answered) -> None:
    roster = graded().school_class("ALG2", "C-ALG", "FALL", periods="6").enroll("S1", "ALG2")
    roster.rows["classes"][-1]["courseSourcedId"] = roster.rows["classes"][0]["courseSourcedId"]
    family(roster.grade("NS1", "ALG2", "F", percent="50"), "NS1")

    answer: GradeTrend = ask(about(course="algebra"))

    assert [(each.period, len(each.points)) for each in answer.courses] == [("2", 2), ("6", 1)]


def test_a_range_of_days_keeps_the_terms_around_it(family: Family, ask: Answered) -> None:
    family(graded(), "NS1")

    answer: GradeTrend = ask(about(course="algebra", since=date(2026, 9, 1), until=date(2026, 9, 30)))

    assert [title for title, _, _ in told(answer)[0][1]] == ["Fall Semester"]


def test_a_course_that_is_none_is_refused_with_those_that_are(family: Family, refusal: Refusing) -> None:
    family(graded(), "NS1")

    refused = refusal(about(course="underwater basket weaving"))

    assert refused.reason is Reason.NO_SUCH_COURSE
    assert refused.choices == ("Algebra I", "Biology")


def test_another_familys_child_is_refused_whether_there_is_one_or_not(
    family: Family, refusal: Refusing
) -> None:
    family(graded(), "NS1")

    there, nobody = refusal(about(student="Diego")), refusal(about(student="Xaver"))

    assert there.reason is nobody.reason is Reason.NOT_YOUR_STUDENT
    assert there.choices == nobody.choices == ("Maya",)


def test_another_district_has_nothing_to_draw(family: Family, ask: Answered) -> None:
    family(graded(), "NS1")
    family(small_roster(), "NS1", district="boston", conversation="elsewhere")

    answer = ask(lambda records: records.grade_trend("elsewhere", Question()))

    assert answer == GradeTrend("Maya", ())


@pytest.mark.parametrize(
    ("question", "has_trend"), [({}, True), ({"course": "algebra"}, True), ({"course": "biology"}, False)]
)
def test_grades_say_whether_there_is_a_trend(
    family: Family, ask: Answered, question: dict[str, str], *, has_trend: bool
) -> None:
    family(graded(), "NS1")

    now = ask(lambda records: records.grades("conversation", Question(**question)))
    before: GradesHistory = ask(lambda records: records.grades_history("conversation", Question(**question)))

    assert (now.has_trend, before.has_trend) == (has_trend, has_trend)
