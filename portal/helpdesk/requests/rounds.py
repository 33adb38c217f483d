"""Do what is due with requests for an account, whoever looks at them: tell staff, let old ones go."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from portal.accounts.mailing import RequestState
from portal.accounts.models import AccountRequestRow
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.helpdesk.requests.models import RequestNoteRow

# A family that waited so long has asked elsewhere; its name is not kept for nothing.
WAITS = timedelta(days=90)
# As long as somebody may ask what became of it.
KEPT = timedelta(days=90)


class RequestRounds:
    """Work through the requests of all districts inside one transaction."""

    def __init__(self, context: Context, tell: Callable[[District, int], None]) -> None:
        """Work in one transaction; `tell` lets a district's chats of staff know how many requests wait."""
        self._context = context
        self._session = context.session
        self._tell = tell

    def tell_staff(self) -> int:
        """Tell the chats of staff of requests that wait, each once; return how many were new.

        Not where the request is kept: whoever asks must not learn from the time it takes that it waits.
        """
        waits = AccountRequestRow.state == RequestState.STAFF.value
        new = update(AccountRequestRow).where(waits, AccountRequestRow.told_at.is_(None))
        told = list(
            self._session.scalars(
                new.values(told_at=self._context.now).returning(AccountRequestRow.district_id)
            )
        )
        for slug in sorted(set(told)):
            count = select(func.count()).select_from(AccountRequestRow)
            mine = AccountRequestRow.district_id == slug
            self._tell(
                Districts(self._context).get_one(slug), self._session.scalar(count.where(waits, mine)) or 0
            )
        return len(told)

    def purge(self) -> None:
        """Let go of requests that nobody decided, and later of all that is over."""
        now = self._context.now
        waits = AccountRequestRow.state == RequestState.STAFF.value
        # The state is part of the condition: of this and a decision in the same moment one wins.
        old = update(AccountRequestRow).where(waits, AccountRequestRow.created_at <= now - WAITS)
        expired = old.values(state=RequestState.EXPIRED.value, decided_at=now)
        columns = (AccountRequestRow.request_id, AccountRequestRow.district_id)
        for request_id, district in self._session.execute(expired.returning(*columns)).all():
            subject = f"request:{request_id}"
            Audit(self._context).record(district, AuditEvent.REQUEST_EXPIRED, subject=subject)
        over = AccountRequestRow.state.in_((RequestState.EXPIRED.value, RequestState.REJECTED.value))
        self._session.execute(
            delete(AccountRequestRow).where(over, AccountRequestRow.decided_at <= now - KEPT)
        )
        kept = select(AccountRequestRow.request_id)
        self._session.execute(delete(RequestNoteRow).where(RequestNoteRow.request_id.not_in(kept)))
