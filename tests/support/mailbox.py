"""Ask for mails as a parent does, hand them over, and read the token out of the newest one."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from portal.accounts.outcomes import Asker, PasswordSet, RecoverPassword, SetPassword
from portal.core.models import OutboxRow, TokenRow
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.transaction import Portal, Transaction
from tests.support.portals import NEW_PASSWORD

EMAIL = "Marisol.Quintero@mailbox.example"


def asker(**given: Any) -> Asker:
    """Ask from a source of its own, as a new request, unless the test says otherwise."""
    asked = {
        "district": "westborough",
        "conversation": "asking",
        "channel": "webchat",
        "source": uuid4().hex,
        "request_id": uuid4().hex,
        **given,
    }
    return Asker(**asked)


def mails(tx: Transaction, kind: str = "") -> list[OutboxRow]:
    """Return the mails that leave, the oldest first."""
    query = select(OutboxRow).where(OutboxRow.address.is_not(None)).order_by(OutboxRow.created_at)
    return [row for row in tx.session.scalars(query) if kind in {"", row.kind}]


def hand_over(portal: Portal, kind: str) -> str:
    """Send the newest mail of a kind and return the token in it.

    The clock of the tests stands still, so that no time tells two mails apart: a token that was handed
    over, spent or made void before is the older one.
    """
    with portal.begin() as tx:
        written = [tx.session.get_one(TokenRow, mail.token_id) for mail in mails(tx, kind)]
        newest = max(written, key=_newness)
        assert tx.tokens.sending(newest.token_id)
        token = tx.tokens.derive(newest.token_id).value
        tx.tokens.sent(newest.token_id)
    return token


def _newness(token: TokenRow) -> tuple[datetime, bool, bool]:
    return token.created_at, token.spent_at is None and token.voided_at is None, token.sent_at is None


def recovery_token(portal: Portal, username: str = "mlopez", email: str = EMAIL, **given: Any) -> str:
    """Ask to recover a password and return the token that the mail brings."""
    with portal.begin() as tx:
        tx.recovery.ask_password(RecoverPassword(asker(**given), username, email))
    return hand_over(portal, "recover_password")


def set_password(portal: Portal, token: str, new: str = NEW_PASSWORD, **given: Any) -> PasswordSet | Refused:
    """Set a new password with a token, on a page of its own unless the test says otherwise."""
    username, again = given.pop("username", "mlopez"), given.pop("again", new)
    page = asker(**{"conversation": "page", "channel": "web", **given})
    return portal.set_password(SetPassword(page, Secret(token), username, Secret(new), Secret(again)))
