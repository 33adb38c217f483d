"""Say for each record of a set of changes which row it becomes."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.sis.changes import GoneRecord, PersonRecord, PlaceRecord
from portal.sis.source import Kind, Record, StatedBy
from portal.sis.stager import NOUNS, Stager


def _gone(to: Stager, at: GoneRecord) -> None:
    to.remove(at, at.of, at.id)


def _person(to: Stager, at: PersonRecord) -> None:
    stands = to.stands(Kind.STUDENTS, at.id)
    if stands is None:
        to.wrong(at, "id", "roles.csv gives this user no primary role, and the district has none", at.id)
        return
    kind, values = stands
    said = {name: getattr(at, name) for name in PersonRecord.__slots__ if name in values}
    to.keep_as(at, kind, at.id, alias=at.identifier, **values | said)
    if at.agents and kind is Kind.STAFF:
        text = "a member of staff is no agent; only a student and a guardian are linked"
        to.wrong(at, "contact", text, at.agents[0])
        return
    for agent in at.agents:
        if kind is Kind.STUDENTS:
            link(to, at, (agent, at.id), StatedBy.STUDENT)
        else:
            link(to, at, (at.id, agent), StatedBy.CONTACT)


def _place(to: Stager, at: PlaceRecord) -> None:
    schools = [to.refer(at, "schools", school, Kind.SCHOOLS) for school in at.schools]
    stands = to.stands(Kind.STUDENTS, at.person)
    if stands is None:
        to.wrong(at, "person", "there is no user with this id", at.person)
        return
    kind, values = stands
    if kind is not at.of:
        text = f"this user is a {NOUNS[kind]}; send the row of users.csv too to make it another"
        to.wrong(at, "role", text, at.role)
        return
    to.keep_as(
        at, kind, at.person, alias=values.get("identifier", ""), **values | _placed(at, schools, values)
    )
    to.staging.say_partly(to.id_of(kind, at.person))


def _placed(at: PlaceRecord, schools: list[str], values: Mapping[str, Any]) -> dict[str, Any]:
    changed = {"role": at.role, "school_id": schools[0], "school_ids": schools}
    return {name: value for name, value in changed.items() if name in values}


def link(to: Stager, at: Record, pair: tuple[str, str], stated_by: StatedBy) -> None:
    """Link a contact with a student, who may both come later in the set."""
    contact = to.refer_later(at, "contact", pair[0], Kind.CONTACTS)
    student = to.refer_later(at, "student", pair[1], Kind.STUDENTS)
    to.keep_link(at, stated_by, contact, student)


CHANGE_BUILDERS: dict[type[Record], Callable[[Stager, Any], object]] = {
    GoneRecord: _gone,
    PersonRecord: _person,
    PlaceRecord: _place,
}
