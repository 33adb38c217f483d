"""Answer a repeated request with what came of it the first time."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import delete, text

from portal.accounts.models import RequestRow
from portal.accounts.outcomes import Cause, MustChangePassword, PasswordChanged, SignedIn
from portal.core.context import Context
from portal.core.database import EPOCH, microseconds
from portal.core.outcomes import Reason, Refused, Violation

AnyOutcome = SignedIn | MustChangePassword | PasswordChanged | Refused
Outcome = TypeVar("Outcome", bound=AnyOutcome)
KEPT = timedelta(days=7)


class Operation(StrEnum):
    """Name what a request asks for; the same id may be used once for each."""

    SIGN_IN = "sign_in"
    CHANGE_PASSWORD = "change_password"  # noqa: S105  (the name of an operation)


@dataclass(frozen=True, slots=True)
class RequestKey(Generic[Outcome]):
    """Name one request of one conversation; its type tells what can come of its operation."""

    conversation: str
    operation: Operation
    request_id: str


class Requests:
    """Remember each request and its outcome."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def open(self, key: RequestKey[Outcome], district: str) -> Outcome | Refused | None:
        """Remember a request; return None for a new one, else the outcome of the first."""
        values = {**_values(key), "district": district, "now": microseconds(self._context.now)}
        if self._context.session.execute(_OPEN, values).first() is not None:
            return None
        place = (key.conversation, key.operation.value, key.request_id)
        row = self._context.session.get_one(RequestRow, place, populate_existing=True)
        # Begun and never settled: it is running elsewhere, or was killed. It is not replayed.
        if row.outcome is None:
            return Refused(Reason.TICKET_VOID)
        # Only outcomes of the key's own operation are ever written under it.
        return cast("Outcome", _read(json.loads(row.outcome)))

    def settle(self, key: RequestKey[Outcome], outcome: Outcome | Refused) -> None:
        """Remember what came of a request."""
        written = json.dumps(_written(outcome))
        self._context.session.execute(_SETTLE, {**_values(key), "outcome": written})

    def purge(self) -> None:
        """Forget requests so old that nobody repeats them."""
        old = RequestRow.at <= self._context.now - KEPT
        self._context.session.execute(delete(RequestRow).where(old))


_OPEN = text(
    "insert into requests(conversation, operation, request_id, district_id, at)"
    " values(:conversation, :operation, :request_id, :district, :now) on conflict do nothing returning at"
)
_SETTLE = text(
    "update requests set outcome = :outcome"
    " where conversation = :conversation and operation = :operation and request_id = :request_id"
)


def _values(key: RequestKey[Any]) -> dict[str, str]:
    return {
        "conversation": key.conversation,
        "operation": key.operation.value,
        "request_id": key.request_id,
    }


def _written(outcome: AnyOutcome) -> dict[str, Any]:
    match outcome:
        case SignedIn(account_id, display_name, last):
            at = None if last is None else microseconds(last)
            return {"kind": "signed_in", "account_id": account_id, "name": display_name, "last": at}
        case MustChangePassword(account_id, cause):
            return {"kind": "must_change_password", "account_id": account_id, "cause": cause.value}
        case PasswordChanged(signed_in):
            return {"kind": "password_changed", "signed_in": signed_in}
        case _:
            at = None if outcome.retry_at is None else microseconds(outcome.retry_at)
            broken = [[violation.key, violation.number] for violation in outcome.violations]
            reason = outcome.reason.value
            return {"kind": "refused", "reason": reason, "retry_at": at, "violations": broken}


def _read(values: dict[str, Any]) -> AnyOutcome:
    match values["kind"]:
        case "signed_in":
            last = values["last"]
            at = None if last is None else EPOCH + timedelta(microseconds=last)
            return SignedIn(values["account_id"], values["name"], at)
        case "must_change_password":
            return MustChangePassword(values["account_id"], Cause(values["cause"]))
        case "password_changed":
            return PasswordChanged(values["signed_in"])
        case _:
            refused = Refused(
                Reason(values["reason"]),
                violations=tuple(Violation(key, number) for key, number in values["violations"]),
            )
            if values["retry_at"] is None:
                return refused
            return replace(refused, retry_at=EPOCH + timedelta(microseconds=values["retry_at"]))
