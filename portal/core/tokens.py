"""Issue the tokens that travel in mails: derived again when a mail is made, stored only as a hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from portal.core.context import Context
from portal.core.outcomes import Refused
from portal.core.secret import Secret


class TokenPurpose(StrEnum):
    """Name the one deed that a token permits."""

    RECOVER_PASSWORD = "recover_password"  # noqa: S105  (the name of a deed, not a secret)
    CONFIRM_EMAIL = "confirm_email"
    CONFIRM_REQUEST = "confirm_request"
    UNDO_EMAIL = "undo_email"


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

    def issue(self, new: NewToken) -> str:
        """Keep a new token and return its id; it voids the account's earlier ones of the purpose."""
        raise NotImplementedError

    def derive(self, token_id: str) -> Secret:
        """Return the token itself, for the mail that carries it."""
        raise NotImplementedError

    def sending(self, token_id: str) -> bool:
        """Start the life of a token whose mail is handed over now; False when it is spent or void."""
        raise NotImplementedError

    def sent(self, token_id: str) -> None:
        """Note that the mail was accepted: sending it again does not lengthen the token's life."""
        raise NotImplementedError

    def find(self, district: str, purpose: TokenPurpose, token: Secret) -> OpenToken | Refused:
        """Describe a token without spending it, or refuse with TOKEN_VOID."""
        raise NotImplementedError

    def spend(self, district: str, purpose: TokenPurpose, token: Secret) -> OpenToken | Refused:
        """Spend a token in one statement, or refuse with TOKEN_VOID."""
        raise NotImplementedError

    def void(self, account_id: str, *purposes: TokenPurpose) -> None:
        """Make an account's open tokens worthless: those of the purposes, or all of them."""
        raise NotImplementedError
