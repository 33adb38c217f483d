"""Answer a repeated request with what came of it the first time."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import delete, text

from portal.accounts.kept import AnyOutcome, read, written
from portal.accounts.models import RequestRow
from portal.accounts.names import is_storable
from portal.accounts.outcomes import Asker
from portal.core.context import Context
from portal.core.database import microseconds
from portal.core.districts import District, Districts
from portal.core.outcomes import Reason, Refused

Outcome = TypeVar("Outcome", bound=AnyOutcome)
KEPT = timedelta(days=7)


class Operation(StrEnum):
    """Name what a request asks for; the same id may be used once for each."""

    SIGN_IN = "sign_in"
    CHANGE_PASSWORD = "change_password"  # noqa: S105  (the name of an operation)
    RECOVER_PASSWORD = "recover_password"  # noqa: S105  (as above)
    RECOVER_USERNAME = "recover_username"
    RESEND_CONFIRMATION = "resend_confirmation"
    SET_PASSWORD = "set_password"  # noqa: S105  (as above)
    CONFIRM_EMAIL = "confirm_email"
    OPEN_ACCOUNT = "open_account"
    REQUEST_ACCOUNT = "request_account"
    LINK_STUDENTS = "link_students"
    CHANGE_USERNAME = "change_username"
    CHANGE_EMAIL = "change_email"


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

    def begin(self, key: RequestKey[Outcome], asker: Asker, *texts: str) -> District | Outcome | Refused:
        """Remember what somebody asks who is not signed in.

        Return the district for a new request, else what came of the first; refuse what cannot be kept.
        """
        told = (asker.district, asker.conversation, asker.channel, asker.source, asker.request_id)
        is_kept = is_storable(*told, asker.language, asker.device, *texts)
        district = Districts(self._context).get(asker.district) if is_kept else None
        if district is None:
            return Refused(Reason.INVALID_REQUEST)
        repeated = self.open(key, district.slug)
        return district if repeated is None else repeated

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
        return cast("Outcome", read(row.outcome))

    def settle(self, key: RequestKey[Outcome], outcome: Outcome | Refused) -> None:
        """Remember what came of a request."""
        self._context.session.execute(_SETTLE, {**_values(key), "outcome": written(outcome)})

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
