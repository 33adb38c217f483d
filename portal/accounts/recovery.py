"""Ask for the mails that let a parent back in; the answer is the same whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select

from portal.accounts.addresses import address_of
from portal.accounts.fields import email_violations, refused
from portal.accounts.gate import Gate, Kind, Limit, name_subject
from portal.accounts.mailing import (
    Letter,
    RequestState,
    for_confirming,
    for_new_address,
    for_recovery,
    for_request,
    for_usernames,
    post,
)
from portal.accounts.models import AccountRequestRow, AccountRow
from portal.accounts.names import compared, is_storable
from portal.accounts.outcomes import (
    Asker,
    LiveSession,
    MailAsked,
    RecoverPassword,
    RecoverUsername,
    ResendConfirmation,
)
from portal.accounts.requests import Operation, RequestKey, Requests
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.tokens import TokenPurpose, Tokens
from portal.sis.models import Contact

Asked = MailAsked | Refused
# Counted for what was typed, so that the count says nothing about what is on file.
MAILS = Limit(3, timedelta(hours=1))
# Counted for whoever asks, with the same answer for every name.
REQUESTS = Limit(20, timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class _Wish:
    """Hold one request for a mail: what was typed, as it is counted, and how its letter is written."""

    asker: Asker
    operation: Operation
    typed: tuple[str, ...]
    letter: Callable[[District], Letter]

    @property
    def key(self) -> RequestKey[MailAsked]:
        """Return under what the outcome is kept."""
        return RequestKey(self.asker.conversation, self.operation, self.asker.request_id)

    @property
    def is_storable(self) -> bool:
        """Tell whether the request can be kept at all."""
        asker = self.asker
        texts = (asker.district, asker.conversation, asker.source, asker.request_id, asker.language)
        return is_storable(*texts)


class Recovery:
    """Write the mails of recovery, at the same cost whether or not anybody is on file."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def ask_password(self, request: RecoverPassword) -> MailAsked | Refused:
        """Send a token to the address on file, if name and address belong together."""
        broken = [] if request.username.strip() else [Violation("empty", field="username")]
        broken += email_violations(request.email)
        address = address_of(request.email)
        if broken or address is None or not is_storable(request.username):
            return refused(broken) or Refused(Reason.INVALID_REQUEST)
        name, asker = compared(request.username), request.asker

        def letter(district: District) -> Letter:
            found = self._confirmed(district, AccountRow.username_key == name, address.key)
            return for_recovery(district, found, asker.conversation, asker.language)

        # Name and address are counted together: else anybody could use up a parent's mails with the
        # name alone, and mail is the way back in for a parent whom a stranger locked out.
        return self._ask(_Wish(asker, Operation.RECOVER_PASSWORD, (name, address.key), letter))

    def ask_username(self, request: RecoverUsername) -> MailAsked | Refused:
        """Send the usernames of an address to it, if it is on file and confirmed."""
        address, asker = address_of(request.email), request.asker
        broken = email_violations(request.email)
        if broken or address is None:
            return refused(broken) or Refused(Reason.INVALID_REQUEST)

        def letter(district: District) -> Letter:
            found = self._confirmed(district, AccountRow.disabled_at.is_(None), address.key)
            return for_usernames(district, found, asker.language)

        return self._ask(_Wish(asker, Operation.RECOVER_USERNAME, (address.key,), letter))

    def ask_confirmation(self, request: ResendConfirmation) -> MailAsked | Refused:
        """Send the mail once more with which an address is confirmed, if one waits for it."""
        address, asker = address_of(request.email), request.asker
        broken = email_violations(request.email)
        if broken or address is None:
            return refused(broken) or Refused(Reason.INVALID_REQUEST)

        def letter(district: District) -> Letter:
            # All three are looked for, whatever is found; the last is a letter to nobody if nothing is.
            found = (
                self._new_address(asker, address.key),
                self._new_account(district, asker, address.key),
                self._request(district, asker, address.key),
            )
            return next(each for each in found if each is not None)

        return self._ask(_Wish(asker, Operation.RESEND_CONFIRMATION, (address.key,), letter))

    def _ask(self, wish: _Wish) -> Asked:
        district = Districts(self._context).get(wish.asker.district) if wish.is_storable else None
        if district is None:
            return Refused(Reason.INVALID_REQUEST)
        if not district.options.parent_single_sign_on:
            return Refused(Reason.TURNED_OFF)
        requests = Requests(self._context)
        repeated = requests.open(wish.key, district.slug)
        if repeated is not None:
            return repeated
        outcome = self._counted(wish, district)
        requests.settle(wish.key, outcome)
        return outcome

    def _counted(self, wish: _Wish, district: District) -> Asked:
        gate, operation = Gate(self._context), wish.operation.value
        source = gate.key(Kind.RECOVERY, district.slug, "source", wish.asker.source)
        typed = gate.key(Kind.RECOVERY, district.slug, operation, *wish.typed)
        refusal = gate.reserve(district.slug, Kind.RECOVERY, source, REQUESTS)
        if refusal is not None:
            return refusal
        is_full = gate.reserve(district.slug, Kind.RECOVERY, typed, MAILS) is not None
        letter = wish.letter(district)
        # One mail too many is answered like any other request and costs the same; only the mail stays away.
        post(self._context, letter.to_nobody() if is_full else letter)
        audit, subject = Audit(self._context), name_subject(typed)
        audit.record(district.slug, AuditEvent.MAIL_ASKED, subject=subject, mail=operation)
        return MailAsked()

    def _confirmed(self, district: District, which: ColumnElement[bool], key: str) -> AccountRow | None:
        # An address that nobody confirmed may be somebody else's, typed wrong: it recovers nothing.
        query = select(AccountRow).where(
            AccountRow.district_id == district.slug,
            which,
            AccountRow.email_key == key,
            AccountRow.email_confirmed_at.is_not(None),
            AccountRow.disabled_at.is_(None),
        )
        return self._context.session.scalars(query.order_by(AccountRow.created_at).limit(1)).first()

    def _new_address(self, asker: Asker, key: str) -> Letter | None:
        live = Sessions(self._context).current(asker.conversation, touch=False)
        if not isinstance(live, LiveSession):
            return None
        waiting = Tokens(self._context).waiting(live.account_id, TokenPurpose.CONFIRM_EMAIL)
        if waiting is None or waiting.details.get("email_key") != key:
            return None
        account = self._context.session.get_one(AccountRow, live.account_id)
        return for_new_address(account, waiting.details["email"], key, asker.conversation)

    def _new_account(self, district: District, asker: Asker, key: str) -> Letter | None:
        query = select(AccountRow).where(
            AccountRow.district_id == district.slug,
            AccountRow.email_key == key,
            AccountRow.email_confirmed_at.is_(None),
            AccountRow.disabled_at.is_(None),
        )
        newest = query.order_by(AccountRow.created_at.desc()).limit(1)
        found = self._context.session.scalars(newest).first()
        waiting = Tokens(self._context).waiting(
            "" if found is None else found.account_id, TokenPurpose.CONFIRM_EMAIL
        )
        # Told is whoever opened the account, and not anybody who knows its address: it is told the username.
        told = "" if waiting is None else waiting.conversation
        return None if found is None else for_confirming(found, told, asker.language)

    def _request(self, district: District, asker: Asker, key: str) -> Letter:
        # Several may wait for one address, each with its own password: the asker's own comes first.
        own = AccountRequestRow.conversation == asker.conversation
        query = (
            select(AccountRequestRow, Contact.email)
            .join(
                Contact,
                (Contact.district_id == AccountRequestRow.district_id)
                & (Contact.id == AccountRequestRow.contact_id),
            )
            .where(
                AccountRequestRow.district_id == district.slug,
                AccountRequestRow.email_key == key,
                AccountRequestRow.state == RequestState.MAILED.value,
            )
            .order_by(own.desc(), AccountRequestRow.created_at.desc())
            .limit(1)
        )
        found = self._context.session.execute(query).first()
        request, address = (None, None) if found is None else (found[0], found[1])
        return for_request(district.slug, request, address, asker.language)
