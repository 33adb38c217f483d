"""Merge two accounts of one parent: one goes on with the children of both, the other ends for good."""

from dataclasses import replace

from sqlalchemy import select, update

from portal.accounts.addresses import key_of
from portal.accounts.devices import Devices
from portal.accounts.links import Links
from portal.accounts.mailing import to_owner
from portal.accounts.models import AccountRow
from portal.accounts.names import compared, is_storable
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outbox import MailKind, Outbox
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.sealed import seal
from portal.core.tokens import Tokens
from portal.helpdesk.desk.models import DeskDeedRow
from portal.helpdesk.desk.outcomes import Why
from portal.helpdesk.desk.verifying import Callers
from portal.helpdesk.merging.outcomes import LeftRecords, Merge, Merged, MergePlan
from portal.helpdesk.merging.planning import Planning
from portal.helpdesk.models import CaseRow
from portal.helpdesk.requests.outcomes import TellParent
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope

MOST_REASON = 500


class Merging:
    """Show a merge, and do it once."""

    def __init__(self, context: Context, records: LeftRecords, tell: TellParent) -> None:
        """Work in one transaction; `tell` lets the conversations of both accounts know."""
        self._context = context
        self._session = context.session
        self._records = records
        self._tell = tell

    def find(self, member: StaffMember, typed: str) -> str | Refused:
        """Return the account of a username, or the only one at an address."""
        if not member.may(Deed.MERGE):
            return Refused(Reason.FORBIDDEN)
        if not typed.strip() or not is_storable(typed):
            return Refused(Reason.NOT_FOUND)
        mine = Scope(self._context, member).accounts()
        named = select(AccountRow.account_id).where(mine, AccountRow.username_key == compared(typed))
        found = self._session.scalar(named)
        if found is None and (key := key_of(typed)) is not None:
            at_address = select(AccountRow.account_id).where(mine, AccountRow.email_key == key)
            open_ones = list(self._session.scalars(at_address.where(AccountRow.merged_into.is_(None))))
            found = open_ones[0] if len(open_ones) == 1 else None
        return found or Refused(Reason.NOT_FOUND)

    def plan(self, member: StaffMember, kept: str, ended: str) -> MergePlan | Refused:
        """Return what a merge would do; the look is on record for both accounts."""
        rows = self._pair(member, kept, ended)
        if isinstance(rows, Refused):
            return rows
        self._record(member, AuditEvent.MERGE_SEEN, rows)
        return replace(self._plan(rows), unverified=self._unverified(member, rows))

    def merge(self, member: StaffMember, merge: Merge) -> Merged | Refused:
        """Do what the plan showed; done before, it is reported and nothing is done."""
        rows = self._pair(member, merge.kept, merge.ended, lock=True)
        if isinstance(rows, Refused):
            return rows
        settled = _settled(*rows) or self._refusal(member, rows, merge.reason)
        if settled is not None:
            return settled
        plan = self._plan(rows)
        if plan.fingerprint != merge.fingerprint or plan.obstacles:
            # A child was linked in the meantime, say: nobody merges what they did not see.
            return Refused(Reason.OUTDATED)
        self._note(member, rows, merge)
        return self._merged(member, rows, plan)

    def _refusal(
        self, member: StaffMember, rows: tuple[AccountRow, AccountRow], reason: str
    ) -> Refused | None:
        if not reason.strip() or len(reason) > MOST_REASON or not is_storable(reason):
            key = "too_long" if reason.strip() else "empty"
            return Refused(Reason.FIELDS_REFUSED, violations=(Violation(key, field="reason"),))
        return Refused(Reason.CALLER_NOT_VERIFIED) if self._unverified(member, rows) else None

    def _plan(self, rows: tuple[AccountRow, AccountRow]) -> MergePlan:
        return Planning(self._context, self._records).plan(*rows)

    def _unverified(self, member: StaffMember, rows: tuple[AccountRow, AccountRow]) -> tuple[str, ...]:
        # Both: whoever proves to be the parent of one account must not get the children of another's.
        callers = Callers(self._context)
        ids = (row.account_id for row in rows)
        return tuple(each for each in ids if not callers.permits(member, each, Deed.MERGE))

    def _note(self, member: StaffMember, rows: tuple[AccountRow, AccountRow], merge: Merge) -> None:
        # On the screens of both accounts, the reason encrypted like everything that staff write.
        for row in rows:
            self._session.add(
                DeskDeedRow(
                    request_id=f"{merge.form_id}:{row.account_id}",
                    district_id=row.district_id,
                    staff_id=member.staff_id,
                    account_id=row.account_id,
                    deed=Deed.MERGE.value,
                    reason=Why.OTHER.value,
                    note=seal(self._context.keys, merge.reason.strip()),
                    done_at=self._context.now,
                )
            )
        self._session.flush()

    def _merged(self, member: StaffMember, rows: tuple[AccountRow, AccountRow], plan: MergePlan) -> Merged:
        kept, ended = rows
        conversations = self._conversations(rows)
        self._move_links(plan)
        self._records.move(ended.account_id, kept.account_id)
        cases = update(CaseRow).where(CaseRow.account_id == ended.account_id)
        self._session.execute(cases.values(account_id=kept.account_id))
        self._end(ended, kept)
        counts = {"moved": len(plan.moved), "before": len(plan.kept.links), "after": len(plan.after)}
        self._record(member, AuditEvent.ACCOUNTS_MERGED, rows, **counts)
        for account in rows:
            # Only where somebody confirmed it: another family must not read of it.
            if account.email_confirmed_at is not None:
                Outbox(self._context).put(account.district_id, MailKind.ACCOUNTS_MERGED, to_owner(account))
        for conversation in conversations:
            self._tell(conversation, "accounts_merged", {})
        return Merged(kept.account_id, len(plan.moved))

    def _move_links(self, plan: MergePlan) -> None:
        links = Links(self._context)
        relations = {link.student_id: link.relation for link in plan.ended.links}
        for student in plan.moved:
            links.link(plan.kept.account_id, student, relations[student])
        for link in plan.ended.links:
            links.unlink(plan.ended.account_id, link.student_id)

    def _end(self, ended: AccountRow, kept: AccountRow) -> None:
        # Its name stays its own, so that nobody else gets it; nothing that it held opens anything.
        Sessions(self._context).end_all(ended.account_id)
        Tokens(self._context).void(ended.account_id)
        Devices(self._context).forget(ended.account_id)
        kept.contact_id = kept.contact_id or ended.contact_id
        ended.contact_id = None
        ended.merged_into, ended.disabled_at = kept.account_id, self._context.now
        self._session.flush()

    def _conversations(self, rows: tuple[AccountRow, AccountRow]) -> list[str]:
        sessions = Sessions(self._context)
        return sorted({name for each in rows for name in sessions.conversations_of(each.account_id)})

    def _pair(
        self, member: StaffMember, kept: str, ended: str, *, lock: bool = False
    ) -> tuple[AccountRow, AccountRow] | Refused:
        if not member.may(Deed.MERGE):
            return Refused(Reason.FORBIDDEN)
        scope = Scope(self._context, member)
        found: dict[str, AccountRow] = {}
        # In one order, whoever merges what into what: two merges at once must not wait for each other.
        for account_id in sorted({kept, ended}):
            if not is_storable(account_id):
                return Refused(Reason.NOT_FOUND)
            row = self._session.get(AccountRow, account_id, with_for_update=lock, populate_existing=lock)
            if row is None or not scope.sees_account(account_id):
                return Refused(Reason.NOT_FOUND)
            found[account_id] = row
        return found[kept], found[ended]

    def _record(
        self,
        member: StaffMember,
        event: AuditEvent,
        rows: tuple[AccountRow, AccountRow],
        **details: str | int,
    ) -> None:
        audit = Audit(self._context)
        for account, other in (rows, rows[::-1]):
            # Each of the two lists the other, under the name that the audit has for it.
            subject, beside = f"account:{account.account_id}", f"account:{other.account_id}"
            with_ = audit.pseudonym(account.district_id, beside) or ""
            audit.record(account.district_id, event, subject=subject, by=member.by, other=with_, **details)


def _settled(kept: AccountRow, ended: AccountRow) -> Merged | Refused | None:
    """Return what came of a merge that was done before, or of one that crossed it."""
    if ended.merged_into == kept.account_id != ended.account_id:
        return Merged(kept.account_id, 0, is_repeat=True)
    is_over = ended.merged_into is not None or kept.merged_into is not None
    return Refused(Reason.ALREADY_DONE) if is_over else None
