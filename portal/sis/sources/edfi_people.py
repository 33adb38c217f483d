"""Read the people of an Ed-Fi set: students, their contacts, staff, and who belongs to whom."""

from collections.abc import Iterator

from portal.sis.source import (
    ContactRecord,
    EnrollmentRecord,
    Record,
    RelationshipRecord,
    StaffRecord,
    StudentRecord,
)
from portal.sis.sources.edfi_element import Element
from portal.sis.sources.edfi_places import (
    CLASS,
    TEACHES,
    day_text,
    grade_of,
    school_of_section,
    schools_of,
)
from portal.sis.sources.edfi_set import EdFiSet

Phones = list[tuple[str, Element]]


def student(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield a student with the schools that the set puts them in."""
    id_ = at.key("StudentUniqueId")
    schools = schools_of(held, id_)
    if not schools:
        text = "nothing in the set says which school this student is at; add a StudentSchoolAssociation"
        at.wrong("StudentUniqueId", text, id_)
        return
    yield StudentRecord(
        at.origin,
        id=id_,
        identifier=id_,
        given_name=at.text("Name/FirstName", required=True),
        middle_name=at.text("Name/MiddleName"),
        family_name=at.text("Name/LastSurname", required=True),
        grade=grade_of(held, id_),
        schools=schools,
        enabled=True,
    )


def contact(at: Element, _: EdFiSet) -> Iterator[Record]:
    """Yield a contact, with the first address and the first numbers that reach one."""
    id_ = at.key("ContactUniqueId")
    phones = _phones(at)
    spoken = [number for kind, number in phones if kind != "Fax"] or [number for _, number in phones]
    texts = [
        number for kind, number in phones if kind == "Mobile" or number.flag("TextMessageCapabilityIndicator")
    ]
    yield ContactRecord(
        at.origin,
        id=f"contact {id_}",
        identifier=id_,
        given_name=at.text("Name/FirstName", required=True),
        middle_name=at.text("Name/MiddleName"),
        family_name=at.text("Name/LastSurname", required=True),
        role="contact",
        email=_email(at),
        phone=spoken[0].text("TelephoneNumber") if spoken else "",
        sms=texts[0].text("TelephoneNumber") if texts else "",
        schools=(),
        enabled=True,
    )


def association(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield what a contact is to a student."""
    yield RelationshipRecord(
        at.origin,
        contact=held.referred(at, "Contact"),
        student=held.referred(at, "Student"),
        relation=at.code("Relation"),
        primary_contact=at.flag("PrimaryContactStatus"),
        lives_with=at.flag("LivesWith"),
        emergency_contact=at.flag("EmergencyContactStatus"),
        legal_guardian=at.flag("LegalGuardian"),
    )


def staff(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield a member of staff."""
    id_ = at.key("StaffUniqueId")
    yield StaffRecord(
        at.origin,
        id=_staff_id(id_),
        identifier=id_,
        given_name=at.text("Name/FirstName", required=True),
        family_name=at.text("Name/LastSurname", required=True),
        role="teacher" if held.noted(TEACHES, id_) else "staff",
        email=_email(at),
        schools=(),
    )


def teaching(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield who teaches a class."""
    position = at.code("ClassroomPosition")
    yield _enrollment(at, held, "Staff", "teacher", is_primary=position == "Teacher of Record")


def attending(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield who is in a class."""
    yield _enrollment(at, held, "Student", "student", is_primary=None)


def seen_in_class(at: Element, held: EdFiSet) -> Iterator[Record]:
    """Yield the classes that a student was only seen in, by a score or by attendance."""
    id_ = at.key("StudentUniqueId")
    for section, _ in held.noted(CLASS, id_):
        yield EnrollmentRecord(
            at.origin,
            id=f"{id_}|{section}",
            section=section,
            school=school_of_section(held, section),
            person=id_,
            role="student",
            is_primary=None,
            begin=None,
            end=None,
        )


def _staff_id(key: str) -> str:
    # Ed-Fi numbers students, contacts and staff apart; an import wants every person's id to differ.
    return f"staff {key}"


def _enrollment(at: Element, held: EdFiSet, who: str, role: str, *, is_primary: bool | None) -> Record:
    key, section = held.referred(at, who), held.referred(at, "Section")
    person = _staff_id(key) if who == "Staff" else key
    begin, end = at.day("BeginDate"), at.day("EndDate")
    if begin and end and end < begin:
        at.wrong("EndDate", "this ends before it begins", at.raw("EndDate"))
    return EnrollmentRecord(
        at.origin,
        id=f"{role}|{person}|{section}|{day_text(begin)}",
        section=section,
        school=school_of_section(held, section),
        person=person,
        role=role,
        is_primary=is_primary,
        begin=begin,
        end=end,
    )


def _phones(at: Element) -> Phones:
    phones = [(each.code("TelephoneNumberType"), each) for each in at.each("Telephone")]
    return sorted(phones, key=lambda phone: phone[1].number("OrderOfPriority") or 99)


def _email(at: Element) -> str:
    mails = list(at.each("ElectronicMail"))
    first = [mail for mail in mails if mail.flag("PrimaryEmailAddressIndicator")]
    home = [mail for mail in mails if mail.code("ElectronicMailType") == "Home/Personal"]
    return next((mail.text("ElectronicMailAddress") for mail in [*first, *home, *mails]), "")
