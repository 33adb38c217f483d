"""Find whom the school's records know a parent as; matching recognises, it never lets anybody in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.accounts.addresses import key_of
from portal.core.context import Context
from portal.core.folding import fold
from portal.sis.models import Contact, PortalAccess, Relationship


@dataclass(frozen=True, slots=True)
class Person:
    """Describe a parent by what was typed, and by the contact that an account already belongs to."""

    name: str
    email: str | None
    contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """Tell which contact a parent is, whether the school bars that one, and whose address was given.

    `contact_id` is set where exactly one contact answers to the name; `barred` names the contact.
    """

    contact_id: str | None = None
    barred: str | None = None
    gave_known_address: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    contact: Contact
    is_barred: bool
    is_gone: bool


class Contacts:
    """Look at the contacts of students."""

    def __init__(self, context: Context, district: str) -> None:
        """Work in one transaction, for one district."""
        self._session = context.session
        self._district = district

    def recognise(self, person: Person, students: Sequence[str]) -> Recognised:
        """Compare a parent with everybody who belongs, or belonged, to one of the students."""
        candidates = self._candidates(students)
        named = [each for each in candidates if is_same_person(person.name, each.contact)]
        key = key_of(person.email)
        mailed = [each for each in candidates if key is not None and key_of(each.contact.email) == key]
        own = [each for each in candidates if each.contact.id == person.contact_id]
        both = [each for each in named if each in mailed]
        either = own or [*named, *(each for each in mailed if each not in named)]
        present = [each for each in named if not each.is_gone]
        one = own or [each for each in present if each in mailed] or present
        return Recognised(
            contact_id=one[0].contact.id if len(one) == 1 else None,
            barred=_barred(own or both or either, either) or self._closed(person.contact_id),
            gave_known_address=any(not (each.is_gone or each.is_barred) for each in mailed),
        )

    def _closed(self, contact_id: str | None) -> str | None:
        """Return the contact of an account if the school keeps it out, whoever the student is."""
        contact = self._session.get(Contact, (self._district, contact_id or ""))
        is_closed = contact is not None and contact.retired_at is None and not contact.enabled
        return contact_id if is_closed else None

    def _candidates(self, students: Sequence[str]) -> list[_Candidate]:
        related, ended = self._related(students)
        access = select(PortalAccess).where(
            PortalAccess.district_id == self._district,
            PortalAccess.student_id.in_(students),
            PortalAccess.retired_at.is_(None),
        )
        rights = list(self._session.scalars(access))
        barred = {right.contact_id for right in rights if not right.allowed}
        ids = related | ended | {right.contact_id for right in rights}
        query = select(Contact).where(Contact.district_id == self._district, Contact.id.in_(ids))
        candidates = []
        for row in self._session.scalars(query.order_by(Contact.id)):
            is_gone = row.retired_at is not None
            # Whoever is still on file, and no longer this student's, is kept away as if barred.
            is_barred = row.id in barred or not row.enabled or (row.id in ended and not is_gone)
            candidates.append(_Candidate(row, is_barred, is_gone))
        return candidates

    def _related(self, students: Sequence[str]) -> tuple[set[str], set[str]]:
        query = select(Relationship).where(
            Relationship.district_id == self._district, Relationship.student_id.in_(students)
        )
        rows = list(self._session.scalars(query))
        present = {(row.contact_id, row.student_id) for row in rows if row.retired_at is None}
        ended = {row.contact_id for row in rows if (row.contact_id, row.student_id) not in present}
        return {contact for contact, _ in present}, ended


def is_same_person(typed: str, contact: Contact) -> bool:
    """Tell whether a typed name is a contact's, whatever its case, accents, hyphens and order."""
    name = fold(typed)
    given, middle, family = (
        fold(part) for part in (contact.given_name, contact.middle_name, contact.family_name)
    )
    words = sorted(name.split())
    if words in (sorted(f"{given} {family}".split()), sorted(f"{given} {middle} {family}".split())):
        return True
    # A hyphen that one of the two leaves out altogether: Marie-Claire and Marieclaire.
    joined = name.replace(" ", "")
    return bool(joined) and joined in ((given + family).replace(" ", ""), (family + given).replace(" ", ""))


def _barred(meant: Sequence[_Candidate], either: Sequence[_Candidate]) -> str | None:
    """Return the contact that must be sent to the school, if any must."""
    for each in meant:
        if each.is_barred:
            return each.contact.id
    # Schools enter a person anew: whoever is also there as a present contact is not turned away.
    return either[0].contact.id if either and all(each.is_gone for each in either) else None
