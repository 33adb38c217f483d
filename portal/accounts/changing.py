"""Change a password: count the attempt, hash without a connection, settle what came of it."""

from dataclasses import dataclass, field
from typing import Self

from portal.accounts.attempts import Asked, Attempts, Tried
from portal.accounts.choosing import Choice, in_order
from portal.accounts.gate import Gate, name_subject
from portal.accounts.history import PasswordHistory
from portal.accounts.models import AccountRow
from portal.accounts.names import is_storable
from portal.accounts.outcomes import ChangePassword, LiveSession, PasswordChanged, Scope
from portal.accounts.passwords import Hasher, fits, normalised
from portal.accounts.policy import CURRENT_NOT_CORRECT, PREVIOUSLY_USED, Owner
from portal.accounts.requests import Operation, RequestKey, Requests
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.outbox import MailKind, Outbox, To
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.core.tokens import TokenPurpose, Tokens


@dataclass(frozen=True, slots=True)
class Change:
    """Hold a change whose texts were checked and whose passwords are normalised."""

    request: ChangePassword
    current: Secret
    choice: Choice

    @classmethod
    def of(cls, request: ChangePassword) -> Self | Refused:
        """Check the request before anything is counted or looked up."""
        choice = Choice.of(request.new, request.again)
        texts = (request.conversation, request.source, request.request_id)
        if choice is None or not fits(request.current) or not is_storable(*texts):
            return Refused(Reason.INVALID_REQUEST)
        # An empty field is a password that is wrong, and is answered as such.
        return cls(request, normalised(request.current) or Secret(""), choice)

    @property
    def key(self) -> RequestKey[PasswordChanged]:
        """Return under what the outcome is kept."""
        return RequestKey(self.request.conversation, Operation.CHANGE_PASSWORD, self.request.request_id)


@dataclass(frozen=True, slots=True)
class ReservedChange:
    """Carry a counted attempt, and what the new password is compared with, to the hashing."""

    session: LiveSession
    district: District
    owner: Owner
    stored: str = field(repr=False)
    earlier: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Judged:
    """Carry what hashing found; `hashed` is set when nothing stands in the way of the change."""

    is_current: bool
    violations: tuple[Violation, ...]
    hashed: str | None = field(default=None, repr=False)


def judge_change(hasher: Hasher, change: Change, reserved: ReservedChange) -> Judged:
    """Find everything that is wrong with a change, or hash the new password."""
    is_current = hasher.verify(reserved.stored, change.current)
    violations = change.choice.violations(reserved.owner, reserved.district.options)
    if not is_current:
        violations.append(Violation(CURRENT_NOT_CORRECT))
    # Only whoever knows the current password learns what was used before: otherwise the field for the
    # new password would be a second, uncounted place to guess the current one in.
    elif change.choice.new == change.current:
        violations.append(Violation(PREVIOUSLY_USED))
    else:
        violations += change.choice.was_used(hasher, reserved.earlier)
    if violations or change.choice.new is None:
        return Judged(is_current, tuple(in_order(violations)))
    return Judged(is_current, (), hasher.hash(change.choice.new))


class Changing:
    """Do the two short steps of a change that need the database."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._gate = Gate(context)

    def reserve(self, change: Change) -> ReservedChange | PasswordChanged | Refused:
        """Count the attempt, or return the outcome: it was refused, or asked for before."""
        requests = Requests(self._context)
        session = Sessions(self._context).any_scope(change.request.conversation)
        slug = session.district if isinstance(session, LiveSession) else ""
        repeated = requests.open(change.key, slug)
        if repeated is not None:
            return repeated
        if isinstance(session, Refused):
            requests.settle(change.key, session)
            return session
        district = Districts(self._context).get_one(session.district)
        account = self._context.session.get_one(AccountRow, session.account_id)
        refused = self._gate.enter(district.slug, *self._keys(change, account), district.options.lock)
        if refused is not None:
            requests.settle(change.key, refused)
            return refused
        owner = Owner(district.slug, account.username, account.display_name)
        earlier = PasswordHistory(self._context).earlier(account, district.options.password.history)
        return ReservedChange(session, district, owner, account.password_hash, earlier)

    def settle(self, change: Change, reserved: ReservedChange, judged: Judged) -> PasswordChanged | Refused:
        """Store the new password and start a fresh session, or say what is wrong."""
        account = self._context.session.get_one(AccountRow, reserved.session.account_id, with_for_update=True)
        # Changed by somebody else while this one was being hashed: what was verified is no longer current.
        is_current = judged.is_current and account.password_hash == reserved.stored
        outcome: PasswordChanged | Refused
        if not is_current:
            outcome = self._fail(change, reserved, account, judged.violations)
        else:
            self._gate.succeed(*self._keys(change, account))
            outcome = self._succeed(change, reserved, account, judged)
        Requests(self._context).settle(change.key, outcome)
        return outcome

    def _fail(
        self,
        change: Change,
        reserved: ReservedChange,
        account: AccountRow,
        violations: tuple[Violation, ...],
    ) -> Refused:
        audit, lock = Audit(self._context), reserved.district.options.lock
        subject = f"account:{account.account_id}"
        source, name = self._keys(change, account)
        locked = self._gate.fail(name, lock)
        tried = Tried(
            account.district_id,
            name,
            "wrong_password",
            Asked.CHANGE_PASSWORD,
            account.account_id,
            source=source,
        )
        Attempts(self._context).note(tried)
        audit.record(account.district_id, AuditEvent.PASSWORD_CHANGE_FAILED, subject=subject)
        if locked:
            mode = lock.mode.value
            audit.record(account.district_id, AuditEvent.NAME_LOCKED, subject=name_subject(name), mode=mode)
        return Refused(Reason.PASSWORD_REFUSED, violations=violations or (Violation(CURRENT_NOT_CORRECT),))

    def _succeed(
        self, change: Change, reserved: ReservedChange, account: AccountRow, judged: Judged
    ) -> PasswordChanged | Refused:
        live = Sessions(self._context).any_scope(change.request.conversation)
        if not isinstance(live, LiveSession) or live.session_id != reserved.session.session_id:
            return Refused(Reason.SESSION_ENDED)
        if judged.hashed is None:
            return Refused(Reason.PASSWORD_REFUSED, violations=judged.violations)
        PasswordHistory(self._context).replace(account, judged.hashed)
        # A link mailed for the old password must not replace the new one.
        Tokens(self._context).void(account.account_id, TokenPurpose.RECOVER_PASSWORD)
        Sessions(self._context).renew(live)
        Audit(self._context).record(
            account.district_id,
            AuditEvent.PASSWORD_CHANGED,
            subject=f"account:{account.account_id}",
            forced=live.scope is Scope.CHANGE_PASSWORD,
        )
        to = To(account.email, account.account_id, account.language or "")
        Outbox(self._context).put(account.district_id, MailKind.PASSWORD_CHANGED, to)
        return PasswordChanged(signed_in=True)

    def _keys(self, change: Change, account: AccountRow) -> tuple[bytes, bytes]:
        district = account.district_id
        source = self._gate.source_key(district, change.request.source)
        return source, self._gate.name_key(district, account.username)
