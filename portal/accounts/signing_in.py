"""Sign a parent in: count the attempt, verify without a connection, settle what came of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from argon2.exceptions import HashingError
from sqlalchemy import select

from portal.accounts.attempts import Attempts, Tried
from portal.accounts.devices import Devices
from portal.accounts.gate import Gate, Kind, name_subject
from portal.accounts.models import AccountRow
from portal.accounts.names import compared, is_storable
from portal.accounts.outcomes import Cause, MustChangePassword, Scope, SignedIn, SignIn
from portal.accounts.passwords import Hasher, normalised
from portal.accounts.piloting import Pilot
from portal.accounts.requests import Operation, RequestKey, Requests
from portal.accounts.sessions import Sessions
from portal.accounts.spraying import Spraying
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.options import Profile
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret

SignInOutcome = SignedIn | MustChangePassword | Refused
BAD_CREDENTIALS = Refused(Reason.BAD_CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Reserved:
    """Carry a counted attempt from its reservation to the hashing; None is what unknown names store.

    `counter` is the key under which it was counted: it is settled there, whatever happens meanwhile.
    """

    district: District
    counter: bytes
    stored: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Carry what hashing found: whether the password is right, and a newer form of it to store."""

    is_right: bool
    stored: str | None = field(default=None, repr=False)
    rehashed: str | None = field(default=None, repr=False)
    rehash_failed: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """Hold a sign-in whose texts were checked and whose password is normalised."""

    request: SignIn
    password: Secret

    @classmethod
    def of(cls, request: SignIn) -> Self | Refused:
        """Check the request before anything is counted or looked up."""
        texts = (request.district, request.username, request.source, request.conversation, request.device)
        password = normalised(request.password)
        if password is None or not is_storable(*texts, request.channel, request.request_id):
            return Refused(Reason.INVALID_REQUEST)
        return cls(request, password)

    @property
    def key(self) -> RequestKey[SignInOutcome]:
        """Return under what the outcome is kept."""
        return RequestKey(self.request.conversation, Operation.SIGN_IN, self.request.request_id)


def judge(hasher: Hasher, stored: str | None, password: Secret) -> Verdict:
    """Verify exactly once, whether or not there is an account; renew an old form of a right password."""
    if not hasher.verify(stored, password) or stored is None:
        return Verdict(is_right=False)
    if not hasher.needs_rehash(stored):
        return Verdict(is_right=True, stored=stored)
    try:
        return Verdict(is_right=True, stored=stored, rehashed=hasher.hash(password))
    except HashingError:
        # The parent proved who they are; a machine short of memory is no reason to send them away.
        return Verdict(is_right=True, stored=stored, rehash_failed=True)


class SigningIn:
    """Do the two short steps of a sign-in that need the database."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._gate = Gate(context)

    def reserve(self, attempt: Attempt) -> Reserved | SignInOutcome:
        """Count the attempt, or return the outcome: it was refused, or asked for before."""
        request = attempt.request
        district = Districts(self._context).get(request.district)
        if district is None:
            return Refused(Reason.INVALID_REQUEST)
        requests = Requests(self._context)
        repeated = requests.open(attempt.key, district.slug)
        if repeated is not None:
            return repeated
        source = self._source_key(request)
        counter, kind = self._counter(request, district)
        refused = self._gate.enter(district.slug, source, counter, district.options.lock, kind=kind)
        if refused is not None:
            # Not audited one by one: the lock is, and a flood must not fill what can never be emptied.
            if refused.reason is not Reason.THROTTLED:
                self._note(request, counter, refused.reason.value)
            requests.settle(attempt.key, refused)
            return refused
        account = self._account(request)
        return Reserved(district, counter, None if account is None else account.password_hash)

    def settle(self, attempt: Attempt, reserved: Reserved, verdict: Verdict) -> SignInOutcome:
        """Turn the verdict into a session or a counted failure, and remember the outcome."""
        account = self._account(attempt.request, lock=True)
        # The account's state shows only to whoever knows its password: to all others every name is alike.
        trouble = self._trouble(account, verdict)
        self._note(attempt.request, reserved.counter, trouble, account)
        outcome: SignInOutcome
        if account is None or trouble:
            outcome = self._fail(attempt.request, reserved, trouble)
        elif not Pilot(self._context, reserved.district).serves(account.account_id):
            # Told only to whoever knows the password; nothing was wrong, so nothing is counted.
            self._gate.succeed(self._source_key(attempt.request), reserved.counter)
            outcome = Refused(Reason.NOT_IN_PILOT)
        else:
            outcome = self._succeed(attempt.request, reserved, account, verdict)
        Requests(self._context).settle(attempt.key, outcome)
        return outcome

    def _fail(self, request: SignIn, reserved: Reserved, why: str) -> Refused:
        # The gate before the audit, as when an attempt is reserved: two transactions that lock the same
        # rows in different orders would wait for each other.
        lock = reserved.district.options.lock
        locked = self._gate.fail(reserved.counter, lock)
        Spraying(self._context).note(request.district, self._name_key(request))
        self._record(request, AuditEvent.SIGN_IN_FAILED, why=why)
        if locked:
            self._record(request, AuditEvent.NAME_LOCKED, mode=lock.mode.value)
        return BAD_CREDENTIALS

    def _succeed(
        self, request: SignIn, reserved: Reserved, account: AccountRow, verdict: Verdict
    ) -> SignedIn | MustChangePassword:
        self._gate.succeed(self._source_key(request), reserved.counter)
        # A new form of the same password is not a new password: its date stays.
        account.password_hash = verdict.rehashed or account.password_hash
        cause = self._cause(account, reserved.district)
        if cause is Cause.TEMPORARY:
            account.temporary_used_at = self._context.now
        scope = Scope.FULL if cause is None else Scope.CHANGE_PASSWORD
        if cause is None and _knows_devices(reserved.district):
            Devices(self._context).remember(account, request.device)
        session = Sessions(self._context).start(
            account, request.conversation, request.channel, scope, device=request.device
        )
        self._record_success(account, request, verdict, scope)
        if cause is not None:
            return MustChangePassword(account.account_id, cause)
        return SignedIn(
            account.account_id, account.display_name, session.previous_sign_in, session.offers_restore
        )

    def _trouble(self, account: AccountRow | None, verdict: Verdict) -> str:
        if account is None:
            return "unknown_name"
        if not verdict.is_right or verdict.stored != account.password_hash:
            return "wrong_password"
        if account.disabled_at is not None:
            return "disabled"
        if account.temporary_used_at is not None:
            return "temporary_used"
        if account.temporary_until is not None and account.temporary_until <= self._context.now:
            return "temporary_over"
        return ""

    def _cause(self, account: AccountRow, district: District) -> Cause | None:
        if account.temporary_until is not None:
            return Cause.TEMPORARY
        days = district.options.password.expires_days
        age = self._context.now - account.password_changed_at
        if account.password_expired or (days and age >= timedelta(days=days)):
            return Cause.EXPIRED
        return None

    def _account(self, request: SignIn, *, lock: bool = False) -> AccountRow | None:
        query = select(AccountRow).where(
            AccountRow.district_id == request.district,
            AccountRow.username_key == compared(request.username),
        )
        if lock:
            query = query.with_for_update()
        return self._context.session.scalar(query)

    def _counter(self, request: SignIn, district: District) -> tuple[bytes, Kind]:
        """Return where the attempt is counted: under the name, or under the name on a known device."""
        # Whoever locks a name from elsewhere does not lock out the parent at their own device. Asked for
        # names that nobody has just the same, with one query, so that the work tells nothing.
        devices = Devices(self._context)
        if _knows_devices(district) and devices.is_known(district.slug, request.username, request.device):
            return devices.key(district.slug, request.username, request.device), Kind.DEVICE
        return self._name_key(request), Kind.NAME

    def _source_key(self, request: SignIn) -> bytes:
        return self._gate.source_key(request.district, request.source)

    def _name_key(self, request: SignIn) -> bytes:
        return self._gate.name_key(request.district, request.username)

    def _note(self, request: SignIn, counter: bytes, why: str, account: AccountRow | None = None) -> None:
        device = request.device
        name = self._name_key(request)
        tried = Tried(
            district=request.district,
            name=name,
            why=why,
            account_id=None if account is None else account.account_id,
            channel=request.channel,
            device=self._context.keys.mac("attempt device", device) if device else None,
            source=self._source_key(request),
            is_known_device=counter != name,
        )
        Attempts(self._context).note(tried)

    def _record(self, request: SignIn, event: AuditEvent, **details: str) -> None:
        # A typed name that nobody has is told of like one that somebody has, at the same cost.
        subject = name_subject(self._name_key(request))
        Audit(self._context).record(
            request.district, event, subject=subject, channel=request.channel, **details
        )

    def _record_success(self, account: AccountRow, request: SignIn, verdict: Verdict, scope: Scope) -> None:
        audit, subject = Audit(self._context), f"account:{account.account_id}"
        audit.record(
            account.district_id,
            AuditEvent.SIGNED_IN,
            subject=subject,
            channel=request.channel,
            scope=scope.value,
        )
        if verdict.rehash_failed:
            audit.record(account.district_id, AuditEvent.REHASH_FAILED, subject=subject)


def _knows_devices(district: District) -> bool:
    # The two portals of the older profiles lock a name for everybody, and only the school unlocks it.
    return district.options.profile is Profile.RECOMMENDED
