"""Show what was tried on an account, what was mailed to it, and where it is signed in."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from portal.accounts.attempts import Attempts
from portal.accounts.models import AccountRow, SessionRow
from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.models import OutboxRow, TokenRow
from portal.core.outbox import OVERTAKEN
from portal.helpdesk.desk.outcomes import AttemptShown, MailShown, SessionShown

MOST = 30


class History:
    """Read what happened to one account."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def attempts(self, name: bytes) -> Sequence[AttemptShown]:
        """Return the newest attempts on a name (its gate key), devices and places numbered."""
        rows = Attempts(self._context).of(name, MOST)
        devices, places = _numbers(row.device_key for row in rows), _numbers(row.source_key for row in rows)
        return [
            AttemptShown(
                at=row.at,
                asked=row.asked,
                why=row.why,
                channel=row.channel,
                device=devices.get(row.device_key or b""),
                place=places.get(row.source_key or b""),
                is_known_device=row.is_known_device,
            )
            for row in rows
        ]

    def mails(self, account: AccountRow) -> Sequence[MailShown]:
        """Return the newest mails to an account, with what became of each and of its link."""
        query = (
            select(OutboxRow, TokenRow)
            .outerjoin(TokenRow, TokenRow.token_id == OutboxRow.token_id)
            .where(
                OutboxRow.recipient == account.account_id,
                OutboxRow.address.is_not(None),
                # What had nothing true to say any more was refused by nobody.
                or_(OutboxRow.last_error.is_(None), OutboxRow.last_error != OVERTAKEN),
            )
            .order_by(OutboxRow.created_at.desc(), OutboxRow.message_id)
            .limit(MOST)
        )
        return [self._mail(mail, token) for mail, token in self._session.execute(query)]

    def sessions(self, account_id: str) -> Sequence[SessionShown]:
        """Return the newest sessions of an account; looking keeps none of them alive."""
        query = select(SessionRow).where(SessionRow.account_id == account_id)
        order = (SessionRow.started_at.desc(), SessionRow.session_id)
        live = Sessions(self._context)
        return [
            SessionShown(
                channel=row.channel,
                started_at=row.started_at,
                seen_at=row.seen_at,
                ended_at=row.ended_at,
                is_alive=isinstance(live.of(row.session_id), LiveSession),
            )
            for row in self._session.scalars(query.order_by(*order).limit(MOST))
        ]

    def _mail(self, mail: OutboxRow, token: TokenRow | None) -> MailShown:
        link, link_at = self._link(token)
        return MailShown(
            kind=mail.kind,
            address=mail.address or "",
            written_at=mail.created_at,
            sent_at=mail.sent_at,
            refused_at=mail.given_up_at,
            error=mail.last_error or "",
            link=link,
            link_at=link_at,
        )

    def _link(self, token: TokenRow | None) -> tuple[str, datetime | None]:
        if token is None:
            return "none", None
        if token.spent_at is not None:
            return "used", token.spent_at
        if token.voided_at is not None:
            return "void", token.voided_at
        # The life of a link begins when its mail leaves.
        if token.expires_at is None:
            return "none", None
        state = "expired" if token.expires_at <= self._context.now else "open"
        return state, token.expires_at


def _numbers(keys: Iterable[bytes | None]) -> dict[bytes, int]:
    """Return a number for each key: it says whether two are the same, and nothing more."""
    known = dict.fromkeys(key for key in keys if key is not None)
    return {key: number for number, key in enumerate(known, 1)}
