"""Find which students of a run live in one household, and which language is theirs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portal.accounts.models import AccountRow, LinkRow
from portal.core.database import EPOCH
from portal.sis.models import Contact, PortalAccess, Relationship, Student

# So many values at once in one question to the database.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Family:
    """Say whose a student is: the contacts who may know of the student, and their language, if known."""

    contacts: frozenset[str] = frozenset()
    language: str = ""


class Households:
    """Look families up in the school's records and in the accounts."""

    def __init__(self, session: Session, district: str) -> None:
        """Work in one transaction, for one district."""
        self._session = session
        self._district = district

    def of(self, students: Sequence[str]) -> Mapping[str, Family]:
        """Return the family of each student."""
        families: dict[str, Family] = {}
        for start in range(0, len(students), CHUNK):
            chunk = students[start : start + CHUNK]
            contacts, languages = self._contacts(chunk), self._languages(chunk)
            families |= {each: Family(contacts[each], languages.get(each, "")) for each in chunk}
        return families

    def _contacts(self, students: Sequence[str]) -> Mapping[str, frozenset[str]]:
        joined = and_(Contact.district_id == Relationship.district_id, Contact.id == Relationship.contact_id)
        query = select(Relationship.student_id, Relationship.contact_id).join(Contact, joined)
        here = (Relationship.retired_at.is_(None), Contact.retired_at.is_(None), Contact.enabled.is_(True))
        mine = (Relationship.district_id == self._district, Relationship.student_id.in_(students))
        barred = self._barred(students)
        found: defaultdict[str, set[str]] = defaultdict(set)
        for student, contact in self._session.execute(query.where(*mine, *here)):
            if (student, contact) not in barred:
                found[student].add(contact)
        return defaultdict(frozenset, {student: frozenset(ids) for student, ids in found.items()})

    def _barred(self, students: Sequence[str]) -> set[tuple[str, str]]:
        query = select(PortalAccess.student_id, PortalAccess.contact_id).where(
            PortalAccess.district_id == self._district,
            PortalAccess.student_id.in_(students),
            PortalAccess.retired_at.is_(None),
            PortalAccess.allowed.is_(False),
        )
        return {(row.student_id, row.contact_id) for row in self._session.execute(query)}

    def _languages(self, students: Sequence[str]) -> Mapping[str, str]:
        """Return the language that a parent of the student chose last, for those who have an account."""
        by_link = and_(LinkRow.account_id == AccountRow.account_id, LinkRow.student_id.in_(students))
        by_contact = and_(
            Relationship.district_id == self._district,
            Relationship.contact_id == AccountRow.contact_id,
            Relationship.student_id.in_(students),
            Relationship.retired_at.is_(None),
        )
        known = and_(AccountRow.language.is_not(None), AccountRow.language != "")
        wanted = (AccountRow.district_id == self._district, AccountRow.disabled_at.is_(None), known)
        chosen = (AccountRow.language, AccountRow.last_sign_in_at)
        linked = select(LinkRow.student_id, *chosen).join(LinkRow, by_link).where(*wanted)
        related = select(Relationship.student_id, *chosen).join(Relationship, by_contact).where(*wanted)
        rows = [*self._session.execute(related), *self._session.execute(linked)]
        rows.sort(key=lambda row: row.last_sign_in_at or EPOCH)
        return {row.student_id: row.language for row in rows}


def numbered(students: Iterable[Student], families: Mapping[str, Family]) -> list[tuple[Student, int]]:
    """Return the students with the number of their household, siblings after one another.

    Only children with exactly the same contacts share a sheet: on it stands what opens the records of
    all of them, and a parent of one need not be a parent of the other.
    """
    order: dict[object, list[Student]] = {}
    for student in students:
        contacts = families[student.id].contacts
        order.setdefault(contacts or student.id, []).append(student)
    return [(each, number) for number, siblings in enumerate(order.values()) for each in siblings]
