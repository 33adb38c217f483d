"""Put what a family typed beside what the school has, check by check."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.accounts.addresses import address_of, key_of
from portal.accounts.contacts import is_same_person
from portal.accounts.models import AccountRequestRow, AccountRow
from portal.accounts.names import compared, is_storable
from portal.core.context import Context
from portal.core.folding import fold
from portal.helpdesk.requests.outcomes import Candidate, Check, CheckName, ChildOnFile, Standing
from portal.helpdesk.staff.scope import Scope
from portal.sis.models import Contact, PortalAccess, Relationship, School, Student

# Nobody compares with more people than fit beside each other.
MOST_CANDIDATES = 6


class Comparing:
    """Find the contacts who may have asked, and how each of them stands."""

    def __init__(self, context: Context, district: str, scope: Scope) -> None:
        """Work in one transaction, for one district, within what a member of staff sees."""
        self._session = context.session
        self._district = district
        self._scope = scope

    def candidates(self, request: AccountRequestRow, student_number: str = "") -> tuple[Candidate, ...]:
        """Return those at the address, by the name, or of the named student; the most alike first."""
        found = self._contacts(or_(self._alike(request), Contact.id == (request.contact_id or "")))
        if student_number and is_storable(student_number):
            found += [each for each in self._of_student(student_number) if each not in found]
        seen = [each for each in found if self._scope.sees_contact(each.id)]
        seen.sort(key=lambda each: (-_likeness(request, each), each.id))
        return tuple(self.candidate(request, each) for each in seen[:MOST_CANDIDATES])

    def find(self, contact_id: str) -> Contact | None:
        """Return a contact who is on file, and whom the member of staff may see."""
        known = contact_id if is_storable(contact_id) else ""
        contact = self._session.get(Contact, (self._district, known))
        is_seen = contact is not None and contact.retired_at is None and self._scope.sees_contact(contact_id)
        return contact if is_seen else None

    def candidate(self, request: AccountRequestRow, contact: Contact) -> Candidate:
        """Return how one contact stands."""
        rights, account = self._rights(contact.id), self._account(contact)
        checks = (
            *_of_names(request, contact),
            _of_email(request, contact),
            Check(CheckName.PHONE, _has(contact.phone or contact.sms), on_file=contact.phone or contact.sms),
            Check(
                CheckName.RECEIVES_EMAIL, _has(any(each.allowed and each.receives_email for each in rights))
            ),
            Check(CheckName.PORTAL_ACCESS, _has(contact.enabled and any(each.allowed for each in rights))),
            Check(
                CheckName.NO_ACCOUNT,
                _has(account is None),
                on_file="" if account is None else account.username,
            ),
        )
        return Candidate(
            contact_id=contact.id,
            name=f"{contact.given_name} {contact.family_name}",
            checks=checks,
            children=self.children(contact.id),
            account_id=None if account is None else account.account_id,
            username=None if account is None else account.username,
        )

    def children(self, contact_id: str) -> tuple[ChildOnFile, ...]:
        """Return the children of a contact who are at school, those the portal would show marked."""
        allowed = {each.student_id for each in self._rights(contact_id) if each.allowed}
        query = (
            select(Relationship.relation, Student, School.name)
            .join(
                Student,
                and_(Student.district_id == Relationship.district_id, Student.id == Relationship.student_id),
            )
            .outerjoin(
                School, and_(School.district_id == Student.district_id, School.id == Student.school_id)
            )
            .where(
                Relationship.district_id == self._district,
                Relationship.contact_id == contact_id,
                Relationship.retired_at.is_(None),
                Student.retired_at.is_(None),
            )
            .order_by(Student.family_name, Student.given_name, Student.id)
        )
        return tuple(
            ChildOnFile(
                student_id=student.id,
                number=student.identifier,
                name=f"{student.given_name} {student.family_name}",
                school=school or "",
                relation=relation,
                allowed=student.id in allowed,
            )
            for relation, student, school in self._session.execute(query)
        )

    def _contacts(self, which: ColumnElement[bool]) -> list[Contact]:
        here = and_(Contact.district_id == self._district, Contact.retired_at.is_(None))
        # One name may be many people's: those at the address come first, the rest fills up.
        return list(self._session.scalars(select(Contact).where(here, which).order_by(Contact.id).limit(100)))

    def _alike(self, request: AccountRequestRow) -> ColumnElement[bool]:
        """Return who is at the address, or has a family name and an initial of what was typed."""
        typed = [fold(each) or each for each in (request.last_name, request.first_name)]
        # One of two family names is enough, and the given name may have been typed first or last.
        families = {*typed, *(part for each in typed for part in each.split())}
        initials = {each[:1] for each in families}
        spelled = Contact.email_key.in_({request.email_key, request.email.lower()})
        named = and_(Contact.family_key.in_(families), func.substr(Contact.given_key, 1, 1).in_(initials))
        return or_(spelled, named)

    def _of_student(self, number: str) -> list[Contact]:
        theirs = (
            select(Relationship.contact_id)
            .join(
                Student,
                and_(Student.district_id == Relationship.district_id, Student.id == Relationship.student_id),
            )
            .where(
                Student.district_id == self._district,
                Student.identifier == number,
                Student.retired_at.is_(None),
                Relationship.retired_at.is_(None),
            )
        )
        return self._contacts(Contact.id.in_(theirs))

    def _rights(self, contact_id: str) -> Sequence[PortalAccess]:
        query = (
            select(PortalAccess)
            .join(
                Student,
                and_(Student.district_id == PortalAccess.district_id, Student.id == PortalAccess.student_id),
            )
            .where(
                PortalAccess.district_id == self._district,
                PortalAccess.contact_id == contact_id,
                PortalAccess.retired_at.is_(None),
                Student.retired_at.is_(None),
            )
        )
        return self._session.scalars(query).all()

    def _account(self, contact: Contact) -> AccountRow | None:
        mine = [AccountRow.contact_id == contact.id]
        if key_of(contact.email) is not None:
            mine.append(AccountRow.username_key == compared(contact.email))
        query = select(AccountRow).where(AccountRow.district_id == self._district, or_(*mine))
        return self._session.scalars(query.order_by(AccountRow.created_at).limit(1)).first()


def _of_names(request: AccountRequestRow, contact: Contact) -> Iterable[Check]:
    # The whole name first: in some languages the family's name comes before the given one.
    is_same = is_same_person(f"{request.first_name} {request.last_name}", contact)
    pairs = (
        (CheckName.FIRST_NAME, request.first_name, contact.given_name),
        (CheckName.LAST_NAME, request.last_name, contact.family_name),
    )
    for name, typed, on_file in pairs:
        differs = not is_same and fold(typed) != fold(on_file)
        standing = Standing.MISSING if not on_file else (Standing.DIFFERS if differs else Standing.GOOD)
        yield Check(name, standing, typed, on_file)


def _of_email(request: AccountRequestRow, contact: Contact) -> Check:
    if address_of(contact.email) is None:
        return Check(CheckName.EMAIL, Standing.MISSING, request.email, contact.email)
    is_same = key_of(contact.email) == request.email_key
    return Check(
        CheckName.EMAIL, Standing.GOOD if is_same else Standing.DIFFERS, request.email, contact.email
    )


def _has(value: object) -> Standing:
    return Standing.GOOD if value else Standing.MISSING


def _likeness(request: AccountRequestRow, contact: Contact) -> int:
    is_chosen = contact.id == request.contact_id
    is_named = is_same_person(f"{request.first_name} {request.last_name}", contact)
    is_mailed = key_of(contact.email) == request.email_key
    return 4 * is_chosen + 2 * is_mailed + is_named
