"""Read the people of OneRoster: the same columns in every version, the role from wherever it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.sis.source import ContactRecord, GuardianRecord, Record, StaffRecord, StatedBy, StudentRecord
from portal.sis.sources.table import Row

CONTACT_ROLES = frozenset({"parent", "guardian", "relative"})
STAFF_ROLES = frozenset({"administrator", "aide", "proctor", "teacher"})


@dataclass(frozen=True, slots=True)
class Place:
    """Say what somebody is, and at which schools; the first is the main one."""

    role: str
    schools: tuple[str, ...]


def person(row: Row, place: Place) -> Iterator[Record]:
    """Yield the record of a user who is what the place says, and the links that the row names."""
    if place.role == "student":
        yield from _student(row, place)
    elif place.role in CONTACT_ROLES:
        yield from _contact(row, place)
    else:
        yield _staff(row, place)


def _student(row: Row, place: Place) -> Iterator[Record]:
    student = StudentRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        identifier=row.text("identifier"),
        given_name=row.text("givenName", required=True),
        middle_name=row.text("middleName"),
        family_name=row.text("familyName", required=True),
        grade=", ".join(row.items("grades")),
        schools=place.schools,
        enabled=row.flag("enabledUser", required=True) is True,
    )
    yield student
    for agent in row.sourced_ids("agentSourcedIds"):
        yield GuardianRecord(row.origin, contact=agent, student=student.id)


def _contact(row: Row, place: Place) -> Iterator[Record]:
    contact = ContactRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        identifier=row.text("identifier"),
        given_name=row.text("givenName", required=True),
        middle_name=row.text("middleName"),
        family_name=row.text("familyName", required=True),
        role=place.role,
        email=row.text("email"),
        phone=row.text("phone"),
        sms=row.text("sms"),
        schools=place.schools,
        enabled=row.flag("enabledUser", required=True) is True,
    )
    yield contact
    for student in row.sourced_ids("agentSourcedIds"):
        yield GuardianRecord(row.origin, contact=contact.id, student=student, stated_by=StatedBy.CONTACT)


def _staff(row: Row, place: Place) -> Record:
    if row.items("agentSourcedIds"):
        row.wrong("agentSourcedIds", f"a {place.role} is no agent; only a student and a guardian are linked")
    return StaffRecord(
        row.origin,
        id=row.sourced_id("sourcedId"),
        identifier=row.text("identifier"),
        given_name=row.text("givenName", required=True),
        family_name=row.text("familyName", required=True),
        role=place.role,
        email=row.text("email"),
        schools=place.schools,
    )
