"""Show what a merge of two accounts would do, before anybody does it."""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import and_, func, or_, select

from portal.accounts.links import Links
from portal.accounts.models import AccountRow, KnownDeviceRow, SessionRow
from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.folding import fold
from portal.core.models import TokenRow
from portal.helpdesk.merging.outcomes import (
    Doubt,
    LeftOver,
    LeftRecords,
    MergedLink,
    MergePlan,
    Obstacle,
    OpenSession,
    OpenToken,
    Side,
)
from portal.sis.models import Contact, PortalAccess, School, Student


class Planning:
    """Look at two accounts and at what hangs on each of them; nothing is changed."""

    def __init__(self, context: Context, records: LeftRecords) -> None:
        """Work in one transaction; `records` tells what accounts left to be done."""
        self._context = context
        self._session = context.session
        self._records = records

    def plan(self, kept: AccountRow, ended: AccountRow) -> MergePlan:
        """Return before and after."""
        sides = self._side(kept), self._side(ended)
        has = {link.student_id for link in sides[0].links}
        moved = tuple(link for link in sides[1].links if link.student_id not in has)
        after = (*sides[0].links, *moved)
        return MergePlan(
            kept=sides[0],
            ended=sides[1],
            after=after,
            moved=tuple(link.student_id for link in moved),
            doubts=tuple(self._doubts(kept, ended, sides)),
            obstacles=tuple(self._obstacles(kept, ended, after)),
            fingerprint=_fingerprint(sides),
        )

    def _side(self, account: AccountRow) -> Side:
        contact = self._contact(account)
        return Side(
            account_id=account.account_id,
            username=account.username,
            name=account.display_name,
            email=account.email,
            email_confirmed=account.email_confirmed_at is not None,
            is_disabled=account.disabled_at is not None,
            created_at=account.created_at,
            last_sign_in_at=account.last_sign_in_at,
            contact=None if contact is None else f"{contact.given_name} {contact.family_name}",
            links=self._links(account),
            sessions=self._sessions(account),
            tokens=self._tokens(account),
            chats=tuple(sorted(Sessions(self._context).conversations_of(account.account_id).values())),
            devices=self._devices(account),
            left=LeftOver(*self._records.counts(account.account_id)),
        )

    def _links(self, account: AccountRow) -> tuple[MergedLink, ...]:
        links = Links(self._context).students_of(account.account_id)
        at_school = and_(School.district_id == Student.district_id, School.id == Student.school_id)
        query = select(Student, School.name).outerjoin(School, at_school)
        mine = and_(
            Student.district_id == account.district_id, Student.id.in_([link.student_id for link in links])
        )
        known = {
            student.id: (student, school or "")
            for student, school in self._session.execute(query.where(mine))
        }
        return tuple(
            MergedLink(link.student_id, *_named(known.get(link.student_id)), link.relationship)
            for link in links
        )

    def _sessions(self, account: AccountRow) -> tuple[OpenSession, ...]:
        mine = and_(SessionRow.account_id == account.account_id, SessionRow.ended_at.is_(None))
        rows = self._session.scalars(select(SessionRow).where(mine).order_by(SessionRow.started_at))
        sessions = Sessions(self._context)
        live = [row for row in rows if isinstance(sessions.of(row.session_id), LiveSession)]
        return tuple(OpenSession(row.channel, row.started_at, row.seen_at) for row in live)

    def _tokens(self, account: AccountRow) -> tuple[OpenToken, ...]:
        alive = or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > self._context.now)
        unused = and_(TokenRow.spent_at.is_(None), TokenRow.voided_at.is_(None), alive)
        query = select(TokenRow).where(TokenRow.account_id == account.account_id, unused)
        rows = self._session.scalars(query.order_by(TokenRow.created_at, TokenRow.token_id))
        return tuple(OpenToken(row.purpose, row.created_at) for row in rows)

    def _devices(self, account: AccountRow) -> int:
        mine = KnownDeviceRow.account_id == account.account_id
        return self._session.scalar(select(func.count()).select_from(KnownDeviceRow).where(mine)) or 0

    def _contact(self, account: AccountRow) -> Contact | None:
        return self._session.get(Contact, (account.district_id, account.contact_id or ""))

    def _doubts(self, kept: AccountRow, ended: AccountRow, sides: tuple[Side, Side]) -> Iterator[Doubt]:
        if sorted(fold(kept.display_name).split()) != sorted(fold(ended.display_name).split()):
            yield Doubt.NAMES_DIFFER
        if kept.contact_id and ended.contact_id and kept.contact_id != ended.contact_id:
            yield Doubt.CONTACTS_DIFFER
        children = [{link.student_id for link in side.links} for side in sides]
        if all(children) and not children[0] & children[1]:
            yield Doubt.NO_COMMON_CHILD
        if not all(side.email_confirmed for side in sides):
            yield Doubt.EMAIL_UNCONFIRMED

    def _obstacles(
        self, kept: AccountRow, ended: AccountRow, after: Sequence[MergedLink]
    ) -> Iterator[Obstacle]:
        if kept.account_id == ended.account_id:
            yield Obstacle.SAME
        if kept.merged_into is not None or ended.merged_into is not None:
            yield Obstacle.ENDED
        elif kept.disabled_at is not None:
            yield Obstacle.KEPT_DISABLED
        if self._is_barred((kept, ended), [link.student_id for link in after]):
            yield Obstacle.BARRED

    def _is_barred(self, accounts: Sequence[AccountRow], students: Sequence[str]) -> bool:
        # A bar that the records set on one of the two must not be lost by going on as the other.
        contacts = [contact for each in accounts if (contact := self._contact(each)) is not None]
        if any(not each.enabled or each.retired_at is not None for each in contacts):
            return True
        barred = select(PortalAccess.id).where(
            PortalAccess.district_id == accounts[0].district_id,
            PortalAccess.contact_id.in_([each.id for each in contacts]),
            PortalAccess.student_id.in_(students),
            PortalAccess.allowed.is_(False),
            PortalAccess.retired_at.is_(None),
        )
        return self._session.scalar(barred.limit(1)) is not None


def _named(found: tuple[Student, str] | None) -> tuple[str, str, str]:
    if found is None:
        return "", "", ""
    student, school = found
    return student.identifier, f"{student.given_name} {student.family_name}", school


def _fingerprint(sides: tuple[Side, Side]) -> str:
    # What is moved or lost for good, and not what comes and goes by the minute.
    parts = [
        "|".join([side.account_id, side.username, side.email or "", str(side.is_disabled), *_students(side)])
        for side in sides
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _students(side: Side) -> list[str]:
    return sorted(link.student_id for link in side.links)
