"""Every Ed-Fi set here is wrong: it must be refused, and the fault named."""

from typing import Any

import pytest

from tests.support.interchanges import (
    ALGEBRA_OFFERED,
    FALL,
    GIVEN_HOMEWORK,
    HIGH_SCHOOL,
    HOMEWORK,
    STUDENT,
    Given,
    Interchanges,
    Read,
    absence,
    code,
    to,
)
from tests.support.interchanges import small_interchanges as small

NOBODY = to("Student", StudentUniqueId="999")
ELSEWHERE = to("School", SchoolId="999")
CHEMISTRY = to("Section", SectionIdentifier="CHEM-1", **ALGEBRA_OFFERED)
CHEM_KEY = "CHEM-1|ALG|100|Fall|2026-2027|100"
NOT_OFFERED = to("CourseOffering", LocalCourseCode="NO", **HIGH_SCHOOL, **FALL)
CALENDAR = to("Calendar", CalendarCode="C", SchoolYear="2026-2027", **HIGH_SCHOOL)
DAY_ABSENT = absence("2026-09-09")
DAY_EVENT = "StudentSchoolAttendanceEvent"
CLASS_EVENT = "StudentSectionAttendanceEvent"
RELATED = "StudentContactAssociation"
AT_SCHOOL = "StudentSchoolAssociation"
IN_CLASS = "StudentSectionAssociation"
SCORE = "StudentGradebookEntry"


def named(first: str) -> dict[str, str]:
    return {"FirstName": first, "LastSurname": "López"}


def only(given: Given) -> tuple[str, int, str, str]:
    """Return where the only fault stands."""
    assert len(given.errors) == 1, given.errors
    problem = given.errors[0]
    return problem.file, problem.row, problem.column, problem.value


@pytest.mark.parametrize(
    ("broken", "name", "column", "value"),
    [
        (
            small().add(DAY_EVENT, **DAY_ABSENT | NOBODY, **HIGH_SCHOOL),
            DAY_EVENT,
            "StudentReference",
            "999",
        ),
        (
            small().add(DAY_EVENT, **DAY_ABSENT, **ELSEWHERE),
            DAY_EVENT,
            "SchoolReference",
            "999",
        ),
        (
            small().add(CLASS_EVENT, **DAY_ABSENT, **CHEMISTRY),
            CLASS_EVENT,
            "SectionReference",
            CHEM_KEY,
        ),
        (
            small().add(RELATED, **STUDENT, **to("Contact", ContactUniqueId="999")),
            RELATED,
            "ContactReference",
            "999",
        ),
        (
            small().add(RELATED, **STUDENT, ContactReference={"@ref": "C9"}),
            RELATED,
            "ContactReference",
            "C9",
        ),
        (
            small().add("Section", SectionIdentifier="X", **NOT_OFFERED),
            "Section",
            "CourseOfferingReference",
            "NO|100|Fall|2026-2027|100",
        ),
        (
            small().change("Section", **to("ClassPeriod", ClassPeriodName="9", **HIGH_SCHOOL)),
            "Section",
            "ClassPeriodReference",
            "9|100",
        ),
        (
            small().add("GradebookEntry", **GIVEN_HOMEWORK | CHEMISTRY),
            "GradebookEntry",
            "SectionReference",
            CHEM_KEY,
        ),
        (
            small().add(SCORE, **STUDENT, **HOMEWORK),
            SCORE,
            "GradebookEntryReference",
            "HW1|urn:gradebook",
        ),
        (
            small().change("School", **to("LocalEducationAgency", LocalEducationAgencyId="9")),
            "School",
            "LocalEducationAgencyReference",
            "9",
        ),
        (
            small().add("CalendarDate", Date="2026-11-26", **CALENDAR),
            "CalendarDate",
            "CalendarReference",
            "C|2026-2027|100",
        ),
    ],
)
def test_dangling_reference_is_named(
    read: Read, broken: Interchanges, name: str, column: str, value: str
) -> None:
    given = read(broken)

    file, row, found, said = only(given)
    assert (row, found, said) == (broken.line(name), column, value)
    assert file in broken.files()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Student", "row 3 is the same one already"),
        ("Contact", "row 3 is the same one already"),
        (RELATED, "row 4 is about the same two already"),
        ("Section", "row 4 is the same one already"),
        ("ClassPeriod", "row 6 is the same ClassPeriod already"),
        (IN_CLASS, "row 4 is the same one already"),
        (AT_SCHOOL, "row 3 is the same StudentSchoolAssociation already"),
        ("Session", "row 3 is the same one already"),
        ("Course", "row 5 is the same one already"),
    ],
)
def test_duplicate_is_named(read: Read, name: str, text: str) -> None:
    broken = small()
    again = next(own for file in broken.entities.values() for each, own in file if each == name)

    given = read(broken.add(name, **again))

    assert [(problem.row, problem.text) for problem in given.errors] == [(broken.line(name), text)]


def test_second_test_of_one_identifier_is_named(read: Read) -> None:
    test: dict[str, Any] = {
        "StudentAssessmentIdentifier": "T1",
        "AdministrationDate": "2026-09-09",
        **to("Assessment", AssessmentIdentifier="ACT", Namespace="urn:x"),
        **STUDENT,
    }

    given = read(small().add("StudentAssessment", **test).add("StudentAssessment", **test))

    assert only(given) == ("StudentAssessment.xml", 4, "", "T1|ACT|urn:x|101")


def test_two_elements_of_one_id_are_named(read: Read) -> None:
    made = small().change("Contact", **{"@id": "C1"})
    made.add("Contact", ContactUniqueId="902", Name=named("A"), **{"@id": "C1"})

    assert only(read(made)) == ("Contact.xml", 5, "id", "C1")


def test_offering_said_twice_alike_is_a_warning_and_otherwise_an_error(read: Read) -> None:
    again = dict(small().entities["MasterSchedule"][0][1])
    alike = read(small().add("CourseOffering", **again))
    other = read(small().add("CourseOffering", **again | {"LocalCourseTitle": "Algebra"}))

    assert alike.errors == ()
    assert [problem.text for problem in alike.warnings] == ["row 3 says the same CourseOffering already"]
    assert [problem.text for problem in other.errors] == ["row 3 is the same CourseOffering already"]


def test_reference_to_another_kind_is_named(read: Read) -> None:
    made = small().change("Contact", **{"@id": "C1"}).change(RELATED, StudentReference={"@ref": "C1"})

    given = read(made)

    assert only(given) == ("Contact.xml", 4, "StudentReference", "C1")
    assert given.errors[0].text == "this is the id of a Contact, not of a Student"


@pytest.mark.parametrize(
    ("broken", "column", "text"),
    [
        (small().change(RELATED, StudentReference=None), "StudentReference", "must be there"),
        (small().change(RELATED, StudentReference={}), "StudentReference", "StudentIdentity"),
        (small().change(RELATED, LivesWith="maybe"), "LivesWith", "true or false"),
        (small().change(RELATED, Relation="Mother"), "Relation", "after the #"),
        (small().change("Student", StudentUniqueId=""), "StudentUniqueId", "1 to 255"),
        (small().change("Student", Name=named("")), "Name/FirstName", "not be empty"),
        (small().change("Student", Name=named("=cmd()")), "Name/FirstName", "formula"),
        (small().change("Student", Name=named("M" * 256)), "Name/FirstName", "longer than 255"),
        (small().change(AT_SCHOOL, EntryDate="soon"), "EntryDate", "not a date"),
        (small().change(AT_SCHOOL, EntryDate="2026-02-30"), "EntryDate", "not a date"),
        (small().change(AT_SCHOOL, EntryDate=None), "EntryDate", "1 to 255"),
        (small().change(IN_CLASS, EndDate="2026-08-01"), "EndDate", "ends before it begins"),
        (small().change("Session", EndDate="2026-08-01"), "EndDate", "ends before it begins"),
        (small().change("Session", Term=None), "Term", "must be there"),
        (
            small().add(DAY_EVENT, **absence("2026-09-09", "Asleep"), **HIGH_SCHOOL),
            "AttendanceEvent/AttendanceEventCategory",
            "must be one of: In Attendance, Excused Absence",
        ),
        (
            small().add(DAY_EVENT, **absence("2026-09-09", ArrivalTime="late"), **HIGH_SCHOOL),
            "ArrivalTime",
            "not a time",
        ),
    ],
)
def test_wrong_element_is_named(read: Read, broken: Interchanges, column: str, text: str) -> None:
    given = read(broken)

    own = [problem for problem in given.errors if problem.column == column]
    assert own, given.errors
    assert text in own[0].text
    assert own[0].row >= 3


@pytest.mark.parametrize("field", ["NumericGradeEarned", "PointsEarned"])
def test_score_that_is_no_number_is_named(read: Read, field: str) -> None:
    made = small().add("GradebookEntry", **GIVEN_HOMEWORK)

    given = read(made.add(SCORE, **{field: "ten"}, **STUDENT, **HOMEWORK))

    assert only(given) == ("StudentGradebook.xml", 4, field, "ten")


def test_fault_is_told_once(read: Read) -> None:
    made = small().change(RELATED, StudentReference={}).add("StudentAssessment", StudentReference={})
    made.change("Section", ClassPeriodReference={})

    problems = read(made).errors

    assert len(problems) == len(set(problems))


def test_unknown_submission_status_is_named(read: Read) -> None:
    made = small().add("GradebookEntry", **GIVEN_HOMEWORK)

    given = read(made.add(SCORE, SubmissionStatus=code("SubmissionStatus", "Eaten"), **STUDENT, **HOMEWORK))

    assert only(given) == ("StudentGradebook.xml", 4, "SubmissionStatus", "Eaten")


@pytest.mark.parametrize(
    "home", ["EducationOrganization", "EducationOrgCalendar", "MasterSchedule", "Student", "Contact"]
)
def test_set_that_forgets_an_interchange_is_refused(read: Read, home: str) -> None:
    made = small()
    del made.entities[home]

    given = read(made)

    assert given.records == ()
    assert f"the set has no file of Interchange{home};" in given.errors[0].text


def test_student_of_no_school_is_named(read: Read) -> None:
    given = read(small().add("Student", StudentUniqueId="102", Name=named("A")))

    assert only(given) == ("Student.xml", 4, "StudentUniqueId", "102")
    assert "add a StudentSchoolAssociation" in given.errors[0].text


def test_all_faults_of_a_file_are_told_at_once(read: Read) -> None:
    made = small().change(RELATED, LivesWith="maybe", PrimaryContactStatus="no")

    assert {problem.column for problem in read(made).errors} == {"LivesWith", "PrimaryContactStatus"}
