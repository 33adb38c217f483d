"""Issue the tokens that travel in mails: derived again when a mail is made, stored only as a hash."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from portal.core.context import Context
from portal.core.keys import fingerprint
from portal.core.models import TokenRow
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret

VOID = Refused(Reason.TOKEN_VOID)
# How long it still shows that a token was mailed and not used; whoever asks is told what to do next.
KEPT = timedelta(days=30)


class TokenPurpose(StrEnum):
    """Name the one deed that a token permits."""

    RECOVER_PASSWORD = "recover_password"  # noqa: S105  (the name of a deed, not a secret)
    CONFIRM_EMAIL = "confirm_email"
    CONFIRM_REQUEST = "confirm_request"
    UNDO_EMAIL = "undo_email"
    ANSWER_REQUEST = "answer_request"


@dataclass(frozen=True, slots=True)
class NewToken:
    """Ask for a token; `conversation` is told when the deed is done, `details` come back with it."""

    district: str
    purpose: TokenPurpose
    life: timedelta
    account_id: str | None = None
    conversation: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenToken:
    """Describe a token that may still be spent."""

    token_id: str
    district: str
    purpose: TokenPurpose
    account_id: str | None
    conversation: str
    details: Mapping[str, str]
    expires_at: datetime | None


class Tokens:
    """Issue, find, spend and void tokens inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def issue(self, new: NewToken) -> str:
        """Keep a new token and return its id; it voids the account's earlier ones of the purpose.

        A token of nobody (`account_id` is None) costs the same and is worth nothing.
        """
        # Whoever takes an account over and changes its address twice must not take from the first
        # owner the token that undoes it.
        if new.purpose is not TokenPurpose.UNDO_EMAIL:
            self.void(new.account_id or "", new.purpose)
        token_id = self._context.new_token()
        row = TokenRow(
            token_id=token_id,
            district_id=new.district,
            purpose=new.purpose.value,
            account_id=new.account_id,
            digest=fingerprint(self._derived(new.purpose.value, new.district, token_id)),
            details=json.dumps(dict(new.details), ensure_ascii=False, sort_keys=True),
            conversation=new.conversation,
            life_seconds=int(new.life.total_seconds()),
            created_at=self._context.now,
        )
        self._session.add(row)
        self._session.flush()
        return token_id

    def derive(self, token_id: str) -> Secret:
        """Return the token itself, for the mail that carries it."""
        row = self._session.get_one(TokenRow, token_id)
        return Secret(self._derived(row.purpose, row.district_id, token_id))

    def sending(self, token_id: str) -> bool:
        """Start the life of a token whose mail is handed over now; False when it is spent or void.

        Every attempt starts it anew until one is accepted (`sent`): a mail server that was away for
        an hour must not hand a parent a token that is over.
        """
        row = self._session.get_one(TokenRow, token_id, with_for_update=True, populate_existing=True)
        if row.spent_at is not None or row.voided_at is not None:
            return False
        if row.sent_at is None:
            row.expires_at = self._context.now + timedelta(seconds=row.life_seconds)
            self._session.flush()
        return True

    def sent(self, token_id: str) -> None:
        """Note that the mail was accepted: sending it again does not lengthen the token's life."""
        first = and_(TokenRow.token_id == token_id, TokenRow.sent_at.is_(None))
        self._session.execute(update(TokenRow).where(first).values(sent_at=self._context.now))

    def find(self, district: str, purpose: TokenPurpose, token: Secret) -> OpenToken | Refused:
        """Describe a token without spending it, or refuse with TOKEN_VOID."""
        row = self._session.scalar(select(TokenRow).where(self._open(district, purpose, token)))
        return VOID if row is None else _described(row)

    def spend(self, district: str, purpose: TokenPurpose, token: Secret) -> OpenToken | Refused:
        """Spend a token in one statement, or refuse with TOKEN_VOID."""
        spent = (
            update(TokenRow)
            .where(self._open(district, purpose, token))
            .values(spent_at=self._context.now)
            .returning(TokenRow)
        )
        row = self._session.scalar(spent)
        return VOID if row is None else _described(row)

    def waiting(self, account_id: str, purpose: TokenPurpose) -> OpenToken | None:
        """Describe the newest token of an account that may be used, or whose mail is still to leave."""
        unused = and_(TokenRow.spent_at.is_(None), TokenRow.voided_at.is_(None))
        alive = or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > self._context.now)
        mine = and_(TokenRow.account_id == account_id, TokenRow.purpose == purpose.value)
        query = select(TokenRow).where(mine, unused, alive).order_by(TokenRow.created_at.desc()).limit(1)
        row = self._session.scalar(query)
        return None if row is None else _described(row)

    def void(self, account_id: str, *purposes: TokenPurpose) -> None:
        """Make an account's open tokens worthless: those of the purposes, or all of them."""
        mine = and_(
            TokenRow.account_id == account_id,
            TokenRow.purpose.in_([each.value for each in purposes or TokenPurpose]),
            TokenRow.spent_at.is_(None),
            TokenRow.voided_at.is_(None),
        )
        self._session.execute(update(TokenRow).where(mine).values(voided_at=self._context.now))

    def void_later(self, token: OpenToken) -> None:
        """Make worthless what was issued for the same deed, to the same account, after this token."""
        issued = select(TokenRow.created_at).where(TokenRow.token_id == token.token_id).scalar_subquery()
        later = and_(
            TokenRow.account_id == token.account_id,
            TokenRow.purpose == token.purpose.value,
            TokenRow.created_at >= issued,
            TokenRow.spent_at.is_(None),
            TokenRow.voided_at.is_(None),
        )
        self._session.execute(update(TokenRow).where(later).values(voided_at=self._context.now))

    def purge(self) -> None:
        """Forget tokens that were issued so long ago that nobody asks about them."""
        last = func.coalesce(TokenRow.expires_at, TokenRow.created_at)
        self._session.execute(delete(TokenRow).where(last <= self._context.now - KEPT))

    def _derived(self, purpose: str, district: str, token_id: str) -> str:
        # Derived again for each mail, so that neither the table nor the outbox ever holds it.
        return self._context.keys.token(f"token {purpose}", district, token_id)

    def _open(self, district: str, purpose: TokenPurpose, token: Secret) -> ColumnElement[bool]:
        # A forged token may hold anything, also what cannot be encoded: it matches no hash then.
        readable = token.value.strip().encode("utf-8", "backslashreplace").decode()
        return and_(
            TokenRow.digest == fingerprint(readable),
            TokenRow.district_id == district,
            TokenRow.purpose == purpose.value,
            TokenRow.spent_at.is_(None),
            TokenRow.voided_at.is_(None),
            # Half-open, and void to everyone until its mail leaves: NULL is never greater.
            TokenRow.expires_at > self._context.now,
        )


def _described(row: TokenRow) -> OpenToken:
    return OpenToken(
        token_id=row.token_id,
        district=row.district_id,
        purpose=TokenPurpose(row.purpose),
        account_id=row.account_id,
        conversation=row.conversation,
        details=json.loads(row.details),
        expires_at=row.expires_at,
    )
