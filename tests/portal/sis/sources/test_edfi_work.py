"""Read what students of an Ed-Fi set did: assignments and scores, grades, attendance, tests."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.sis.source import (
    AssignmentRecord,
    AttendanceRecord,
    CategoryRecord,
    ScoreRecord,
    TermGradeRecord,
    TermRecord,
    TestResultRecord,
)
from tests.support.interchanges import (
    ALGEBRA,
    GIVEN_HOMEWORK,
    HIGH_SCHOOL,
    HOMEWORK,
    STUDENT,
    Interchanges,
    Read,
    absence,
    code,
    small_interchanges,
    to,
)

ALGEBRA_KEY = "ALG-1|ALG|100|Fall|2026-2027|100"
QUARTER = to("GradingPeriod", GradingPeriodName="Quarter 1", SchoolYear="2026-2027", **HIGH_SCHOOL)
ENROLLED = to("StudentSectionAssociation", BeginDate="2026-08-31", **STUDENT, **ALGEBRA)


def scored(entry: dict[str, Any] | None = None, **score: str) -> Interchanges:
    made = small_interchanges().add("GradebookEntry", **GIVEN_HOMEWORK | (entry or {}))
    return made.add("StudentGradebookEntry", **score, **STUDENT, **HOMEWORK)


def assessed(*results: tuple[str, str], **content: Any) -> Interchanges:
    scores = [
        {"Result": result, "AssessmentReportingMethod": code("AssessmentReportingMethod", method)}
        for method, result in results
    ]
    test = to("Assessment", AssessmentIdentifier="SAT Mathematics", Namespace="urn:x")
    given = {"StudentAssessmentIdentifier": "T1", "AdministrationDate": "2026-05-01T16:00:00"} | content
    return small_interchanges().add("StudentAssessment", ScoreResult=scores, **given, **test, **STUDENT)


def graded(kind: str, **content: Any) -> Interchanges:
    made = small_interchanges().add(
        "GradingPeriod",
        GradingPeriodName="Quarter 1",
        SchoolYear="2026-2027",
        BeginDate="2026-08-31",
        EndDate="2026-11-06",
        **HIGH_SCHOOL,
    )
    made.change("Session", **QUARTER)
    grade = {"GradeType": code("GradeType", kind)} | content
    return made.add("Grade", **grade, **ENROLLED, **QUARTER)


def test_assignment_is_of_its_class_and_its_session(read: Read) -> None:
    category = {"GradebookEntryType": code("GradebookEntryType", "Homework"), "MaxPoints": "20"}
    made = scored(category | {"DueDate": "2026-09-14"})
    made.add("GradebookEntry", **GIVEN_HOMEWORK | category | {"GradebookEntryIdentifier": "HW2"})

    given = read(made)

    assert given.errors == ()
    first, second = given.of(AssignmentRecord)
    assert (first.title, first.section, first.term) == ("Problem set", ALGEBRA_KEY, "Fall|2026-2027|100")
    assert (first.assigned, first.due, second.due) == (date(2026, 9, 9), date(2026, 9, 14), None)
    assert (first.maximum, first.category, second.category) == (Decimal(20), "Homework", "Homework")
    assert [each.title for each in given.of(CategoryRecord)] == ["Homework"]


@pytest.mark.parametrize(
    ("entry", "said", "score", "comment"),
    [
        ({}, {"NumericGradeEarned": "74.00"}, Decimal("74.00"), ""),
        ({"MaxPoints": "20"}, {"PointsEarned": "18", "NumericGradeEarned": "90"}, Decimal(18), ""),
        ({"MaxPoints": "20"}, {"NumericGradeEarned": "90"}, None, "90"),
        ({}, {"LetterGradeEarned": "B+", "DiagnosticStatement": "Well done"}, None, "B+; Well done"),
        ({}, {"DiagnosticStatement": "Well done", "NumericGradeEarned": "9"}, Decimal(9), "Well done"),
    ],
)
def test_score_is_told_as_it_was_earned(
    read: Read, entry: dict[str, str], said: dict[str, str], score: Decimal | None, comment: str
) -> None:
    (record,) = read(scored(entry, **said)).of(ScoreRecord)

    assert (record.score, record.comment) == (score, comment)
    assert (record.student, record.assignment) == ("101", "HW1|urn:gradebook")


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        ("Graded", {}, "fully graded"),
        ("Exempt", {}, "exempt"),
        ("Not Submitted", {}, "not submitted"),
        ("Submitted", {}, "submitted"),
        ("Returned", {}, "partially graded"),
        (None, {"NumericGradeEarned": "9"}, "fully graded"),
        (None, {}, "partially graded"),
    ],
)
def test_submission_has_its_state(
    read: Read, status: str | None, said: dict[str, str], expected: str
) -> None:
    own = {"SubmissionStatus": code("SubmissionStatus", status)} if status else {}

    (record,) = read(scored(**own, **said)).of(ScoreRecord)

    assert record.status == expected


def test_late_work_is_marked(read: Read) -> None:
    late, on_time = (code("AssignmentLateStatus", each) for each in ("Late", "Not Late"))

    marked = read(scored(AssignmentLateStatus=late, DiagnosticStatement="two days", PointsEarned="9"))
    plain = read(scored(AssignmentLateStatus=on_time, PointsEarned="9"))

    assert [each.comment for each in marked.of(ScoreRecord)] == ["Late: two days"]
    assert [each.comment for each in plain.of(ScoreRecord)] == [""]


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("Excused Absence", "Excused Absence"),
        ("Unexcused Absence", "Unexcused Absence"),
        ("Tardy", "Tardy"),
        ("Partial", "Partial"),
        ("Early departure", "Partial"),
    ],
)
def test_exception_of_a_day_is_read(read: Read, category: str, expected: str) -> None:
    event = absence("2026-09-09", category, ArrivalTime="10:30:00")
    event["AttendanceEvent"]["AttendanceEventReason"] = "Bus"

    (record,) = read(small_interchanges().add("StudentSchoolAttendanceEvent", **event, **HIGH_SCHOOL)).of(
        AttendanceRecord
    )

    assert (record.student, record.school, record.day) == ("101", "100", date(2026, 9, 9))
    assert (record.category, record.reason, record.section) == (expected, "Bus", "")
    assert record.arrival == "10:30"


def test_exception_of_a_class_names_it(read: Read) -> None:
    made = small_interchanges().add("StudentSectionAttendanceEvent", **absence("2026-09-09"), **ALGEBRA)

    (record,) = read(made).of(AttendanceRecord)

    assert (record.school, record.section) == ("100", ALGEBRA_KEY)


def test_presence_is_implied(read: Read) -> None:
    made = small_interchanges().add(
        "StudentSchoolAttendanceEvent", **absence("2026-09-09", "In Attendance"), **HIGH_SCHOOL
    )

    given = read(made)

    assert given.errors == ()
    assert given.of(AttendanceRecord) == []


def test_each_result_of_a_test_is_named_with_how_it_was_reckoned(read: Read) -> None:
    level = {
        "PerformanceLevel": code("PerformanceLevel", "Met Standard"),
        "AssessmentReportingMethod": code("AssessmentReportingMethod", "Raw score"),
    }
    made = assessed(("Raw score", "360"), ("State Percentile", "9"), PerformanceLevel=[level])

    results = read(made).of(TestResultRecord)

    assert [(each.test, each.score, each.level) for each in results] == [
        ("SAT Mathematics (Raw score)", Decimal(360), "Met Standard"),
        ("SAT Mathematics (State Percentile)", None, "9"),
    ]
    assert {each.day for each in results} == {date(2026, 5, 1)}


def test_result_that_is_no_number_is_told_as_it_is(read: Read) -> None:
    (result,) = read(assessed(("Letter score", "B+"))).of(TestResultRecord)

    assert (result.score, result.level) == (None, "B+")


def test_level_without_a_result_is_told(read: Read) -> None:
    level = {
        "PerformanceLevel": code("PerformanceLevel", "Proficient"),
        "AssessmentReportingMethod": code("AssessmentReportingMethod", "Achievement level"),
    }

    (result,) = read(assessed(PerformanceLevel=level)).of(TestResultRecord)

    assert (result.test, result.level) == ("SAT Mathematics (Achievement level)", "Proficient")


@pytest.mark.parametrize(
    ("kind", "term", "final"),
    [
        ("Grading Period", "Quarter 1|2026-2027|100", False),
        ("Semester", "Fall|2026-2027|100", True),
        ("Final", "year 2026-2027", True),
    ],
)
def test_grade_is_of_the_term_that_its_type_says(read: Read, kind: str, term: str, *, final: bool) -> None:
    given = read(graded(kind, LetterGradeEarned="B+", NumericGradeEarned="88.5", DiagnosticStatement="Good"))

    assert given.errors == ()
    (grade,) = given.of(TermGradeRecord)
    assert (grade.student, grade.section, grade.term) == ("101", ALGEBRA_KEY, term)
    assert (grade.letter, grade.percent, grade.final) == ("B+, 88.5", None, final)
    assert grade.comment == "Good"


def test_grade_of_a_closed_period_is_final_where_the_school_says_so(read: Read) -> None:
    (grade,) = read(graded("Grading Period", CurrentGradeIndicator="false")).of(TermGradeRecord)

    assert grade.final


def test_grade_on_the_way_is_of_no_term(read: Read) -> None:
    given = read(graded("Progress Report", LetterGradeEarned="B"))

    assert given.errors == ()
    assert given.of(TermGradeRecord) == []


def test_grading_period_lies_in_its_session(read: Read) -> None:
    terms = {term.title: term for term in read(graded("Semester")).of(TermRecord)}

    assert (terms["Quarter 1"].type, terms["Quarter 1"].parent) == ("gradingPeriod", "Fall|2026-2027|100")


def test_grading_period_without_grades_is_no_term(read: Read) -> None:
    assert "Quarter 1" not in {term.title for term in read(graded("Semester").drop("Grade")).of(TermRecord)}


@pytest.mark.parametrize(
    ("broken", "column"),
    [
        (
            graded("Semester").change("Grade", StudentSectionAssociationReference={"@ref": "X"}),
            "StudentSectionAssociationReference",
        ),
        (
            graded("Grading Period").change(
                "Grade", **to("GradingPeriod", GradingPeriodName="Q9", SchoolYear="2026-2027", **HIGH_SCHOOL)
            ),
            "GradingPeriodReference",
        ),
        (graded("Semester").change("GradingPeriod", EndDate="2026-08-01"), "EndDate"),
        (graded("Semester").change("Grade", GradeType=None), "GradeType"),
    ],
)
def test_wrong_grade_is_named(read: Read, broken: Interchanges, column: str) -> None:
    assert [problem.column for problem in read(broken).errors] == [column]
