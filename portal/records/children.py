"""Say which children an account may ask about, and which of them was meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import and_, bindparam, literal, or_, select

from portal.accounts.models import AccountRow, LinkRow
from portal.core.context import Context
from portal.core.folding import fold
from portal.core.outcomes import Reason, Refused
from portal.records.answers import Child
from portal.records.matching import find
from portal.sis.models import Contact, PortalAccess, Relationship, School, Student

# Nearly every question begins with these statements: they are built once.
LINKED = (
    select(Student, School.name)
    .join(LinkRow, LinkRow.student_id == Student.id)
    .outerjoin(School, and_(School.district_id == Student.district_id, School.id == Student.school_id))
    .where(LinkRow.account_id == bindparam("account"), Student.district_id == bindparam("district"))
    .order_by(LinkRow.linked_at, LinkRow.link_id)
)
# Stands among the children a contact may not see for all of them: the contact's own entry is closed.
EVERY_CHILD = ""
BARRED = (
    select(PortalAccess.student_id)
    .where(
        PortalAccess.district_id == bindparam("district"),
        PortalAccess.contact_id == bindparam("contact"),
        PortalAccess.allowed.is_(False),
        PortalAccess.retired_at.is_(None),
    )
    .union(
        select(Relationship.student_id).where(
            Relationship.district_id == bindparam("district"),
            Relationship.contact_id == bindparam("contact"),
            Relationship.retired_at.is_not(None),
        ),
        select(literal(EVERY_CHILD)).where(
            Contact.district_id == bindparam("district"),
            Contact.id == bindparam("contact"),
            or_(Contact.enabled.is_(False), Contact.retired_at.is_not(None)),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class LinkedChild:
    """Join a child's tab with its row; `available` is off where the parent may not see the record."""

    child: Child
    student: Student
    available: bool


class Viewer(Protocol):
    """Say for which account of which district something is looked up."""

    @property
    def account_id(self) -> str:
        """Return the account whose links count."""

    @property
    def district(self) -> str:
        """Return the district of the account."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Name the account that left something to be done, where no session is live."""

    account_id: str
    district: str


class Children:
    """Find the children linked to one account."""

    def __init__(self, context: Context, viewer: Viewer) -> None:
        """Work for one account."""
        self._session = context.session
        self._viewer = viewer
        self._linked: list[LinkedChild] | None = None

    def all(self) -> list[LinkedChild]:
        """Return the linked children in the order of their tabs."""
        if self._linked is None:
            self._linked = self._all()
        return self._linked

    def _all(self) -> list[LinkedChild]:
        whose = {"account": self._viewer.account_id, "district": self._viewer.district}
        rows = self._session.execute(LINKED, whose).all()
        students = [row[0] for row in rows]
        tabs = _tabs(students, {row[0].school_id: row[1] or "" for row in rows})
        barred = self._barred({student.id for student in students})
        linked = [
            LinkedChild(tabs[student.id], student, _is_open(student) and student.id not in barred)
            for student in students
        ]
        return sorted(linked, key=_tab_order)

    def of(self, student_id: str) -> LinkedChild | None:
        """Return the linked child of this id, or None where it is not linked."""
        return next((each for each in self.all() if each.student.id == student_id), None)

    def find(self, typed: str | None) -> LinkedChild | Refused:
        """Return the child that was meant, if the parent may see its record.

        A name that is none of the parent's own children is refused the same way whether or not the
        district has such a student.
        """
        linked = self.meant(typed)
        if isinstance(linked, Refused) or linked.available:
            return linked
        return Refused(Reason.STUDENT_UNAVAILABLE)

    def meant(self, typed: str | None) -> LinkedChild | Refused:
        """Return the child that was meant, also where its record is closed to the parent now."""
        linked = self.all()
        labels = tuple(each.child.label for each in linked)
        if not linked:
            return Refused(Reason.NO_STUDENT)
        found = _meant(typed, linked) if typed and typed.strip() else linked
        if not found:
            return Refused(Reason.NOT_YOUR_STUDENT, choices=labels)
        if len(found) > 1:
            return Refused(Reason.WHICH_STUDENT, choices=tuple(each.child.label for each in found))
        return found[0]

    def _barred(self, ids: set[str]) -> set[str]:
        account = self._session.get_one(AccountRow, self._viewer.account_id)
        if account.contact_id is None or not ids:
            return set()
        contact = {"contact": account.contact_id, "district": self._viewer.district}
        barred = set(self._session.scalars(BARRED, contact))
        return ids if EVERY_CHILD in barred else barred


def _is_open(student: Student) -> bool:
    return student.enabled and student.retired_at is None


def _full_name(student: Student) -> str:
    return f"{student.given_name} {student.family_name}"


def _tab_order(linked: LinkedChild) -> tuple[str, str, str]:
    return fold(linked.child.first_name), fold(linked.child.label), linked.child.student_id


def _tabs(students: Sequence[Student], schools: dict[str, str]) -> dict[str, Child]:
    tabs = {}
    for student in students:
        alike = [each for each in students if fold(each.given_name) == fold(student.given_name)]
        detail = _detail(student, alike, schools) if len(alike) > 1 else ""
        tabs[student.id] = Child(
            student_id=student.id,
            first_name=student.given_name,
            name=_full_name(student),
            label=f"{student.given_name} ({detail})" if detail else student.given_name,
            detail=detail,
            school=schools.get(student.school_id, ""),
            grade=student.grade,
        )
    return tabs


def _detail(student: Student, alike: Sequence[Student], schools: dict[str, str]) -> str:
    # The first of these that differs for all of them; the source's own key always does.
    details: tuple[dict[str, str], ...] = (
        {each.id: schools.get(each.school_id, "") for each in alike},
        {each.id: each.grade for each in alike},
        {each.id: f"{each.middle_name} {each.family_name}".strip() for each in alike},
    )
    for detail in details:
        if len(set(detail.values()) - {""}) == len(alike):
            return detail[student.id]
    return student.identifier or student.source_id


def _meant(typed: str, linked: Sequence[LinkedChild]) -> list[LinkedChild]:
    by_label = [each for each in linked if fold(each.child.label) == fold(typed)]
    if by_label:
        return by_label
    names = {number: _names(each) for number, each in enumerate(linked)}
    return [linked[number] for number in find(typed, names)]


def _names(linked: LinkedChild) -> tuple[str, ...]:
    student = linked.student
    given, middle, family = student.given_name, student.middle_name, student.family_name
    written = (given, _full_name(student), f"{given} {middle} {family}", f"{family} {given}")
    return tuple(fold(name) for name in written)
