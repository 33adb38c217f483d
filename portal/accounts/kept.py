"""Write outcomes as JSON and read them back, for whoever repeats a request."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from portal.accounts.outcomes import (
    AccountOpened,
    AccountRequested,
    Cause,
    Confirmation,
    EmailChangeAsked,
    EmailConfirmed,
    MailAsked,
    MustChangePassword,
    PasswordChanged,
    PasswordSet,
    SignedIn,
    StudentsLinked,
    UsernameChanged,
)
from portal.core.database import EPOCH, microseconds
from portal.core.outcomes import Reason, Refused, Violation

# Outcomes of nothing but texts, flags and lists of texts; they are kept field by field.
Plain = (
    PasswordChanged
    | PasswordSet
    | MailAsked
    | AccountOpened
    | AccountRequested
    | StudentsLinked
    | UsernameChanged
    | EmailChangeAsked
)
AnyOutcome = SignedIn | MustChangePassword | EmailConfirmed | Plain | Refused
_PLAIN: dict[str, type[Plain]] = {
    "password_changed": PasswordChanged,
    "password_set": PasswordSet,
    "mail_asked": MailAsked,
    "account_opened": AccountOpened,
    "account_requested": AccountRequested,
    "students_linked": StudentsLinked,
    "username_changed": UsernameChanged,
    "email_change_asked": EmailChangeAsked,
}
_KINDS = {each: kind for kind, each in _PLAIN.items()}


def written(outcome: AnyOutcome) -> str:
    """Return an outcome as the table of requests keeps it."""
    return json.dumps(_values(outcome), ensure_ascii=False)


def read(text: str) -> AnyOutcome:
    """Return the outcome that `written` wrote."""
    values = json.loads(text)
    kind = values.pop("kind")
    match kind:
        case "signed_in":
            last = _instant(values["last"])
            restore = values.get("restore", False)
            return SignedIn(values["account_id"], values["name"], last, offers_restore=restore)
        case "must_change_password":
            return MustChangePassword(values["account_id"], Cause(values["cause"]))
        case "email_confirmed":
            return EmailConfirmed(Confirmation(values["of"]), values["username"], values["asked_in"])
        case "refused":
            return _refused(values)
        case _:
            lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
            return _PLAIN[kind](**{**values, **lists})


def _values(outcome: AnyOutcome) -> dict[str, Any]:
    values: dict[str, Any]
    match outcome:
        case SignedIn(account_id, display_name, last, offers_restore):
            values = {"account_id": account_id, "name": display_name, "last": _count(last)}
            return {"kind": "signed_in", **values, "restore": offers_restore}
        case MustChangePassword(account_id, cause):
            return {"kind": "must_change_password", "account_id": account_id, "cause": cause.value}
        case EmailConfirmed(kind, username, asked_in):
            values = {"of": kind.value, "username": username, "asked_in": asked_in}
            return {"kind": "email_confirmed", **values}
        case Refused(reason, retry_at, violations, choices):
            broken = [[each.key, each.number, each.field, each.row] for each in violations]
            values = {"reason": reason.value, "retry_at": _count(retry_at), "violations": broken}
            return {"kind": "refused", **values, "choices": list(choices)}
        case _:
            return {"kind": _KINDS[type(outcome)], **asdict(outcome)}


def _refused(values: dict[str, Any]) -> Refused:
    return Refused(
        Reason(values["reason"]),
        retry_at=_instant(values["retry_at"]),
        violations=tuple(Violation(*each) for each in values["violations"]),
        choices=tuple(values.get("choices", ())),
    )


def _count(instant: datetime | None) -> int | None:
    return None if instant is None else microseconds(instant)


def _instant(count: int | None) -> datetime | None:
    return None if count is None else EPOCH + timedelta(microseconds=count)
