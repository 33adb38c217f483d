"""Change what a parent signs in with or is written to at, once the password was given again."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Generic, TypeVar

from sqlalchemy.exc import IntegrityError

from portal.accounts.addresses import Address, address_of, key_of
from portal.accounts.fields import email_violations, refused, username_violations
from portal.accounts.gate import Gate, Kind, Limit
from portal.accounts.mailing import for_new_address, for_undoing, post, to_owner
from portal.accounts.models import AccountRow
from portal.accounts.names import compared, is_storable
from portal.accounts.outcomes import (
    ChangeEmail,
    ChangeUsername,
    EmailChangeAsked,
    LiveSession,
    UsernameChanged,
)
from portal.accounts.passwords import Hasher
from portal.accounts.pending import Done, Pending
from portal.accounts.proving import Proof, typed_password
from portal.accounts.requests import Operation, RequestKey, Requests
from portal.accounts.sessions import Sessions
from portal.accounts.suggestions import free_usernames
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.options import AccountOpening
from portal.core.outbox import MailKind, Outbox
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret

Changed = TypeVar("Changed", UsernameChanged, EmailChangeAsked)
# Nobody needs more, but more would list the usernames of others, or mail to strangers.
CHANGES = Limit(5, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class _Reserved:
    """Carry a counted attempt to the hashing."""

    session: LiveSession
    proof: Proof
    stored: str = field(repr=False)


class _Changing(ABC, Generic[Changed]):
    """Change one thing of the account that is signed in, behind its password."""

    operation: Operation

    def __init__(self, conversation: str, source: str, request_id: str, password: Secret) -> None:
        self._conversation = conversation
        self._source = source
        self._password = password
        self._key: RequestKey[Changed] = RequestKey(conversation, self.operation, request_id)

    @abstractmethod
    def _violations(self, account: AccountRow, district: District) -> Sequence[Violation]:
        """Return what is wrong with what was typed, as far as anybody may know."""

    @abstractmethod
    def _change(self, context: Context, account: AccountRow) -> Changed | Refused:
        """Do it; the password was right."""

    def reserve(self, context: Context) -> Pending[Changed | Refused] | Done[Changed | Refused]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        if not is_storable(self._conversation, self._source, self._key.request_id):
            return Done(Refused(Reason.INVALID_REQUEST))
        session = Sessions(context).current(self._conversation)
        slug = session.district if isinstance(session, LiveSession) else ""
        requests = Requests(context)
        repeated = requests.open(self._key, slug)
        if repeated is not None:
            return Done(repeated)
        reserved = session if isinstance(session, Refused) else self._reserved(context, session)
        if isinstance(reserved, Refused):
            requests.settle(self._key, reserved)
            return Done(reserved)
        return Pending(partial(self._judge, reserved))

    def _reserved(self, context: Context, session: LiveSession) -> _Reserved | Refused:
        district = Districts(context).get_one(session.district)
        account = context.session.get_one(AccountRow, session.account_id)
        password = typed_password(self._password)
        wrong = refused(self._violations(account, district))
        if wrong is not None:
            return wrong
        if isinstance(password, Refused):
            return password
        gate = Gate(context)
        changes = gate.key(Kind.RECOVERY, district.slug, self.operation.value, account.account_id)
        throttled = gate.reserve(district.slug, Kind.RECOVERY, changes, CHANGES)
        if throttled is not None:
            return throttled
        subject = f"account:{account.account_id}"
        proof = Proof(district, account.username, self._source, subject, password)
        return proof.enter(context) or _Reserved(session, proof, account.password_hash)

    def _judge(self, reserved: _Reserved, hasher: Hasher) -> Callable[[Context], Changed | Refused]:
        is_right = hasher.verify(reserved.stored, reserved.proof.password)
        return partial(self._settle, reserved, is_right=is_right)

    def _settle(self, reserved: _Reserved, context: Context, *, is_right: bool) -> Changed | Refused:
        account = context.session.get_one(
            AccountRow, reserved.session.account_id, with_for_update=True, populate_existing=True
        )
        live = Sessions(context).current(self._conversation)
        # Changed by somebody else while it was verified: what was verified is no longer current.
        is_current = account.password_hash == reserved.stored
        outcome: Changed | Refused | None
        outcome = reserved.proof.settle(context, is_right=is_right and is_current)
        if outcome is None and not _is_same(live, reserved.session):
            outcome = Refused(Reason.SESSION_ENDED)
        outcome = outcome or self._change(context, account)
        Requests(context).settle(self._key, outcome)
        return outcome


def _is_same(live: LiveSession | Refused, reserved: LiveSession) -> bool:
    return isinstance(live, LiveSession) and live.session_id == reserved.session_id


class ChangingUsername(_Changing[UsernameChanged]):
    """Change a username."""

    operation = Operation.CHANGE_USERNAME

    def __init__(self, request: ChangeUsername) -> None:
        """Take what is asked."""
        super().__init__(request.conversation, request.source, request.request_id, request.password)
        self._username = request.username.strip()

    def _violations(self, account: AccountRow, district: District) -> Sequence[Violation]:
        if self._is_own_address(account, district):
            broken: Sequence[Violation] = ()
        else:
            broken = username_violations(self._username)
        if not broken and compared(self._username) == account.username_key:
            return [Violation("username_same", field="username")]
        return broken

    def _change(self, context: Context, account: AccountRow) -> UsernameChanged | Refused:
        name = compared(self._username)
        if not self._is_written(context, account, name):
            return self._taken(context, account)
        gate, audit = Gate(context), Audit(context)
        # What others tried on the name while nobody had it is no reason to lock its first owner out.
        gate.clear(gate.name_key(account.district_id, name))
        subject = f"account:{account.account_id}"
        audit.record(account.district_id, AuditEvent.USERNAME_CHANGED, subject=subject)
        Outbox(context).put(account.district_id, MailKind.USERNAME_CHANGED, to_owner(account))
        return UsernameChanged(account.username)

    def _is_written(self, context: Context, account: AccountRow, name: str) -> bool:
        try:
            with context.session.begin_nested():
                account.username, account.username_key = self._username, name
                context.session.flush()
        except IntegrityError:
            # Somebody has it: the table itself says so, also to two who ask in the same instant.
            return False
        return True

    def _taken(self, context: Context, account: AccountRow) -> Refused:
        first, _, last = account.display_name.partition(" ")
        return Refused(
            Reason.FIELDS_REFUSED,
            violations=(Violation("username_taken", field="username"),),
            choices=free_usernames(context, account.district_id, self._username, first, last),
        )

    def _is_own_address(self, account: AccountRow, district: District) -> bool:
        # Where families request an account they sign in with their address; never with somebody else's.
        by_request = district.options.account_opening is AccountOpening.REQUEST
        key = key_of(self._username)
        return by_request and key is not None and key == account.email_key


class ChangingEmail(_Changing[EmailChangeAsked]):
    """Ask both ends before an address changes."""

    operation = Operation.CHANGE_EMAIL

    def __init__(self, request: ChangeEmail) -> None:
        """Take what is asked."""
        super().__init__(request.conversation, request.source, request.request_id, request.password)
        self._email = request.email

    def _violations(self, account: AccountRow, district: District) -> Sequence[Violation]:
        broken = email_violations(self._email)
        if not broken and key_of(self._email) == account.email_key:
            return [Violation("email_same", field="email")]
        return broken

    def _change(self, context: Context, account: AccountRow) -> EmailChangeAsked | Refused:
        address = address_of(self._email)
        return Refused(Reason.INVALID_REQUEST) if address is None else self._ask(context, account, address)

    def _ask(self, context: Context, account: AccountRow, address: Address) -> EmailChangeAsked:
        letter = for_new_address(account, address.spelling, address.key, self._conversation)
        post(context, letter)
        if account.email_confirmed_at is not None:
            # Where mail went until now, so that whoever lost the account can stop it. An address that
            # nobody confirmed may be a stranger's, and a stranger may stop nothing.
            post(context, for_undoing(account))
        subject = f"account:{account.account_id}"
        Audit(context).record(account.district_id, AuditEvent.EMAIL_CHANGE_ASKED, subject=subject)
        return EmailChangeAsked(address.spelling)
