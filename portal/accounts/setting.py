"""Set a new password with the token of a mail."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from portal.accounts.calendars import Calendars
from portal.accounts.choosing import Choice, in_order
from portal.accounts.devices import Devices
from portal.accounts.gate import Gate, Kind, Limit
from portal.accounts.history import PasswordHistory
from portal.accounts.mailing import standing, to_owner
from portal.accounts.models import AccountRow
from portal.accounts.names import compared
from portal.accounts.outcomes import PasswordSet, Scope, SetPassword
from portal.accounts.passwords import Hasher
from portal.accounts.pending import Done, Pending
from portal.accounts.piloting import Pilot
from portal.accounts.policy import Owner
from portal.accounts.requests import Operation, RequestKey, Requests
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District
from portal.core.options import Profile
from portal.core.outbox import MailKind, Outbox
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.tokens import VOID, TokenPurpose, Tokens

Outcome = PasswordSet | Refused
# A token cannot be guessed; this only bounds how much hashing one source can ask for.
USES = Limit(20, timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class _Permit:
    """Carry what a good token permits to the hashing."""

    district: District
    owner: Owner
    choice: Choice
    earlier: tuple[str, ...] = field(repr=False)


class SettingPassword:
    """Set a new password with the token of a mail."""

    def __init__(self, request: SetPassword) -> None:
        """Take what is asked."""
        self._request = request
        asker = request.asker
        self._key: RequestKey[PasswordSet]
        self._key = RequestKey(asker.conversation, Operation.SET_PASSWORD, asker.request_id)

    def reserve(self, context: Context) -> Pending[Outcome] | Done[Outcome]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        request = self._request
        choice = Choice.of(request.new, request.again)
        if choice is None:
            return Done(Refused(Reason.INVALID_REQUEST))
        district = Requests(context).begin(self._key, request.asker, request.username)
        if not isinstance(district, District):
            return Done(district)
        permit = self._permit(context, district, choice)
        if isinstance(permit, Refused):
            Requests(context).settle(self._key, permit)
            return Done(permit)
        return Pending(partial(self._judge, permit))

    def _permit(self, context: Context, district: District, choice: Choice) -> _Permit | Refused:
        if not district.options.parent_single_sign_on:
            return Refused(Reason.TURNED_OFF)
        if not self._request.username.strip():
            return Refused(Reason.FIELDS_REFUSED, violations=(Violation("empty", field="username"),))
        gate = Gate(context)
        throttled = gate.reserve(district.slug, Kind.RECOVERY, self._source(gate), USES)
        if throttled is not None:
            return throttled
        account = self._account(context)
        if account is None:
            return VOID
        # Whoever holds the token reads the parent's mail: a mistyped name is told apart, and spends nothing.
        if compared(self._request.username) != account.username_key:
            return Refused(Reason.USERNAME_MISMATCH)
        earlier = PasswordHistory(context).earlier(account, district.options.password.history)
        owner = Owner(district.slug, account.username, account.display_name)
        return _Permit(district, owner, choice, (account.password_hash, *earlier))

    def _judge(self, permit: _Permit, hasher: Hasher) -> Callable[[Context], Outcome]:
        choice = permit.choice
        violations = choice.violations(permit.owner, permit.district.options)
        violations += choice.was_used(hasher, permit.earlier)
        if violations or choice.new is None:
            broken = tuple(replace(each, field="new_password") for each in in_order(violations))
            # The token stays good: the parent corrects the password and sends the same form again.
            return partial(self._settle, Refused(Reason.PASSWORD_REFUSED, violations=broken))
        hashed = hasher.hash(choice.new)
        return lambda context: self._settle(self._set(context, permit.district, hashed), context)

    def _settle(self, outcome: Outcome, context: Context) -> Outcome:
        Requests(context).settle(self._key, outcome)
        return outcome

    def _set(self, context: Context, district: District, hashed: str) -> Outcome:
        tokens = Tokens(context)
        account = self._account(context, lock=True)
        token = tokens.spend(district.slug, TokenPurpose.RECOVER_PASSWORD, self._request.token)
        # Used, replaced, or overtaken by another change while this one was hashed.
        if account is None or isinstance(token, Refused):
            return VOID
        PasswordHistory(context).replace(account, hashed)
        # Whatever was asked for under the old password is void with it.
        tokens.void(account.account_id, TokenPurpose.RECOVER_PASSWORD, TokenPurpose.CONFIRM_EMAIL)
        is_locked = self._reopen(context, district, account)
        signed_in = self._start_over(context, district, account, is_locked=is_locked)
        subject = f"account:{account.account_id}"
        Audit(context).record(district.slug, AuditEvent.PASSWORD_RECOVERED, subject=subject, locked=is_locked)
        to = to_owner(account, self._request.asker.language)
        Outbox(context).put(district.slug, MailKind.PASSWORD_CHANGED, to)
        return PasswordSet(account.account_id, account.username, signed_in, token.conversation, is_locked)

    def _reopen(self, context: Context, district: District, account: AccountRow) -> bool:
        """Forget the failures, and lift a lock where the district's profile lets recovery do so."""
        gate, devices = Gate(context), Devices(context)
        name = gate.name_key(district.slug, account.username)
        gate.refund(self._source(gate))
        # The two portals' own rule (R15): a lock ends at the school, and by nothing that a parent does.
        is_kept = district.options.profile is not Profile.RECOMMENDED
        is_locked = is_kept and gate.is_locked(name, district.options.lock)
        if not is_locked:
            gate.clear(name)
        for device in devices.keys_of(account.account_id):
            gate.clear(device)
        devices.forget(account.account_id)
        return is_locked

    def _start_over(
        self, context: Context, district: District, account: AccountRow, *, is_locked: bool
    ) -> bool:
        """End sessions and calendars; start a session where the portal goes straight on to Start (R44)."""
        sessions, asker = Sessions(context), self._request.asker
        sessions.end_all(account.account_id)
        Calendars(context).end_all(account.account_id)
        goes_on = district.options.profile is Profile.POWERSCHOOL and not is_locked
        if not goes_on or not Pilot(context, district).serves(account.account_id):
            return False
        sessions.start(account, asker.conversation, asker.channel, Scope.FULL, device=asker.device)
        return True

    def _account(self, context: Context, *, lock: bool = False) -> AccountRow | None:
        """Return the account that the token is for, as it stood when the token was issued."""
        purpose = TokenPurpose.RECOVER_PASSWORD
        token = Tokens(context).find(self._request.asker.district, purpose, self._request.token)
        if isinstance(token, Refused) or token.account_id is None:
            return None
        account = context.session.get(
            AccountRow, token.account_id, with_for_update=lock, populate_existing=lock
        )
        if account is None or account.disabled_at is not None:
            return None
        # Staff who reset the password or mend the address thereby end every way in that was mailed before.
        return account if token.details == standing(account) else None

    def _source(self, gate: Gate) -> bytes:
        asker = self._request.asker
        return gate.key(Kind.RECOVERY, asker.district, "set", asker.source)
