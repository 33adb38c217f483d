"""Compose the mails that carry a token or answer a request, and post them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from portal.accounts.models import AccountRequestRow, AccountRow
from portal.core.context import Context
from portal.core.database import microseconds
from portal.core.districts import District
from portal.core.outbox import MailKind, Outbox, To
from portal.core.tokens import NewToken, TokenPurpose, Tokens

CONFIRM_LIFE = timedelta(days=3)
# Long enough for whoever looks into an old mailbox once a week.
UNDO_LIFE = timedelta(days=7)


class RequestState(StrEnum):
    """Tell how far a request for an account is."""

    MAILED = "mailed"
    STAFF = "staff"
    ACTIVE = "active"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Letter:
    """Hold one mail before it is posted; its token is issued when it is."""

    district: str
    kind: MailKind
    to: To
    token: NewToken | None = None

    def to_nobody(self) -> "Letter":
        """Return a letter that costs the same and never leaves."""
        token = None if self.token is None else replace(self.token, account_id=None, details={})
        return Letter(self.district, self.kind, To(None, "", self.to.language), token)


def post(context: Context, letter: Letter, **details: str) -> None:
    """Issue the letter's token and put the letter into the outbox; `details` are for its words."""
    token_id = None if letter.token is None else Tokens(context).issue(letter.token)
    Outbox(context).put(letter.district, letter.kind, letter.to, token_id=token_id, **details)


def to_owner(account: AccountRow, language: str = "") -> To:
    """Address a mail to the stored address of an account, in its parent's language."""
    return To(account.email, account.account_id, account.language or language)


def for_recovery(district: District, account: AccountRow | None, conversation: str, language: str) -> Letter:
    """Write the letter with which a forgotten password is replaced."""
    life = timedelta(minutes=district.options.recovery_minutes)
    token = NewToken(district.slug, TokenPurpose.RECOVER_PASSWORD, life, conversation=conversation)
    if account is None:
        return Letter(district.slug, MailKind.RECOVER_PASSWORD, To(None, "", language), token)
    mine = replace(token, account_id=account.account_id, details=standing(account))
    return Letter(district.slug, MailKind.RECOVER_PASSWORD, to_owner(account, language), mine)


def for_usernames(district: District, account: AccountRow | None, language: str) -> Letter:
    """Write the letter that names the usernames of an address."""
    to = To(None, "", language) if account is None else to_owner(account, language)
    return Letter(district.slug, MailKind.RECOVER_USERNAME, to)


def for_confirming(account: AccountRow, conversation: str, language: str) -> Letter:
    """Write the letter with which the address of a new account is confirmed."""
    token = NewToken(
        account.district_id,
        TokenPurpose.CONFIRM_EMAIL,
        CONFIRM_LIFE,
        account_id=account.account_id,
        conversation=conversation,
        details={"email": account.email or "", "email_key": account.email_key or ""},
    )
    return Letter(account.district_id, MailKind.CONFIRM_EMAIL, to_owner(account, language), token)


def for_new_address(account: AccountRow, to: str, key: str, conversation: str) -> Letter:
    """Write the letter with which another address of an account is confirmed; it goes to that address."""
    letter = for_confirming(account, conversation, "")
    details = {"email": to, "email_key": key}
    token = None if letter.token is None else replace(letter.token, details=details)
    return replace(letter, to=replace(letter.to, address=to), token=token)


def for_undoing(account: AccountRow) -> Letter:
    """Write the letter to the address on file that tells of another one, with the token to stop it."""
    token = NewToken(
        account.district_id,
        TokenPurpose.UNDO_EMAIL,
        UNDO_LIFE,
        account_id=account.account_id,
        details={"email": account.email or "", "email_key": account.email_key or ""},
    )
    return Letter(account.district_id, MailKind.EMAIL_CHANGE_ASKED, to_owner(account), token)


def for_request(
    district: str, request: AccountRequestRow | None, address: str | None, language: str
) -> Letter:
    """Write the letter with which a family confirms its request; the address is the one the school has."""
    token = NewToken(
        district,
        TokenPurpose.CONFIRM_REQUEST,
        CONFIRM_LIFE,
        conversation="" if request is None else request.conversation,
        details={} if request is None else {"request_id": request.request_id},
    )
    to = To(address, language=language if request is None else request.language)
    return Letter(district, MailKind.CONFIRM_REQUEST, to, token)


def standing(account: AccountRow) -> dict[str, str]:
    """Return what a recovery must find unchanged: a newer password or address makes its token void."""
    changed = str(microseconds(account.password_changed_at))
    return {"password_changed_at": changed, "email_key": account.email_key or ""}
