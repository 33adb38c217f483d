"""Unlock in one deed the names that an attack on many of them locked, and no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import distinct, func, select

from portal.accounts.gate import WINDOW, Gate, Kind, Lock
from portal.accounts.mailing import to_owner
from portal.accounts.models import AccountRow, AttemptRow, GateRow
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.database import microseconds
from portal.core.districts import Districts
from portal.core.models import AuditRow
from portal.core.outbox import MailKind, Outbox
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import seal
from portal.helpdesk.desk.models import DeskDeedRow
from portal.helpdesk.desk.opening import reason_violations
from portal.helpdesk.desk.outcomes import Order
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed

MOST_ALARMS = 10
# A family tries its own names; a source that tried as many as these was trying a list.
NAMES_OF_A_LIST = 3


@dataclass(frozen=True, slots=True)
class SprayShown:
    """Show one alarm: when it was raised, and how many names it locked are locked still."""

    number: int
    at: datetime
    locked: int


@dataclass(frozen=True, slots=True)
class ManyUnlocked:
    """Report how many names were unlocked, and how many parents were written to."""

    names: int
    told: int


class SprayedNames:
    """Look at the alarms of a district and lift what they locked."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session
        self._gate = Gate(context)

    def alarms(self, member: StaffMember) -> Sequence[SprayShown] | Refused:
        """Return the newest alarms."""
        if not member.may(Deed.UNLOCK_MANY):
            return Refused(Reason.FORBIDDEN)
        query = select(AuditRow).where(
            AuditRow.district_id == member.district, AuditRow.event == AuditEvent.SPRAY.value
        )
        rows = self._session.scalars(query.order_by(AuditRow.number.desc()).limit(MOST_ALARMS))
        return [SprayShown(row.number, row.at, len(self._locked_by(member.district, row.at))) for row in rows]

    def unlock(self, member: StaffMember, number: int, order: Order) -> ManyUnlocked | Refused:
        """Unlock every name that one attack locked; each parent is told."""
        if not member.may(Deed.UNLOCK_MANY):
            return Refused(Reason.FORBIDDEN)
        broken = reason_violations(order.why, order.note)
        if broken:
            return Refused(Reason.FIELDS_REFUSED, violations=tuple(broken))
        alarm = self._session.get(AuditRow, (member.district, number))
        if alarm is None or alarm.event != AuditEvent.SPRAY.value:
            return Refused(Reason.NOT_FOUND)
        names = self._locked_by(member.district, alarm.at, hold=True)
        if not names:
            return Refused(Reason.ALREADY_DONE)
        for name in names:
            self._gate.clear(name)
        told = self._tell(names)
        self._note(member, order)
        Audit(self._context).record(
            member.district,
            AuditEvent.ACCOUNTS_UNLOCKED,
            by=member.by,
            alarm=number,
            names=len(names),
            told=told,
            reason=order.why,
        )
        return ManyUnlocked(len(names), told)

    def _locked_by(self, district: str, at: datetime, *, hold: bool = False) -> list[bytes]:
        """Return the names locked in the alarm's time by somebody who tried a list of names.

        A parent who locked their own name meanwhile stays locked: they call, and are asked who they are.
        """
        first, last = at - WINDOW, at + WINDOW
        lists = (
            select(AttemptRow.source_key)
            .where(AttemptRow.district_id == district, AttemptRow.at.between(first, last))
            .group_by(AttemptRow.source_key)
            .having(func.count(distinct(AttemptRow.name_key)) >= NAMES_OF_A_LIST)
        )
        tried = select(AttemptRow.name_key).where(
            AttemptRow.district_id == district,
            AttemptRow.at.between(first, last),
            AttemptRow.source_key.in_(lists),
        )
        query = select(GateRow.k).where(
            GateRow.district_id == district,
            GateRow.kind == Kind.NAME.value,
            GateRow.touched.between(microseconds(first), microseconds(last)),
            GateRow.k.in_(tried),
        )
        options = Districts(self._context).get_one(district).options.lock
        query = query.order_by(GateRow.k)
        # Of two who unlock at once the second finds nothing locked any more.
        found = list(self._session.scalars(query.with_for_update() if hold else query))
        locks = ((name, self._gate.lock(name, options)) for name in found)
        return [name for name, lock in locks if _is_of_spray(lock)]

    def _tell(self, names: Sequence[bytes]) -> int:
        theirs = select(AttemptRow.account_id).where(AttemptRow.name_key.in_(names))
        query = select(AccountRow).where(AccountRow.account_id.in_(theirs), AccountRow.email.is_not(None))
        accounts = list(self._session.scalars(query))
        for account in accounts:
            Outbox(self._context).put(account.district_id, MailKind.ACCOUNT_UNLOCKED, to_owner(account))
        return len(accounts)

    def _note(self, member: StaffMember, order: Order) -> None:
        row = DeskDeedRow(
            request_id=order.request_id,
            district_id=member.district,
            staff_id=member.staff_id,
            account_id=None,
            deed=Deed.UNLOCK_MANY.value,
            reason=order.why,
            note=seal(self._context.keys, order.note.strip()),
            done_at=self._context.now,
        )
        self._session.add(row)
        self._session.flush()


def _is_of_spray(lock: Lock | None) -> bool:
    # A name that was tried without end was not one of a list: somebody is after it.
    return lock is not None and not lock.is_capped
