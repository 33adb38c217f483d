"""Read the schools of an Ed-Fi set, their terms, courses, classes and calendars."""

from collections.abc import Iterator
from datetime import date

from portal.sis.source import (
    CourseRecord,
    EventRecord,
    MeetingRecord,
    Origin,
    Record,
    SchoolDetailsRecord,
    SchoolRecord,
    SectionRecord,
    TermRecord,
)
from portal.sis.sources.edfi_element import Element
from portal.sis.sources.edfi_places import DAILY, school_of, year_id, year_of
from portal.sis.sources.edfi_set import EdFiSet

SCHOOL_DAYS = (1, 2, 3, 4, 5)
# A calendar of one student, of the staff or of one grade would be told to every family of the school.
SCHOOL_CALENDAR = "School"
# An ordinary day is no event, and "Other" tells a parent nothing.
NO_EVENTS = frozenset({"Instructional day", "Other"})


def agency(at: Element, _: EdFiSet) -> Iterator[Record]:
    """Yield the district."""
    id_ = at.key("LocalEducationAgencyId")
    name = at.text("NameOfInstitution", required=True)
    yield SchoolRecord(at.origin, id=id_, identifier=id_, name=name, type="district", parent="")


def school(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield a school, where it is and how it is reached."""
    id_ = at.key("SchoolId")
    yield SchoolRecord(
        at.origin,
        id=id_,
        identifier=id_,
        name=at.text("NameOfInstitution", required=True),
        type="school",
        parent=held.referred(at, "LocalEducationAgency", required=False),
    )
    address = _of_type(at, "Address", "AddressType", "Physical") or at.first("Address")
    yield SchoolDetailsRecord(
        at.origin,
        school=id_,
        address=_street(address),
        city=address.text("City") if address else "",
        postal_code=address.text("PostalCode") if address else "",
        phone=_telephone(at, "Main"),
        fax=_telephone(at, "Fax"),
        email="",
        hours="",
        map_url="",
    )


def years(held: EdFiSet) -> Iterator[Record]:
    """Yield the school years, which Ed-Fi only names: each lasts from its first session to its last."""
    spans: dict[str, tuple[Origin, date, date]] = {}
    for at in held.each("Session", {"school_year": "SchoolYear"}):
        year, begin, end = at.key("SchoolYear"), at.day("BeginDate"), at.day("EndDate")
        if begin and end:
            origin, first, last = spans.get(year, (at.origin, begin, end))
            spans[year] = (origin, min(first, begin), max(last, end))
    for year, (origin, first, last) in spans.items():
        yield TermRecord(origin, year_id(year), year, "schoolYear", first, last, "", year_of(year))


def session(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield a session of a school as a term."""
    start, end = at.sure_day("BeginDate"), at.sure_day("EndDate")
    if end < start:
        at.wrong("EndDate", "the session ends before it begins", at.raw("EndDate"))
    year = at.key("SchoolYear")
    yield TermRecord(
        at.origin,
        id=held.key("Session", at),
        title=at.text("SessionName", required=True),
        type="semester" if "semester" in at.code("Term", required=True).lower() else "term",
        start=start,
        end=end,
        parent=year_id(year),
        school_year=year_of(year),
    )


def course(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield a course."""
    yield CourseRecord(
        at.origin,
        id=held.key("Course", at),
        title=at.text("CourseTitle", required=True),
        code=at.key("CourseCode"),
        school=held.referred(at, "EducationOrganization"),
        school_year="",
        subjects=tuple(subject.code() for subject in at.each("AcademicSubject")),
    )


def section(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield a class and when it meets."""
    id_, offered = held.key("Section", at), held.referred(at, "CourseOffering")
    offering = held.find("CourseOffering", offered)
    if offering is None:
        at.wrong("CourseOfferingReference", "the set has no CourseOffering of this key", offered)
        return
    room = at.text("LocationReference/LocationIdentity/ClassroomIdentificationCode")
    code = offering.key("LocalCourseCode")
    periods = [(held.key_in(each, "ClassPeriod"), each) for each in at.each("ClassPeriodReference")]
    yield SectionRecord(
        at.origin,
        id=id_,
        title=at.text("SectionName") or offering.text("LocalCourseTitle") or code,
        code=code,
        location=room,
        course=held.referred(offering, "Course"),
        school=school_of(held, at),
        terms=(held.referred(offering, "Session"),),
        periods=tuple(key.partition("|")[0] for key, _ in periods),
    )
    for key, reference in periods:
        yield from _meetings(held, reference, key, (id_, room))


def calendar_date(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield what happens on a day of a school's calendar."""
    key = held.referred(at, "Calendar")
    calendar = held.find("Calendar", key)
    if calendar is None:
        at.wrong("CalendarReference", "the set has no Calendar of this key", key)
    elif calendar.code("CalendarType", required=True) == SCHOOL_CALENDAR:
        day, place = at.sure_day("Date"), held.referred(calendar, "School")
        for code in [event.code() for event in at.each("CalendarEvent")]:
            if code not in NO_EVENTS:
                yield EventRecord(at.origin, school=place, day=day, title=code)


def _meetings(held: EdFiSet, at: Element, key: str, place: tuple[str, str]) -> Iterator[Record]:
    period, (id_, room) = held.find("ClassPeriod", key), place
    if period is None:
        at.wrong("", "the set has no ClassPeriod of this key", key)
        return
    # Only a bell schedule of every day says on which days: Monday to Friday, as schools are held.
    days = SCHOOL_DAYS if held.noted(DAILY, key) else ()
    for time in period.each("MeetingTime"):
        start, end = time.time("StartTime"), time.time("EndTime")
        for day in days:
            name = period.key("ClassPeriodName")
            yield MeetingRecord(at.origin, id_, day, name, start, end, room, teacher="")


def _of_type(at: Element, path: str, kind: str, wanted: str) -> Element | None:
    return next((each for each in at.each(path) if each.code(kind) == wanted), None)


def _street(address: Element | None) -> str:
    if address is None:
        return ""
    parts = (address.text("StreetNumberName"), address.text("ApartmentRoomSuiteNumber"))
    return ", ".join(part for part in parts if part)


def _telephone(at: Element, wanted: str) -> str:
    found = _of_type(at, "InstitutionTelephone", "InstitutionTelephoneNumberType", wanted)
    return found.text("TelephoneNumber") if found else ""
