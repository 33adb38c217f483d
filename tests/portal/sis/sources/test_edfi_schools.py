"""Read the schools of an Ed-Fi set, their terms, classes and calendars."""

from datetime import date

import pytest

from portal.sis.source import (
    EnrollmentRecord,
    EventRecord,
    MeetingRecord,
    SchoolDetailsRecord,
    SchoolRecord,
    SectionRecord,
    StaffRecord,
    TermRecord,
)
from tests.support.interchanges import (
    ALGEBRA,
    HIGH_SCHOOL,
    SECOND_PERIOD,
    Read,
    code,
    small_interchanges,
    to,
)

MIDDLE = to("School", SchoolId="200")
ALGEBRA_KEY = "ALG-1|ALG|100|Fall|2026-2027|100"


def test_school_has_its_physical_address_and_its_numbers(read: Read) -> None:
    addresses = [
        {"StreetNumberName": "P.O. Box 1", "AddressType": code("AddressType", "Mailing")},
        {
            "StreetNumberName": "90 Orchard Road",
            "ApartmentRoomSuiteNumber": "Wing B",
            "City": "Westborough",
            "PostalCode": "01581",
            "AddressType": code("AddressType", "Physical"),
        },
    ]
    numbers = [
        {
            "TelephoneNumber": number,
            "InstitutionTelephoneNumberType": code("InstitutionTelephoneNumberType", kind),
        }
        for number, kind in (("555-0190", "Main"), ("555-0195", "Fax"))
    ]

    given = read(small_interchanges().change("School", Address=addresses, InstitutionTelephone=numbers))

    (details,) = given.of(SchoolDetailsRecord)
    assert (details.address, details.city) == ("90 Orchard Road, Wing B", "Westborough")
    assert (details.postal_code, details.phone, details.fax) == ("01581", "555-0190", "555-0195")
    assert [(each.type, each.parent) for each in given.of(SchoolRecord)] == [
        ("district", ""),
        ("school", "1"),
    ]


def test_school_year_lasts_from_its_first_session_to_its_last(read: Read) -> None:
    spring = {"SessionName": "Spring", "SchoolYear": "2026-2027", "Term": code("Term", "Third Quarter")}
    made = small_interchanges().add(
        "Session", BeginDate="2027-01-04", EndDate="2027-06-11", **spring, **HIGH_SCHOOL
    )

    terms = {term.title: term for term in read(made).of(TermRecord)}

    year = terms["2026-2027"]
    assert (year.type, year.start, year.end) == ("schoolYear", date(2026, 8, 31), date(2027, 6, 11))
    assert {terms["Fall"].parent, terms["Spring"].parent} == {year.id}
    assert [terms[title].type for title in ("Fall", "Spring")] == ["semester", "term"]
    assert {term.school_year for term in terms.values()} == {"2027"}


def test_class_is_that_of_its_course_term_and_period(read: Read) -> None:
    room = {"LocationIdentity": {"ClassroomIdentificationCode": "12", **HIGH_SCHOOL}}

    (section,) = read(small_interchanges().change("Section", LocationReference=room)).of(SectionRecord)

    assert (section.id, section.code, section.title) == (ALGEBRA_KEY, "ALG", "ALG")
    assert (section.course, section.school) == ("ALG|100", "100")
    assert (section.terms, section.periods) == (("Fall|2026-2027|100",), ("02 - Second",))
    assert section.location == "12"


@pytest.mark.parametrize(
    ("section", "offering", "title"),
    [
        ({"SectionName": "Algebra 1"}, {"LocalCourseTitle": "Alg"}, "Algebra 1"),
        ({}, {"LocalCourseTitle": "Alg"}, "Alg"),
    ],
)
def test_class_is_called_as_near_as_it_is_named(
    read: Read, section: dict[str, str], offering: dict[str, str], title: str
) -> None:
    made = small_interchanges().change("Section", **section).change("CourseOffering", **offering)

    assert [each.title for each in read(made).of(SectionRecord)] == [title]


def test_bell_schedule_of_every_day_says_when_a_class_meets(read: Read) -> None:
    made = small_interchanges().add("BellSchedule", BellScheduleName="Normal", **HIGH_SCHOOL, **SECOND_PERIOD)

    meetings = read(made).of(MeetingRecord)

    assert [each.weekday for each in meetings] == [1, 2, 3, 4, 5]
    assert {(each.start, each.end, each.period) for each in meetings} == {("09:30", "10:20", "02 - Second")}


@pytest.mark.parametrize("some_days", [{"AlternateDayName": "Red"}, {"Date": "2026-09-09"}])
def test_bell_schedule_of_some_days_says_no_weekday(read: Read, some_days: dict[str, str]) -> None:
    made = small_interchanges().add(
        "BellSchedule", BellScheduleName="B", **some_days, **HIGH_SCHOOL, **SECOND_PERIOD
    )

    assert read(made).of(MeetingRecord) == []


def test_teacher_of_record_is_the_first_one(read: Read) -> None:
    made = small_interchanges().add(
        "Staff", StaffUniqueId="802", Name={"FirstName": "Ed", "LastSurname": "Fox"}
    )
    helper = code("ClassroomPosition", "Assistant Teacher")
    made.add(
        "StaffSectionAssociation", ClassroomPosition=helper, **to("Staff", StaffUniqueId="802"), **ALGEBRA
    )
    made.add("Staff", StaffUniqueId="803", Name={"FirstName": "Jo", "LastSurname": "Dee"})

    given = read(made)

    taught = [each for each in given.of(EnrollmentRecord) if each.role == "teacher"]
    assert [(each.person, each.is_primary) for each in taught] == [("staff 801", True), ("staff 802", False)]
    assert [each.role for each in given.of(StaffRecord)] == ["teacher", "teacher", "staff"]


def test_only_a_schools_own_calendar_is_told(read: Read) -> None:
    made = small_interchanges()
    for number, kind in (("C1", "School"), ("C2", "Student Specific"), ("C3", "Staff")):
        calendar = {"CalendarCode": number, "SchoolYear": "2026-2027", **HIGH_SCHOOL}
        made.add("Calendar", CalendarType=code("CalendarType", kind), **calendar)
        events = [code("CalendarEvent", "Holiday"), code("CalendarEvent", "Instructional day")]
        made.add("CalendarDate", Date="2026-11-26", CalendarEvent=events, **to("Calendar", **calendar))

    events = read(made).of(EventRecord)

    assert [(each.school, each.day, each.title) for each in events] == [
        ("100", date(2026, 11, 26), "Holiday")
    ]
