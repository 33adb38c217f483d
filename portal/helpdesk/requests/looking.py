"""Show staff which requests for an account wait, and each of them whole."""

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from portal.accounts.mailing import RequestState
from portal.accounts.models import AccountRequestRow, AccountRow, LinkRow
from portal.accounts.names import is_storable
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.requests.comparing import Comparing
from portal.helpdesk.requests.notes import RequestNotes
from portal.helpdesk.requests.outcomes import ChildOnFile, NoteKind, RequestLine, RequestShown, View
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.helpdesk.staff.scope import Scope

# What is older is found by the parent's name.
MOST_LISTED = 200
_FIRST_WAITS_LONGEST = frozenset({View.WAITING, View.CONNECTING})


class RequestsShown:
    """List and show requests to one member of staff; each look is on record."""

    def __init__(self, context: Context, member: StaffMember) -> None:
        """Work in one transaction, for one member."""
        self._context = context
        self._session = context.session
        self._member = member
        self._scope = Scope(context, member)
        self._comparing = Comparing(context, member.district, self._scope)
        self._notes = RequestNotes(context)

    def list(self, view: View) -> tuple[RequestLine, ...] | Refused:
        """Return the requests of one list; those that wait longest first, what is done newest first."""
        if not self._member.may(Deed.SEE_REQUESTS):
            return Refused(Reason.FORBIDDEN)
        asked = AccountRequestRow.created_at
        order = (asked if view in _FIRST_WAITS_LONGEST else asked.desc(), AccountRequestRow.request_id)
        query = select(AccountRequestRow).where(self._in(view)).order_by(*order).limit(MOST_LISTED)
        rows = [row for row in self._session.scalars(query) if self._is_theirs(row)]
        self._record(AuditEvent.REQUESTS_SEEN, view=view.value, count=len(rows))
        return tuple(self._line(row) for row in rows)

    def counts(self) -> dict[View, int]:
        """Return how many requests are in the lists that wait for somebody; for the whole district only."""
        return {
            view: self._session.scalar(
                select(func.count()).select_from(AccountRequestRow).where(self._in(view))
            )
            or 0
            for view in (View.WAITING, View.CONNECTING)
        }

    def one(self, request_id: str, student_number: str = "") -> RequestShown | Refused:
        """Return one request with everybody who may have asked, those of a named student too."""
        if not self._member.may(Deed.SEE_REQUESTS):
            return Refused(Reason.FORBIDDEN)
        row = self.find(request_id)
        if row is None:
            return Refused(Reason.NOT_FOUND)
        self._record(AuditEvent.REQUEST_SEEN, f"request:{request_id}")
        account = self._session.get(AccountRow, row.account_id or "")
        return RequestShown(
            line=self._line(row),
            candidates=self._comparing.candidates(row, student_number.strip()),
            notes=self._notes.of(request_id),
            account_id=None if account is None else account.account_id,
            username=None if account is None else account.username,
            connects=() if account is None else self.to_connect(account),
        )

    def find(self, request_id: str, *, lock: bool = False) -> AccountRequestRow | None:
        """Return a request that is the member's to see; locked, as it is once whoever had it let go."""
        if not is_storable(request_id):
            return None
        query = select(AccountRequestRow).where(
            AccountRequestRow.request_id == request_id,
            AccountRequestRow.district_id == self._member.district,
        )
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        row = self._session.scalar(query)
        return row if row is not None and self._is_theirs(row) else None

    def to_connect(self, account: AccountRow) -> tuple[ChildOnFile, ...]:
        """Return the children that the records give to an account's contact and that it does not have yet."""
        contact = self._comparing.find(account.contact_id or "")
        if contact is None or not contact.enabled or account.disabled_at is not None:
            return ()
        linked = set(
            self._session.scalars(select(LinkRow.student_id).where(LinkRow.account_id == account.account_id))
        )
        children = self._comparing.children(contact.id)
        return tuple(each for each in children if each.allowed and each.student_id not in linked)

    def _in(self, view: View) -> ColumnElement[bool]:
        state, mine = AccountRequestRow.state, AccountRequestRow.district_id == self._member.district
        match view:
            case View.WAITING:
                return and_(mine, state == RequestState.STAFF.value)
            case View.CONFIRMING:
                return and_(mine, state == RequestState.MAILED.value)
            case View.CONNECTING:
                return and_(mine, state == RequestState.ACTIVE.value, _has_no_child())
            case View.DECIDED:
                over = (RequestState.REJECTED.value, RequestState.EXPIRED.value)
                is_connected = and_(state == RequestState.ACTIVE.value, ~_has_no_child())
                return and_(mine, or_(state.in_(over), is_connected))

    def _is_theirs(self, row: AccountRequestRow) -> bool:
        """Tell whether it is theirs to see: to a school, where somebody of the school may have asked."""
        if not self._member.is_of_schools:
            return True
        return bool(self._comparing.candidates(row)) or self._scope.sees_account(row.account_id)

    def _line(self, row: AccountRequestRow) -> RequestLine:
        question = self._notes.open_question(row.request_id)
        return RequestLine(
            request_id=row.request_id,
            name=f"{row.first_name} {row.last_name}",
            email=row.email,
            language=row.language,
            state=row.state,
            reason=row.reason,
            asked_at=row.created_at,
            decided_at=row.decided_at,
            waits_for_family=question is not None,
            was_answered=question is None and self._notes.last(row.request_id, NoteKind.ANSWER) is not None,
        )

    def _record(self, event: AuditEvent, subject: str = "", **details: str | int) -> None:
        # Every look by staff at what a family typed is on record.
        Audit(self._context).record(
            self._member.district, event, subject=subject, by=self._member.by, **details
        )


def _has_no_child() -> ColumnElement[bool]:
    account = exists().where(
        AccountRow.account_id == AccountRequestRow.account_id, AccountRow.disabled_at.is_(None)
    )
    linked = exists().where(LinkRow.account_id == AccountRequestRow.account_id)
    return and_(account, ~linked)
