"""Open cases for the help desk, and show what waits for staff."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, text

from portal.accounts.gate import Gate, Kind, Limit
from portal.accounts.mailing import RequestState
from portal.accounts.models import AccountRequestRow
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.database import microseconds
from portal.core.districts import District, Districts
from portal.core.outbox import MailKind, Outbox, To
from portal.core.outcomes import Refused
from portal.core.sealed import seal, unseal
from portal.helpdesk import triage
from portal.helpdesk.case_files import CaseFiles
from portal.helpdesk.due import due_at
from portal.helpdesk.models import CaseRow
from portal.helpdesk.outcomes import Case, CaseKind, CaseOpened, CaseState, NewCase, WaitingRequest

# What a family writes is read by a person: a page of it, field by field.
MOST_DETAIL = 4000
MOST_DETAILS = 20
# Ends what is longer than it may be, so that whoever reads it sees that there was more.
MORE = "…"
# Whoever floods the help desk keeps it from those who need it. Counted for the source on every channel:
# a new conversation costs nothing.
CASES = Limit(5, timedelta(hours=1))
_MAILS = {CaseKind.BARRED: MailKind.STAFF_BARRED, CaseKind.ROSTER_REFUSED: MailKind.STAFF_ROSTER}
# Of two cases opened at once one takes the number; the other gets nothing back, and asks again.
_OPEN = text("""
insert into cases (case_id, district_id, number, kind, state, channel, language, conversation_id,
  account_id, details, opened_at, changed_at, opened_by, due_at, waiting_since, triage, unread, version)
values (:case_id, :district,
  (select coalesce(max(number), 0) + 1 from cases where district_id = :counted), :kind, :state,
  :channel, :language, :conversation, :account_id, :details, :now, :now, :opened_by, :due, :waiting, :triage,
  0, 1)
on conflict do nothing
returning number
""")


class Cases:
    """Keep the cases of a district."""

    def __init__(
        self, context: Context, tell: Callable[[District, int, str], None], steps: triage.Steps
    ) -> None:
        """Work in one transaction; `tell` lets the chats of staff know of a district's new case.

        `steps` returns what was said in a conversation before.
        """
        self._context = context
        self._tell_chats = tell
        self._steps = steps
        self._files = CaseFiles(context)
        self._session = context.session

    def ask(self, new: NewCase, source: str) -> CaseOpened | Refused:
        """Open a case for whoever asks for one, as often as one source may; refuse with THROTTLED."""
        gate = Gate(self._context)
        key = gate.key(Kind.RECOVERY, new.district, "case", source)
        return gate.reserve(new.district, Kind.RECOVERY, key, CASES) or self.open(new)

    def open(self, new: NewCase) -> CaseOpened:
        """Open a case and tell staff that there is one; a repeat adds to the one that is open."""
        row = self._open_case(new)
        if row is not None:
            known = unseal(self._context.keys, row.details)
            row.details = seal(self._context.keys, _joined(known, new.details))
            row.account_id = row.account_id or new.account_id
            row.waiting_since = row.waiting_since or self._context.now
            self._files.happened(row, "added", by=new.opened_by)
            return CaseOpened(row.number, is_new=False)
        case_id, number = self._added(new)
        subject = f"case:{case_id}"
        Audit(self._context).record(
            new.district,
            AuditEvent.CASE_OPENED,
            subject=subject,
            kind=new.kind.value,
            **({"by": f"staff:{new.opened_by}"} if new.opened_by else {}),
        )
        if not new.opened_by:
            self._tell_staff(new, number)
        return CaseOpened(number, is_new=True)

    def waiting(self, district: str, *, by: str = "") -> list[Case]:
        """Return the open cases, the oldest first; `by` is the member of staff who looks at them."""
        query = select(CaseRow).where(CaseRow.district_id == district, CaseRow.state == CaseState.OPEN.value)
        rows = list(self._session.scalars(query.order_by(CaseRow.opened_at, CaseRow.number)))
        if by:
            # Every look by staff at what families gave is on record.
            Audit(self._context).record(district, AuditEvent.CASES_SEEN, by=by, count=len(rows))
        return [self._shown(row) for row in rows]

    def requests(self, district: str) -> list[WaitingRequest]:
        """Return the requests for an account that staff have to look at, the oldest first."""
        query = select(AccountRequestRow).where(
            AccountRequestRow.district_id == district, AccountRequestRow.state == RequestState.STAFF.value
        )
        rows = self._session.scalars(
            query.order_by(AccountRequestRow.created_at, AccountRequestRow.request_id)
        )
        return [
            WaitingRequest(f"{row.first_name} {row.last_name}", row.email, row.reason, row.created_at)
            for row in rows
        ]

    def _open_case(self, new: NewCase) -> CaseRow | None:
        query = select(CaseRow).where(
            CaseRow.district_id == new.district,
            CaseRow.conversation_id == new.conversation,
            CaseRow.kind == new.kind.value,
            CaseRow.state == CaseState.OPEN.value,
        )
        return self._session.scalars(query.order_by(CaseRow.number).limit(1).with_for_update()).first()

    def _added(self, new: NewCase) -> tuple[str, int]:
        values = {
            "case_id": uuid4().hex,
            "district": new.district,
            "counted": new.district,
            "kind": new.kind.value,
            "state": CaseState.OPEN.value,
            "channel": new.channel,
            "language": new.language,
            "conversation": new.conversation,
            "account_id": new.account_id,
            "details": seal(self._context.keys, _joined({}, new.details)),
            "now": microseconds(self._context.now),
            "opened_by": new.opened_by,
            "due": microseconds(due_at(self._context.now, new.kind, self._district(new))),
            # Staff who open one know of it; a family waits from here on.
            "waiting": None if new.opened_by else microseconds(self._context.now),
            "triage": triage.taken_down(self._context, new, self._steps),
        }
        number: int | None = None
        while number is None:
            number = self._session.scalar(_OPEN, values)
        return str(values["case_id"]), number

    def _tell_staff(self, new: NewCase, number: int) -> None:
        district = self._district(new)
        kind = _MAILS.get(new.kind, MailKind.STAFF_CASE)
        # The mail names nobody: what the family gave stays where staff sign in to see it.
        to = To(district.options.help_at().email)
        Outbox(self._context).put(new.district, kind, to, number=number, case=new.kind.value)
        self._tell_chats(district, number, new.kind.value)

    def _district(self, new: NewCase) -> District:
        return Districts(self._context).get_one(new.district)

    def _shown(self, row: CaseRow) -> Case:
        return Case(
            number=row.number,
            kind=CaseKind(row.kind),
            state=row.state,
            channel=row.channel,
            language=row.language,
            account_id=row.account_id,
            details=unseal(self._context.keys, row.details),
            opened_at=row.opened_at,
        )


def _joined(known: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Add what was given now to what is known, as much as there is room for."""
    joined = dict(known)
    for key, value in given.items():
        before = joined.get(key, "")
        if value.strip() and value not in before.split("\n"):
            joined[key] = cut(f"{before}\n{value}".strip(), MOST_DETAIL)
    return dict(list(joined.items())[:MOST_DETAILS])


def cut(text: str, most: int) -> str:
    """Return the beginning of a text, and a sign that there was more."""
    return text if len(text) <= most else text[: most - len(MORE)] + MORE
