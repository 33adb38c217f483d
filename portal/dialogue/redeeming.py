"""Turn a masked submission into the operation its ticket permits, and name what came of it."""

from typing import Any

from portal.accounts.outcomes import (
    ChangePassword,
    MustChangePassword,
    PasswordChanged,
    SignedIn,
    SignIn,
)
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.dialogue.outcomes import OpenTicket, Purpose, SecretSubmission

EMPTY = Secret("")


def permitted(ticket: OpenTicket, submission: SecretSubmission) -> SignIn | ChangePassword:
    """Return the one request that a ticket permits; the ticket's id is the request's."""
    typed = submission.values
    match ticket.purpose:
        case Purpose.SIGN_IN:
            return SignIn(
                district=str(ticket.context.get("district", "")),
                username=str(ticket.context.get("username", "")),
                password=typed.get("password", EMPTY),
                source=submission.source,
                conversation=submission.conversation,
                channel=submission.channel,
                request_id=ticket.id,
            )
        case Purpose.CHANGE_PASSWORD:
            return ChangePassword(
                conversation=submission.conversation,
                current=typed.get("current_password", EMPTY),
                new=typed.get("new_password", EMPTY),
                again=typed.get("new_password_again", EMPTY),
                source=submission.source,
                request_id=ticket.id,
            )


def told(outcome: SignedIn | MustChangePassword | PasswordChanged | Refused) -> dict[str, Any]:
    """Return an outcome as the conversation keeps it: keys and values, no words and no secret."""
    match outcome:
        case SignedIn(display_name=name):
            return {"outcome": "signed_in", "name": name}
        case MustChangePassword(cause=cause):
            return {"outcome": "must_change_password", "cause": cause.value}
        case PasswordChanged(signed_in=signed_in):
            return {"outcome": "password_changed", "signed_in": signed_in}
        case Refused(reason, retry_at, violations):
            return {
                "outcome": "refused",
                "reason": reason.value,
                "retry_at": None if retry_at is None else retry_at.isoformat(),
                "violations": [{"key": each.key, "number": each.number} for each in violations],
            }
