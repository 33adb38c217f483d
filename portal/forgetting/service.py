"""Forget a family: show what would go, and do it once, in one transaction.

Whoever signs in at the same time is there before, and goes too, or finds nobody of that name.
"""

from typing import Any

from sqlalchemy import delete, func, select, update

from portal.accounts.models import AccountRow, LinkRow
from portal.accounts.names import compared
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.models import AuditRow
from portal.core.outbox import MailKind, Outbox, To
from portal.core.outcomes import Reason, Refused
from portal.dialogue.models import ConversationRow
from portal.forgetting.emptying import empty_cases
from portal.forgetting.family import Family, Gathering
from portal.forgetting.outcomes import Forgotten, GoesWith, Kind, Plan, Stays
from portal.forgetting.tables import gone_with
from portal.helpdesk.models import CaseRow
from portal.helpdesk.onboarding.models import LetterRow
from portal.records.models import RegistrationRow

NOTHING_LOADED = {"synchronize_session": False}


class Forgetting:
    """Plan and do it, in one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session
        self._gathering = Gathering(context)

    def plan(self, district: str, username: str) -> Plan | GoesWith | Refused:
        """Return what would go and what would stay; nothing is changed."""
        found = self._found(district, username)
        if not isinstance(found, AccountRow):
            return found
        accounts = self._gathering.accounts(found)
        return self._plan(found, self._gathering.family(accounts))

    def forget(
        self, district: str, username: str, *, by: str, reference: str
    ) -> Forgotten | GoesWith | Refused:
        """Do what the plan shows; whoever is not there any more was forgotten before: NOT_FOUND.

        `reference` is where the wish is on file. It is kept for good, so it must not name anybody.
        """
        found = self._found(district, username)
        if not isinstance(found, AccountRow):
            return found
        account = self._locked(found)
        if account is None:
            return Refused(Reason.NOT_FOUND)
        family = self._gathering.family(self._gathering.accounts(account))
        plan = self._plan(account, family)
        to = self._last_address(account, family)
        self._hand_on_registrations(family)
        self._empty(family)
        for _, model, where in gone_with(family):
            self._session.execute(delete(model).where(where), execution_options=NOTHING_LOADED)
        # What this session had loaded is not there any more.
        self._session.expunge_all()
        if to is not None:
            Outbox(self._context).put(district, MailKind.ACCOUNT_FORGOTTEN, to)
        self._record(family, by=by, reference=reference, rows=sum(plan.goes.values()))
        return Forgotten(plan)

    def _found(self, district: str, username: str) -> AccountRow | GoesWith | Refused:
        mine = (AccountRow.district_id == district, AccountRow.username_key == compared(username))
        account = self._session.scalar(select(AccountRow).where(*mine))
        if account is None:
            return Refused(Reason.NOT_FOUND)
        if account.merged_into is not None:
            return GoesWith(self._session.get_one(AccountRow, account.merged_into).username)
        return account

    def _locked(self, account: AccountRow) -> AccountRow | None:
        """Keep others off the family until the end: its conversations first, as a turn does."""
        accounts = self._gathering.accounts(account)
        places = self._gathering.conversations(accounts)
        held = select(ConversationRow.id).where(ConversationRow.id.in_(places)).order_by(ConversationRow.id)
        self._session.execute(held.with_for_update())
        ids = sorted(row.account_id for row in accounts)
        rows = select(AccountRow).where(AccountRow.account_id.in_(ids)).order_by(AccountRow.account_id)
        locked = self._session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()
        return next((row for row in locked if row.account_id == account.account_id), None)

    def _plan(self, account: AccountRow, family: Family) -> Plan:
        moved, unfetched = self._registrations(family)
        goes = dict.fromkeys(Kind, 0)
        for kind, model, where in gone_with(family):
            goes[kind] += self._count(model, where)
        goes[Kind.REGISTRATIONS] -= moved
        goes[Kind.CASES] += len(family.cases)
        return Plan(
            district=family.district,
            username=account.username,
            goes=goes,
            stays=self._stays(family),
            is_told=self._last_address(account, family) is not None,
            unfetched=unfetched,
            moved=moved,
        )

    def _stays(self, family: Family) -> dict[Stays, int]:
        students = select(LinkRow.student_id).where(LinkRow.account_id.in_(family.accounts))
        audit = Audit(self._context)
        names = [audit.pseudonym(family.district, each) for each in family.subjects]
        mine = AuditRow.subject.in_([each for each in names if each])
        # Only the command line takes a sentence for it; the console takes one of a list.
        by_command = AuditRow.details.contains('"by": "command line: ', autoescape=True)
        typed = (AuditRow.event == AuditEvent.ACCOUNT_UNLOCKED.value) & by_command
        return {
            Stays.RECORDS: self._session.scalar(select(func.count()).select_from(students.subquery())) or 0,
            Stays.LETTERS: self._count(LetterRow, LetterRow.student_id.in_(students)),
            Stays.AUDIT: self._count(AuditRow, mine),
            Stays.SENTENCES: self._count(AuditRow, mine & typed),
            Stays.CASES: len(family.cases),
            Stays.SHARED: len(family.shared),
        }

    def _last_address(self, account: AccountRow, family: Family) -> To | None:
        # Only where somebody confirmed it: another family must not read of it. It names no account, so
        # that nothing leads back to one.
        if account.email is None or account.email_confirmed_at is None:
            return None
        return To(account.email, language=account.language or self._spoken(family))

    def _spoken(self, family: Family) -> str:
        places = ConversationRow.id.in_(family.places) & (ConversationRow.language != "")
        newest = select(ConversationRow.language).where(places).order_by(ConversationRow.created_at.desc())
        return self._session.scalar(newest.limit(1)) or ""

    def _registrations(self, family: Family) -> tuple[int, int]:
        """Count what stays with another account of the child, and what the school never fetched."""
        mine = RegistrationRow.account_id.in_(family.accounts)
        rows = list(self._session.scalars(select(RegistrationRow).where(mine)))
        lost = [row for row in rows if self._other_parent(row.student_id, family) is None]
        return len(rows) - len(lost), sum(row.exported_on is None for row in lost)

    def _hand_on_registrations(self, family: Family) -> None:
        # A child's courses are not one parent's alone: they stay with the other parent's account.
        mine = RegistrationRow.account_id.in_(family.accounts)
        for row in self._session.scalars(select(RegistrationRow).where(mine)):
            row.account_id = self._other_parent(row.student_id, family) or row.account_id
        self._session.flush()

    def _other_parent(self, student: str, family: Family) -> str | None:
        others = select(LinkRow.account_id).where(
            LinkRow.district_id == family.district,
            LinkRow.student_id == student,
            LinkRow.account_id.not_in(family.accounts),
        )
        return self._session.scalar(others.order_by(LinkRow.linked_at, LinkRow.account_id).limit(1))

    def _empty(self, family: Family) -> None:
        empty_cases(self._context, CaseRow.case_id.in_(family.cases))
        # What a shared chat remembers of its course holds what every parent said in it; a turn that is
        # under way loses its lease, or it would put all of it back.
        blank = {"state": None, "session_id": None, "lease_owner": None, "lease_until": None}
        shared = [each.conversation for each in family.shared]
        chats = update(ConversationRow).where(ConversationRow.id.in_(shared)).values(blank)
        self._session.execute(chats, execution_options=NOTHING_LOADED)

    def _record(self, family: Family, *, by: str, reference: str, rows: int) -> None:
        audit, account = Audit(self._context), family.accounts[0]
        audit.record(
            family.district,
            AuditEvent.ACCOUNT_FORGOTTEN,
            subject=f"account:{account}",
            by=by,
            reference=reference,
            accounts=len(family.accounts),
            rows=rows,
        )
        for subject in family.subjects:
            audit.forget(family.district, subject)

    def _count(self, model: type[Any], where: Any) -> int:
        return self._session.scalar(select(func.count()).select_from(model).where(where)) or 0
