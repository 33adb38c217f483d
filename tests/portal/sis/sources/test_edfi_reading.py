"""Read the people of an Ed-Fi set, and who belongs to whom."""

from pathlib import Path

import pytest

from portal.sis.source import (
    BulletinRecord,
    ContactRecord,
    CourseRecord,
    EnrollmentRecord,
    PortalAccessRecord,
    RelationshipRecord,
    StaffRecord,
    StudentRecord,
)
from tests.support.interchanges import (
    ALGEBRA,
    GIVEN_HOMEWORK,
    HOMEWORK,
    STUDENT,
    Read,
    absence,
    code,
    small_interchanges,
    to,
)

MIDDLE = to("School", SchoolId="200")
ALGEBRA_KEY = "ALG-1|ALG|100|Fall|2026-2027|100"


def test_valid_set_has_no_fault(read: Read) -> None:
    given = read(small_interchanges())

    assert given.errors == ()
    assert given.warnings == ()


def test_order_of_files_and_entities_does_not_matter(read: Read) -> None:
    turned = small_interchanges()
    turned.entities = {home: own[::-1] for home, own in reversed(turned.entities.items())}

    given = read(turned)

    assert given.errors == ()
    assert {type(record) for record in given.records} == {
        type(record) for record in read(small_interchanges()).records
    }


def test_zip_reads_as_the_folder_does(read: Read, tmp_path: Path) -> None:
    zipped = read(small_interchanges().zip(tmp_path / "set.zip"))

    assert zipped.records == read(small_interchanges()).records


def test_record_names_its_file_and_line(read: Read) -> None:
    (student,) = read(small_interchanges()).of(StudentRecord)

    assert (student.origin.file, student.origin.row) == ("Student.xml", 3)
    assert student.origin.column("id") == "StudentUniqueId"


def test_student_is_known_by_its_unique_id_at_its_school(read: Read) -> None:
    made = small_interchanges().change(
        "Student", Name={"FirstName": "Maya", "MiddleName": "Ana", "LastSurname": "Lo\u0301pez"}
    )

    (student,) = read(made).of(StudentRecord)

    assert (student.id, student.identifier) == ("101", "101")
    assert (student.given_name, student.middle_name, student.family_name) == ("Maya", "Ana", "López")
    assert (student.grade, student.schools, student.enabled) == ("09", ("100",), True)


@pytest.mark.parametrize(
    ("dates", "schools", "grade"),
    [
        ({"ExitWithdrawDate": "2027-01-15"}, ("200",), "10"),
        ({}, ("200", "100"), "10"),
    ],
)
def test_school_that_was_left_is_no_longer_a_students(
    read: Read, dates: dict[str, str], schools: tuple[str, ...], grade: str
) -> None:
    made = small_interchanges().change("StudentSchoolAssociation", **dates)
    made.add("School", SchoolId="200", NameOfInstitution="Mill Pond Middle")
    level = code("GradeLevel", "Tenth grade")
    made.add("StudentSchoolAssociation", EntryDate="2027-01-19", EntryGradeLevel=level, **STUDENT, **MIDDLE)

    (student,) = read(made).of(StudentRecord)

    assert (student.schools, student.grade) == (schools, grade)


def test_student_who_left_keeps_the_last_school(read: Read) -> None:
    made = small_interchanges().change("StudentSchoolAssociation", ExitWithdrawDate="2026-10-01")

    (student,) = read(made).of(StudentRecord)

    assert student.schools == ("100",)


def test_set_without_enrollments_takes_school_and_class_from_what_happened(read: Read) -> None:
    made = small_interchanges()
    del made.entities["StudentEnrollment"]
    made.add("StudentSectionAttendanceEvent", **absence("2026-09-09"), **ALGEBRA)

    given = read(made)

    assert [student.schools for student in given.of(StudentRecord)] == [("100",)]
    enrolled = [each for each in given.of(EnrollmentRecord) if each.role == "student"]
    assert [(each.person, each.section, each.begin) for each in enrolled] == [("101", ALGEBRA_KEY, None)]
    assert ["StudentSectionAssociation" in each.text for each in given.warnings] == [True, False]


def test_set_without_enrollments_takes_them_from_gradebook_and_days_too(read: Read) -> None:
    made = small_interchanges()
    del made.entities["StudentEnrollment"]
    made.add("School", SchoolId="200", NameOfInstitution="Mill Pond Middle")
    made.add("StudentSchoolAttendanceEvent", **absence("2026-09-09"), **MIDDLE)
    made.add("GradebookEntry", **GIVEN_HOMEWORK).add("StudentGradebookEntry", **STUDENT, **HOMEWORK)

    given = read(made)

    assert [student.schools for student in given.of(StudentRecord)] == [("200", "100")]
    enrolled = [each for each in given.of(EnrollmentRecord) if each.role == "student"]
    assert [(each.person, each.section) for each in enrolled] == [("101", ALGEBRA_KEY)]


def test_class_that_is_not_there_puts_nobody_anywhere(read: Read) -> None:
    made = small_interchanges()
    del made.entities["StudentEnrollment"]
    made.add("StudentGradebookEntry", **STUDENT, **HOMEWORK)

    given = read(made)

    columns = {problem.column for problem in given.errors}
    assert columns >= {"StudentUniqueId", "GradebookEntryReference"}
    assert {each.role for each in given.of(EnrollmentRecord)} == {"teacher"}


def test_relationship_carries_its_flags(read: Read) -> None:
    made = small_interchanges().change("StudentContactAssociation", LegalGuardian="1")

    (link,) = read(made).of(RelationshipRecord)

    assert (link.contact, link.student, link.relation) == ("901", "101", "Mother")
    assert (link.primary_contact, link.lives_with) == (True, True)
    assert (link.emergency_contact, link.legal_guardian) == (False, True)


def test_flag_that_is_not_said_stays_open(read: Read) -> None:
    made = small_interchanges().change("StudentContactAssociation", LivesWith=None, Relation=None)

    (link,) = read(made).of(RelationshipRecord)

    assert (link.lives_with, link.legal_guardian, link.relation) == (None, None, "")


def test_reference_by_id_means_the_same_as_by_identity(read: Read) -> None:
    made = small_interchanges().change("Contact", **{"@id": "C1"})
    made.change("StudentContactAssociation", ContactReference={"@ref": "C1"})
    made.change("School", **{"@id": "S1"}).change("Course", EducationOrganizationReference={"@ref": "S1"})

    given = read(made)

    assert given.errors == ()
    assert [link.contact for link in given.of(RelationshipRecord)] == ["901"]
    assert [course.school for course in given.of(CourseRecord)] == ["100"]


def test_student_contact_and_staff_of_one_number_are_three_people(read: Read) -> None:
    made = small_interchanges().change("Contact", ContactUniqueId="101").change("Staff", StaffUniqueId="101")
    made.change("StudentContactAssociation", **to("Contact", ContactUniqueId="101"))
    made.change("StaffSectionAssociation", **to("Staff", StaffUniqueId="101"))

    given = read(made)

    assert given.errors == ()
    people = given.of(StudentRecord) + given.of(ContactRecord) + given.of(StaffRecord)
    assert [person.identifier for person in people] == ["101", "101", "101"]
    assert len({person.id for person in people}) == 3


def test_contact_is_reached_by_the_first_number_that_is_no_fax(read: Read) -> None:
    numbers = [
        {"TelephoneNumber": "1", "TelephoneNumberType": code("TelephoneNumberType", "Fax")},
        {"TelephoneNumber": "2", "TelephoneNumberType": code("TelephoneNumberType", "Mobile")},
        {
            "TelephoneNumber": "+1 (508) 555-0190",
            "TelephoneNumberType": code("TelephoneNumberType", "Home"),
            "OrderOfPriority": "1",
        },
    ]
    mails = [
        {"ElectronicMailAddress": "w@x.example", "ElectronicMailType": code("ElectronicMailType", "Work")},
        {
            "ElectronicMailAddress": "h@x.example",
            "ElectronicMailType": code("ElectronicMailType", "Home/Personal"),
        },
    ]

    (contact,) = read(small_interchanges().change("Contact", Telephone=numbers, ElectronicMail=mails)).of(
        ContactRecord
    )

    assert (contact.phone, contact.sms, contact.email) == ("+1 (508) 555-0190", "2", "h@x.example")


def test_contact_with_nothing_on_file_is_read(read: Read) -> None:
    (contact,) = read(small_interchanges()).of(ContactRecord)

    assert (contact.phone, contact.sms, contact.email) == ("", "", "")


def test_side_files_say_what_ed_fi_has_no_place_for(read: Read) -> None:
    access = "parentIdentifier,studentIdentifier,portalAccess,receivesEmail\n901,101,false,false\n"
    bulletins = "schoolId,date,title,text\n100,2026-10-14,Book fair,All week.\n"
    made = small_interchanges().file("x_portal_access.csv", access).file("x_bulletins.csv", bulletins)

    given = read(made)

    assert given.errors == ()
    assert [each.allowed for each in given.of(PortalAccessRecord)] == [False]
    assert [each.title for each in given.of(BulletinRecord)] == ["Book fair"]


def test_side_file_with_a_fault_is_refused(read: Read) -> None:
    access = "parentIdentifier,studentIdentifier,portalAccess,receivesEmail\n,101,false,false\n"

    given = read(small_interchanges().file("x_portal_access.csv", access))

    assert [(problem.file, problem.row, problem.column) for problem in given.errors] == [
        ("x_portal_access.csv", 2, "parentIdentifier")
    ]


def test_what_is_not_read_is_passed_over(read: Read) -> None:
    made = small_interchanges()
    more = (
        '<ext:Own xmlns:ext="urn:own"><ext:StudentUniqueId>7</ext:StudentUniqueId></ext:Own>'
        "<!-- <Student/> --><?note x?><StudentTransportation/>"
    )
    content = made.files()["StudentEnrollment.xml"].decode().replace("</Interchange", f"{more}</Interchange")

    given = read(made.file("StudentEnrollment.xml", content))

    assert given.errors == ()
    assert given.records == read(small_interchanges()).records
