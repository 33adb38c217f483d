"""Turn a masked submission into the operation its ticket permits, and name what came of it."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.accounts.outcomes import (
    AccountOpened,
    AccountRequested,
    Asker,
    ChangeEmail,
    ChangePassword,
    ChangeUsername,
    Confirmation,
    EmailChangeAsked,
    EmailConfirmed,
    LinkStudents,
    MustChangePassword,
    OpenAccount,
    PasswordChanged,
    PasswordSet,
    RequestAccount,
    SignedIn,
    SignIn,
    StudentClaim,
    StudentsLinked,
    UsernameChanged,
)
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.dialogue.outcomes import News, NewsKind, OpenTicket, Purpose, SecretSubmission

EMPTY = Secret("")
Permitted = (
    SignIn | ChangePassword | OpenAccount | RequestAccount | LinkStudents | ChangeUsername | ChangeEmail
)
Outcome = (
    SignedIn
    | MustChangePassword
    | PasswordChanged
    | AccountOpened
    | AccountRequested
    | StudentsLinked
    | UsernameChanged
    | EmailChangeAsked
    | Refused
)


def permitted(ticket: OpenTicket, submission: SecretSubmission) -> Permitted:
    """Return the one request that a ticket permits; the ticket's id is the request's."""
    return _PERMITTED[ticket.purpose](ticket, submission)


def _sign_in(ticket: OpenTicket, submission: SecretSubmission) -> SignIn:
    return SignIn(
        district=_text(ticket, "district"),
        username=_text(ticket, "username"),
        password=_typed(submission, "password"),
        source=submission.source,
        conversation=submission.conversation,
        channel=submission.channel,
        request_id=ticket.id,
        device=submission.device,
    )


def _change_password(ticket: OpenTicket, submission: SecretSubmission) -> ChangePassword:
    return ChangePassword(
        conversation=submission.conversation,
        current=_typed(submission, "current_password"),
        new=_typed(submission, "new_password"),
        again=_typed(submission, "new_password_again"),
        source=submission.source,
        request_id=ticket.id,
    )


def _open_account(ticket: OpenTicket, submission: SecretSubmission) -> OpenAccount:
    return OpenAccount(
        asker=_asker(ticket, submission),
        first_name=_text(ticket, "first_name"),
        last_name=_text(ticket, "last_name"),
        email=_text(ticket, "email"),
        username=_text(ticket, "username"),
        new=_typed(submission, "new_password"),
        again=_typed(submission, "new_password_again"),
        students=_students(ticket, submission),
    )


def _request_account(ticket: OpenTicket, submission: SecretSubmission) -> RequestAccount:
    return RequestAccount(
        asker=_asker(ticket, submission),
        first_name=_text(ticket, "first_name"),
        last_name=_text(ticket, "last_name"),
        email=_text(ticket, "email"),
        new=_typed(submission, "new_password"),
        again=_typed(submission, "new_password_again"),
        question=_text(ticket, "question"),
        answer=_typed(submission, "security_answer"),
    )


def _link_students(ticket: OpenTicket, submission: SecretSubmission) -> LinkStudents:
    return LinkStudents(
        conversation=submission.conversation,
        source=submission.source,
        students=_students(ticket, submission),
        request_id=ticket.id,
    )


def _change_username(ticket: OpenTicket, submission: SecretSubmission) -> ChangeUsername:
    return ChangeUsername(
        conversation=submission.conversation,
        source=submission.source,
        username=_text(ticket, "username"),
        password=_typed(submission, "password"),
        request_id=ticket.id,
    )


def _change_email(ticket: OpenTicket, submission: SecretSubmission) -> ChangeEmail:
    return ChangeEmail(
        conversation=submission.conversation,
        source=submission.source,
        email=_text(ticket, "email"),
        password=_typed(submission, "password"),
        request_id=ticket.id,
    )


_PERMITTED: Mapping[Purpose, Callable[[OpenTicket, SecretSubmission], Permitted]] = {
    Purpose.SIGN_IN: _sign_in,
    Purpose.CHANGE_PASSWORD: _change_password,
    Purpose.OPEN_ACCOUNT: _open_account,
    Purpose.REQUEST_ACCOUNT: _request_account,
    Purpose.LINK_STUDENTS: _link_students,
    Purpose.CHANGE_USERNAME: _change_username,
    Purpose.CHANGE_EMAIL: _change_email,
}


def _text(ticket: OpenTicket, name: str) -> str:
    return str(ticket.context.get(name, ""))


def _typed(submission: SecretSubmission, name: str) -> Secret:
    return submission.values.get(name, EMPTY)


def _students(ticket: OpenTicket, submission: SecretSubmission) -> tuple[StudentClaim, ...]:
    # The passwords come in the order of the students that the ticket was opened for, counted from 1.
    return tuple(
        StudentClaim(
            name=str(student.get("name", "")),
            access_id=str(student.get("access_id", "")),
            access_password=_typed(submission, f"access_password_{number}"),
            relationship=str(student.get("relationship", "")),
        )
        for number, student in enumerate(ticket.context.get("students", ()), 1)
    )


def _asker(ticket: OpenTicket, submission: SecretSubmission) -> Asker:
    return Asker(
        district=_text(ticket, "district"),
        conversation=submission.conversation,
        channel=submission.channel,
        source=submission.source,
        request_id=ticket.id,
        language=_text(ticket, "language") or "en",
        device=submission.device,
    )


def told(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as the conversation keeps it: keys and values, no words and no secret."""
    match outcome:
        case SignedIn(display_name=name, offers_restore=offers_restore):
            return {"outcome": "signed_in", "name": name, "offers_restore": offers_restore}
        case MustChangePassword(cause=cause):
            return {"outcome": "must_change_password", "cause": cause.value}
        case PasswordChanged(signed_in=signed_in):
            return {"outcome": "password_changed", "signed_in": signed_in}
        case Refused():
            return _told_refusal(outcome)
        case _:
            return _told_of_account(outcome)


def _told_of_account(
    outcome: AccountOpened | AccountRequested | StudentsLinked | UsernameChanged | EmailChangeAsked,
) -> dict[str, Any]:
    match outcome:
        case AccountOpened(username=username, students=students):
            return {"outcome": "account_opened", "username": username, "students": list(students)}
        case AccountRequested():
            return {"outcome": "account_requested"}
        case StudentsLinked(linked=linked, already=already):
            return {"outcome": "students_linked", "linked": list(linked), "already": list(already)}
        case UsernameChanged(username=username):
            return {"outcome": "username_changed", "username": username}
        case EmailChangeAsked(email=email):
            return {"outcome": "email_change_asked", "email": email}


def _told_refusal(refused: Refused) -> dict[str, Any]:
    return {
        "outcome": "refused",
        "reason": refused.reason.value,
        "retry_at": None if refused.retry_at is None else refused.retry_at.isoformat(),
        "choices": list(refused.choices),
        "violations": [
            {"key": each.key, "number": each.number, "field": each.field, "row": each.row}
            for each in refused.violations
        ],
    }


def news_of(outcome: object) -> News | None:
    """Return what a conversation is told of something that its parent did on a page."""
    # What a parent did on a page, the conversation that asked for the mail is told in the same commit.
    match outcome:
        case PasswordSet(asked_in=asked_in, username=username, is_locked=is_locked) if asked_in:
            values = {"username": username} | ({"locked": "yes"} if is_locked else {})
            return News(asked_in, NewsKind.PASSWORD_SET, values)
        case EmailConfirmed(kind=kind, asked_in=asked_in, username=username) if asked_in:
            active = kind is Confirmation.REQUEST
            news = NewsKind.ACCOUNT_ACTIVE if active else NewsKind.EMAIL_CONFIRMED
            return News(asked_in, news, {"username": username})
        case _:
            return None
