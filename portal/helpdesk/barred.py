"""Open a case when a barred contact is sent to the school, with what they gave."""

from portal.accounts.models import AccountRow, SessionRow
from portal.accounts.outcomes import LinkStudents, LiveSession, OpenAccount, StudentClaim
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.helpdesk.service import Cases


def tell_of_barred(
    cases: Cases, context: Context, request: OpenAccount | LinkStudents | None, outcome: object
) -> None:
    """Let staff know of a family that was refused, in the transaction that refuses it."""
    if request is None or not isinstance(outcome, Refused) or outcome.reason is not Reason.BARRED:
        return
    match request:
        case OpenAccount():
            cases.open(_of_opening(request))
        case LinkStudents():
            live = Sessions(context).current(request.conversation, touch=False)
            if isinstance(live, LiveSession):
                cases.open(_of_linking(context, request, live))


def _of_opening(request: OpenAccount) -> NewCase:
    asker = request.asker
    details = {
        "name": f"{request.first_name} {request.last_name}",
        "email": request.email,
        "students": _named(request.students),
    }
    return NewCase(
        asker.district, CaseKind.BARRED, asker.conversation, asker.channel, asker.language, None, details
    )


def _of_linking(context: Context, request: LinkStudents, live: LiveSession) -> NewCase:
    account = context.session.get_one(AccountRow, live.account_id)
    channel = context.session.get_one(SessionRow, live.session_id).channel
    details = {
        "name": account.display_name,
        "email": account.email or "",
        "students": _named(request.students),
    }
    language = account.language or "en"
    return NewCase(
        live.district, CaseKind.BARRED, request.conversation, channel, language, live.account_id, details
    )


def _named(students: tuple[StudentClaim, ...]) -> str:
    # The Access ID finds the student; alone it opens nothing.
    return "; ".join(f"{each.name} ({each.relationship}, Access ID {each.access_id})" for each in students)
