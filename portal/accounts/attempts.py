"""Keep each attempt on a name for some weeks, so that staff can say why somebody did not get in."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import delete, select

from portal.accounts.models import AttemptRow
from portal.core.context import Context

# Longer than a family waits before it calls; what is older names nobody's habits.
KEPT = timedelta(days=60)


class Asked(StrEnum):
    """Name what was asked with a password."""

    SIGN_IN = "sign_in"
    CHANGE_PASSWORD = "change_password"  # noqa: S105  (the name of a deed)
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Tried:
    """Describe one attempt; `why` is empty when it got in, `device` and `source` are opaque keys.

    The same is kept of a name that nobody has, and at the same cost: `account_id` is None then.
    """

    district: str
    name: bytes
    why: str
    asked: Asked = Asked.SIGN_IN
    account_id: str | None = None
    channel: str = ""
    device: bytes | None = field(default=None, repr=False)
    source: bytes | None = field(default=None, repr=False)
    is_known_device: bool = False


class Attempts:
    """Note attempts and show them to staff; a parent is never shown why one failed."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def note(self, tried: Tried) -> None:
        """Keep one attempt."""
        row = AttemptRow(
            attempt_id=uuid4().hex,
            district_id=tried.district,
            name_key=tried.name,
            account_id=tried.account_id,
            at=self._context.now,
            asked=tried.asked.value,
            why=tried.why,
            channel=tried.channel,
            device_key=tried.device,
            source_key=tried.source,
            is_known_device=tried.is_known_device,
        )
        self._context.session.add(row)

    def of(self, name: bytes, limit: int) -> list[AttemptRow]:
        """Return the newest attempts on a name (its gate key), the newest first."""
        query = select(AttemptRow).where(AttemptRow.name_key == name)
        order = (AttemptRow.at.desc(), AttemptRow.attempt_id)
        return list(self._context.session.scalars(query.order_by(*order).limit(limit)))

    def purge(self) -> None:
        """Forget old attempts."""
        old = AttemptRow.at <= self._context.now - KEPT
        self._context.session.execute(delete(AttemptRow).where(old))
