"""Take from cases all that says whose they were and what was written; number, kind and times stay."""

from sqlalchemy import ColumnElement, func, literal, update

from portal.core.context import Context
from portal.core.database import Instant
from portal.core.sealed import seal
from portal.helpdesk.models import CaseRow
from portal.helpdesk.outcomes import CaseState


def empty_cases(context: Context, which: ColumnElement[bool]) -> None:
    """Empty the rows of the cases that are meant; what stands in their histories is for the caller."""
    nothing = {
        "account_id": None,
        "conversation_id": "",
        "details": seal(context.keys, {}),
        "triage": None,
        "state": CaseState.CLOSED.value,
        "closed_at": func.coalesce(CaseRow.closed_at, literal(context.now, Instant)),
        "waiting_since": None,
        "live_by": None,
        "live_until": None,
        "unread": 0,
        "version": CaseRow.version + 1,
    }
    emptied = update(CaseRow).where(which).values(nothing)
    context.session.execute(emptied, execution_options={"synchronize_session": False})
