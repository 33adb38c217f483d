"""Confirm an address with the token of a mail and the password of the account."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from portal.accounts.addresses import key_of
from portal.accounts.contacts import is_same_person
from portal.accounts.gate import Gate
from portal.accounts.mailing import RequestState, for_undoing, post, to_owner
from portal.accounts.models import AccountRequestRow, AccountRow
from portal.accounts.outcomes import AccountCreated, Confirmation, ConfirmEmail, EmailConfirmed, NewAccount
from portal.accounts.passwords import Hasher
from portal.accounts.pending import Done, Pending
from portal.accounts.proving import Proof, typed_password
from portal.accounts.requests import Operation, RequestKey, Requests
from portal.accounts.service import Accounts
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District
from portal.core.outbox import MailKind, Outbox
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.core.tokens import VOID, OpenToken, TokenPurpose, Tokens
from portal.sis.models import Contact

Confirmed = EmailConfirmed | Refused
PURPOSES = (TokenPurpose.CONFIRM_EMAIL, TokenPurpose.CONFIRM_REQUEST)


@dataclass(frozen=True, slots=True)
class _Reserved:
    """Carry what the token confirms, and the password that proves it, to the hashing."""

    token: OpenToken
    proof: Proof
    stored: str = field(repr=False)


class ConfirmingEmail:
    """Confirm an address with the token of a mail and the password of the account.

    The token shows that the mail was read, the password that its reader is who asked: otherwise
    whoever asks in a family's name would have it confirmed by the family.
    """

    def __init__(self, request: ConfirmEmail) -> None:
        """Take what is asked."""
        self._request = request
        asker = request.asker
        self._key: RequestKey[EmailConfirmed]
        self._key = RequestKey(asker.conversation, Operation.CONFIRM_EMAIL, asker.request_id)

    def reserve(self, context: Context) -> Pending[Confirmed] | Done[Confirmed]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        password = typed_password(self._request.password)
        if isinstance(password, Refused):
            return Done(password)
        district = Requests(context).begin(self._key, self._request.asker)
        if not isinstance(district, District):
            return Done(district)
        reserved = self._reserved(context, district, password)
        if isinstance(reserved, Refused):
            Requests(context).settle(self._key, reserved)
            return Done(reserved)
        return Pending(partial(self._judge, reserved))

    def _reserved(self, context: Context, district: District, password: Secret) -> _Reserved | Refused:
        token = self._token(context)
        if isinstance(token, Refused):
            return token
        held = _held(context, token)
        if held is None:
            return VOID
        counted, subject = _counted_as(held)
        proof = Proof(district, counted, self._request.asker.source, subject, password)
        return proof.enter(context) or _Reserved(token, proof, held.password_hash)

    def _judge(self, reserved: _Reserved, hasher: Hasher) -> Callable[[Context], Confirmed]:
        is_right = hasher.verify(reserved.stored, reserved.proof.password)
        return partial(self._settle, reserved, is_right=is_right)

    def _settle(self, reserved: _Reserved, context: Context, *, is_right: bool) -> Confirmed:
        held = _held(context, reserved.token, lock=True)
        # Changed by somebody else while it was verified: what was verified is no longer current.
        is_current = held is not None and held.password_hash == reserved.stored
        refusal = reserved.proof.settle(context, is_right=is_right and is_current)
        outcome: Confirmed
        if refusal is not None or held is None:
            outcome = refusal or VOID
        else:
            outcome = self._confirmed(context, reserved, held)
        Requests(context).settle(self._key, outcome)
        return outcome

    def _confirmed(
        self, context: Context, reserved: _Reserved, held: AccountRow | AccountRequestRow
    ) -> Confirmed:
        token = reserved.token
        spent = Tokens(context).spend(token.district, token.purpose, self._request.token)
        if isinstance(spent, Refused):
            return spent
        if isinstance(held, AccountRequestRow):
            return _activated(context, spent, held)
        if spent.details.get("email_key", held.email_key) == held.email_key:
            return _confirmed_account(context, spent, held)
        return _changed_address(context, spent, held)

    def _token(self, context: Context) -> OpenToken | Refused:
        tokens, district = Tokens(context), self._request.asker.district
        found = [tokens.find(district, purpose, self._request.token) for purpose in PURPOSES]
        return next((each for each in found if isinstance(each, OpenToken)), VOID)


def _held(context: Context, token: OpenToken, *, lock: bool = False) -> AccountRow | AccountRequestRow | None:
    """Return what a token is for, where it may still be confirmed."""
    get = partial(context.session.get, with_for_update=lock, populate_existing=lock)
    if token.purpose is TokenPurpose.CONFIRM_REQUEST:
        request: AccountRequestRow | None = get(AccountRequestRow, token.details.get("request_id", ""))
        is_open = request is not None and request.state == RequestState.MAILED.value
        return request if is_open else None
    account: AccountRow | None = get(AccountRow, token.account_id or "")
    return None if account is None or account.disabled_at is not None else account


def _counted_as(held: AccountRow | AccountRequestRow) -> tuple[str, str]:
    """Return the name that attempts are counted under, and whom the audit names."""
    if isinstance(held, AccountRow):
        return held.username, f"account:{held.account_id}"
    # Nobody has the username yet, so what was tried on it says nothing about who confirms: a name of its
    # own, which no account can have.
    subject = f"request:{held.request_id}"
    return subject, subject


def _confirmed_account(context: Context, token: OpenToken, account: AccountRow) -> EmailConfirmed:
    account.email_confirmed_at = context.now
    subject = f"account:{account.account_id}"
    Audit(context).record(account.district_id, AuditEvent.EMAIL_CONFIRMED, subject=subject)
    return EmailConfirmed(Confirmation.ACCOUNT, account.username, token.conversation)


def _changed_address(context: Context, token: OpenToken, account: AccountRow) -> EmailConfirmed:
    undoing = replace(for_undoing(account), kind=MailKind.EMAIL_CHANGED)
    was_confirmed = account.email_confirmed_at is not None
    account.email, account.email_key = token.details["email"], token.details["email_key"]
    account.email_confirmed_at = context.now
    # A link that went to the old address must not open the account any more.
    Tokens(context).void(account.account_id, TokenPurpose.RECOVER_PASSWORD)
    subject = f"account:{account.account_id}"
    Audit(context).record(account.district_id, AuditEvent.EMAIL_CHANGED, subject=subject)
    if was_confirmed:
        # Where mail went until now: whoever lost the account learns of it there, and can take it back.
        post(context, undoing)
    return EmailConfirmed(Confirmation.CHANGE, account.username, token.conversation)


def _known_as(request: AccountRequestRow, contact: Contact | None) -> str:
    """Return a parent's name as the school writes it: many type theirs in small letters."""
    typed = f"{request.first_name} {request.last_name}"
    # The school may have given the entry to somebody else since the request was compared with it.
    is_theirs = contact is not None and is_same_person(typed, contact)
    return f"{contact.given_name} {contact.family_name}" if contact is not None and is_theirs else typed


def _activated(context: Context, token: OpenToken, request: AccountRequestRow) -> Confirmed:
    contact = context.session.get(Contact, (request.district_id, request.contact_id or ""))
    # Mail goes to the spelling that the school has; the family signs in with its own.
    has_own = contact is not None and key_of(contact.email) == request.email_key
    new = NewAccount(
        district=request.district_id,
        username=request.email,
        display_name=_known_as(request, contact),
        email=contact.email if contact is not None and has_own else request.email,
        contact_id=request.contact_id,
        email_confirmed=True,
        language=request.language,
    )
    created = Accounts(context).create(new, request.password_hash)
    if not isinstance(created, AccountCreated):
        # Another request for the same address was confirmed first: its account is the one there is.
        return Refused(Reason.ALREADY_DONE)
    account = context.session.get_one(AccountRow, created.account_id)
    account.security_question = request.security_question
    account.security_answer_hash = request.security_answer_hash
    request.state, request.decided_at = RequestState.ACTIVE.value, context.now
    request.account_id = created.account_id
    gate = Gate(context)
    # A family that tried to sign in before it confirmed is no reason to lock its account when it is there.
    gate.clear(gate.name_key(request.district_id, request.email))
    Outbox(context).put(request.district_id, MailKind.ACCOUNT_ACTIVE, to_owner(account))
    return EmailConfirmed(Confirmation.REQUEST, created.username, token.conversation)
