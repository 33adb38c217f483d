"""Find a parent by what a caller says: name, username, e-mail, telephone, student number."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal.accounts.called import words_of
from portal.accounts.gate import Gate
from portal.accounts.models import AccountNameRow, AccountRow, LinkRow
from portal.accounts.names import compared, is_storable
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.outcomes import Reason, Refused, Violation
from portal.helpdesk.desk.outcomes import FoundParent, Searched
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope
from portal.sis.finding import phone_key
from portal.sis.models import Contact, Relationship, Student

# More than anybody reads during a call: the next letter finds fewer.
MOST = 50
LEAST_LETTERS = 2
MOST_LETTERS = 100
LEAST_DIGITS = 3
Found = dict[str, str]


class ParentSearch:
    """Search the parents that a member of staff may see."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def search(self, member: StaffMember, typed: str) -> Searched | Refused:
        """Return the parents whose data begin with what was typed; the look is on record.

        The audit keeps how many were found, and nothing of what was typed: it may name a family.
        """
        if not member.may(Deed.SEARCH):
            return Refused(Reason.FORBIDDEN)
        typed = " ".join(typed.split())
        broken = _violations(typed)
        if broken:
            return Refused(Reason.FIELDS_REFUSED, violations=tuple(broken))
        self._plan_for_what_was_typed()
        accounts = self._accounts(member, typed)
        # A screen that is full already asks for more letters, not for more people.
        contacts = self._contacts(member, typed) if len(accounts) <= MOST else {}
        parents = [*self._shown(member, accounts), *self._without_account(member, contacts)]
        Audit(self._context).record(
            member.district, AuditEvent.PARENTS_SEARCHED, by=member.by, found=len(parents)
        )
        is_cut = max(len(accounts), len(contacts)) > MOST
        return Searched(tuple(parents[:MOST]), is_cut or len(parents) > MOST)

    def _accounts(self, member: StaffMember, typed: str) -> Found:
        """Return the ids of accounts, each with what found it."""
        found: Found = {}
        for by, query in self._of_accounts(member, typed):
            visible = query.where(self._theirs(member)).limit(MOST + 1)
            for account_id in self._session.scalars(visible):
                found.setdefault(account_id, by)
            # A full screen asks for more letters, whatever else would be found.
            if len(found) > MOST:
                break
        return found

    def _plan_for_what_was_typed(self) -> None:
        # A plan that serves every text knows no beginning to look up, and reads the whole index.
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(text("set local plan_cache_mode = force_custom_plan"))

    def _theirs(self, member: StaffMember) -> ColumnElement[bool]:
        """Return the same condition as `Scope.accounts`, in the order that is quick here.

        One school has few families and a district very many: those of the school are gathered first, and
        not asked of each of the many who share a name.
        """
        scope = Scope(self._context, member)
        if not member.is_of_schools:
            return scope.accounts()
        mine = select(LinkRow.account_id).join(Student, Student.id == LinkRow.student_id)
        families = mine.where(scope.students()).cte().prefix_with("MATERIALIZED", dialect="postgresql")
        return and_(
            AccountRow.district_id == member.district,
            AccountRow.account_id.in_(select(families.c.account_id)),
        )

    def _of_accounts(self, member: StaffMember, typed: str) -> Iterator[tuple[str, Select[Any]]]:
        district = member.district
        here = select(AccountRow.account_id).where(AccountRow.district_id == district)
        yield "username", here.where(_begins(AccountRow.username_key, compared(typed)))
        if "@" in typed:
            yield "email", here.where(_begins(AccountRow.email_key, typed.lower()))
        if _is_number(typed):
            yield "student", self._by_student(here, member, typed)
        for by, which in _of_contacts(typed):
            if by != "name":
                contacts = select(Contact.id).where(Contact.district_id == district, which)
                some = self._bounded(member, contacts).limit(MOST * 4)
                yield by, here.where(AccountRow.contact_id.in_(some))
        yield from self._by_name(district, typed)

    def _by_student(self, here: Select[Any], member: StaffMember, typed: str) -> Select[Any]:
        mine = Scope(self._context, member).students()
        students = select(Student.id).where(mine, _begins(Student.identifier, typed))
        linked = select(LinkRow.account_id).where(LinkRow.student_id.in_(students.limit(MOST * 4)))
        return here.where(AccountRow.account_id.in_(linked))

    def _by_name(self, district: str, typed: str) -> Iterator[tuple[str, Select[Any]]]:
        words = sorted(words_of(typed), key=len, reverse=True)
        if not words:
            return
        # The longest word is looked up, and the others are asked of what it found: few have it.
        query = (
            select(AccountNameRow.account_id)
            .join(AccountRow, AccountRow.account_id == AccountNameRow.account_id)
            .where(AccountNameRow.district_id == district, _begins(AccountNameRow.word, words[0]))
        )
        for word in words[1:]:
            other = aliased(AccountNameRow)
            same = other.account_id == AccountNameRow.account_id
            query = query.where(exists().where(same, _begins(other.word, word)))
        yield "name", query.order_by(AccountNameRow.word, AccountNameRow.account_id)

    def _contacts(self, member: StaffMember, typed: str) -> Found:
        """Return the ids of contacts in the records who have no account, each with what found it."""
        found: Found = {}
        for by, which in _of_contacts(typed):
            has_account = exists().where(
                AccountRow.contact_id == Contact.id, AccountRow.district_id == Contact.district_id
            )
            query = select(Contact.id).where(
                Contact.district_id == member.district, which, Contact.retired_at.is_(None), ~has_account
            )
            for contact_id in self._session.scalars(self._bounded(member, query).limit(MOST + 1)):
                found.setdefault(contact_id, by)
        return found

    def _bounded(self, member: StaffMember, query: Select[Any]) -> Select[Any]:
        if not member.is_of_schools:
            return query
        mine = select(Relationship.contact_id).join(
            Student,
            and_(Student.district_id == Relationship.district_id, Student.id == Relationship.student_id),
        )
        present = mine.where(Relationship.retired_at.is_(None), Scope(self._context, member).students())
        people = present.cte().prefix_with("MATERIALIZED", dialect="postgresql")
        return query.where(Contact.id.in_(select(people.c.contact_id)))

    def _shown(self, member: StaffMember, found: Found) -> list[FoundParent]:
        ids = list(found)[:MOST]
        children = self._children(member, ids)
        gate, lock = Gate(self._context), Districts(self._context).get_one(member.district).options.lock
        rows = self._session.scalars(select(AccountRow).where(AccountRow.account_id.in_(ids)))
        shown = [
            FoundParent(
                name=row.display_name,
                by=found[row.account_id],
                account_id=row.account_id,
                username=row.username,
                email=row.email or "",
                children=tuple(children.get(row.account_id, ())),
                is_locked=gate.is_locked(gate.name_key(row.district_id, row.username), lock),
                is_disabled=row.disabled_at is not None,
            )
            for row in rows
        ]
        return sorted(shown, key=lambda each: (each.name.casefold(), each.username))

    def _children(self, member: StaffMember, ids: Sequence[str]) -> dict[str, list[str]]:
        # Of a school administrator's families only the children at their own schools are named.
        query = (
            select(LinkRow.account_id, Student.given_name, Student.family_name)
            .join(Student, Student.id == LinkRow.student_id)
            .where(LinkRow.account_id.in_(ids), Scope(self._context, member).students())
            .order_by(Student.given_name, Student.id)
        )
        named: dict[str, list[str]] = {}
        for account_id, given, family in self._session.execute(query):
            named.setdefault(account_id, []).append(f"{given} {family}")
        return named

    def _without_account(self, member: StaffMember, found: Found) -> Iterable[FoundParent]:
        query = select(Contact).where(
            Contact.district_id == member.district, Contact.id.in_(list(found)[:MOST])
        )
        order = (Contact.family_name, Contact.given_name, Contact.id)
        for row in self._session.scalars(query.order_by(*order)):
            name = f"{row.given_name} {row.family_name}"
            yield replace(FoundParent(name, found[row.id]), email=row.email, phone=row.phone or row.sms)


def _of_contacts(typed: str) -> Iterator[tuple[str, ColumnElement[bool]]]:
    if "@" in typed:
        yield "email", _begins(Contact.email_key, typed.lower())
        return
    digits = phone_key(typed)
    if _is_number(typed) and len(digits) >= LEAST_DIGITS:
        yield "phone", _begins(Contact.phone_key, digits)
        yield "phone", _begins(Contact.sms_key, digits)
        return
    words = sorted(words_of(typed), key=len, reverse=True)
    if len(words) > 1:
        one, other = words[0], words[1]
        yield (
            "name",
            or_(
                and_(_begins(Contact.family_key, one), _begins(Contact.given_key, other)),
                and_(_begins(Contact.family_key, other), _begins(Contact.given_key, one)),
            ),
        )
    elif words:
        yield "name", _begins(Contact.family_key, words[0])
        yield "name", _begins(Contact.given_key, words[0])


def _begins(column: InstrumentedAttribute[Any], typed: str) -> ColumnElement[bool]:
    # What was typed is data: the signs that stand for any text in a pattern stand for themselves.
    return column.startswith(typed, autoescape=True)


def _is_number(typed: str) -> bool:
    return bool(typed) and all(each.isdigit() or each in " -().+" for each in typed)


def _violations(typed: str) -> list[Violation]:
    if not typed:
        return [Violation("empty", field="q")]
    if len(typed) < LEAST_LETTERS:
        return [Violation("too_few_letters", LEAST_LETTERS, "q")]
    if len(typed) > MOST_LETTERS:
        return [Violation("too_long", MOST_LETTERS, "q")]
    return [] if is_storable(typed) and typed.isprintable() else [Violation("characters", field="q")]
