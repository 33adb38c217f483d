"""Change what one signs in with oneself, after showing the password once more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from portal.accounts.gate import Gate, Kind
from portal.accounts.passwords import Hasher, normalised
from portal.accounts.pending import Done, Pending
from portal.accounts.policy import CURRENT_NOT_CORRECT
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.helpdesk.staff.codes import derived_secret, matching_step
from portal.helpdesk.staff.counting import EVERYWHERE, LOCK, password_key, source_key
from portal.helpdesk.staff.joining import wrong_password
from portal.helpdesk.staff.models import PasskeyRow, StaffRow
from portal.helpdesk.staff.outcomes import SignInChanged, StaffMember
from portal.helpdesk.staff.passkey_forms import NewPasskey
from portal.helpdesk.staff.proving import WRONG_CODE
from portal.helpdesk.staff.sessions import StaffSessions, member_of

Outcome = SignInChanged | Refused
WRONG = Refused(Reason.FIELDS_REFUSED, violations=(Violation(CURRENT_NOT_CORRECT, field="current_password"),))


@dataclass(frozen=True, slots=True)
class Shown:
    """Show the password once more; `token` is the session's cookie, `successor` the one it goes on under."""

    password: Secret
    source: str
    token: str = field(repr=False)
    successor: str = field(repr=False)


class Change(Protocol):
    """Change one thing that somebody signs in with."""

    def check(self, context: Context, member: StaffMember) -> tuple[Violation, ...]:
        """Return what is wrong with it before any password is looked at."""

    def prepare(self, hasher: Hasher) -> str:
        """Hash what must be hashed, without a connection."""

    def make(self, context: Context, row: StaffRow, hashed: str) -> AuditEvent | Refused:
        """Make the change and name it to the audit."""


class ChangingOwnSignIn:
    """Count, verify the password, and make the change; every other session of theirs ends with it."""

    def __init__(self, shown: Shown, change: Change) -> None:
        """Take what is asked."""
        self._shown = shown
        self._change = change

    def reserve(self, context: Context) -> Pending[Outcome] | Done[Outcome]:
        """Count the attempt; what is pending verifies and hashes."""
        member = StaffSessions(context).current(self._shown.token)
        if isinstance(member, Refused):
            return Done(Refused(Reason.FORBIDDEN))
        password = normalised(self._shown.password)
        problems = self._change.check(context, member)
        if password is None:
            problems = (*WRONG.violations, *problems)
        if problems or password is None:
            return Done(Refused(Reason.FIELDS_REFUSED, violations=problems))
        row = context.session.get_one(StaffRow, member.staff_id)
        gate = Gate(context)
        counter = password_key(gate, row.email_key)
        refused = gate.enter(EVERYWHERE, source_key(gate, self._shown.source), counter, LOCK, kind=Kind.STAFF)
        return Done(refused) if refused else Pending(partial(self._judge, row.password_hash, password))

    def _judge(self, stored: str, password: Secret, hasher: Hasher) -> Callable[[Context], Outcome]:
        is_right = hasher.verify(stored or None, password)
        hashed = self._change.prepare(hasher) if is_right else ""
        return partial(self._settle, stored if is_right else None, hashed)

    def _settle(self, verified: str | None, hashed: str, context: Context) -> Outcome:
        sessions, gate = StaffSessions(context), Gate(context)
        member = sessions.current(self._shown.token)
        if isinstance(member, Refused):
            return Refused(Reason.FORBIDDEN)
        row = context.session.get_one(StaffRow, member.staff_id, with_for_update=True, populate_existing=True)
        counter = password_key(gate, row.email_key)
        if verified is None or verified != row.password_hash:
            gate.fail(counter, LOCK)
            return WRONG
        gate.succeed(source_key(gate, self._shown.source), counter)
        made = self._change.make(context, row, hashed)
        if isinstance(made, Refused):
            return made
        # Whoever else sits in this account is out, and this browser goes on under a new cookie.
        sessions.end_all(row.staff_id)
        sessions.begin(row.staff_id, self._shown.successor, proven=True)
        Audit(context).record(row.district_id, made, subject=f"staff:{row.staff_id}", by=member_of(row).by)
        return SignInChanged(row.staff_id)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """Put another password in the place of the present one."""

    new: Secret
    again: Secret

    def check(self, context: Context, member: StaffMember) -> tuple[Violation, ...]:
        """Return the rules that it breaks."""
        return tuple(wrong_password(context, member, normalised(self.new), self.again))

    def prepare(self, hasher: Hasher) -> str:
        """Hash it."""
        known = normalised(self.new)
        return hasher.hash(known) if known is not None else ""

    def make(self, context: Context, row: StaffRow, hashed: str) -> AuditEvent:
        """Store it."""
        row.password_hash = hashed
        return AuditEvent.STAFF_PASSWORD_CHANGED


@dataclass(frozen=True, slots=True)
class NewCodes:
    """Take codes from another app from now on; `seed` is what the page derived its secret from."""

    seed: str = field(repr=False)
    code: str = field(repr=False)

    def secret(self, context: Context, staff_id: str) -> Secret:
        """Return the secret that the page shows."""
        return derived_secret(context.keys, "own", staff_id, self.seed)

    def check(self, context: Context, member: StaffMember) -> tuple[Violation, ...]:
        """Return that the code is wrong, if it is."""
        found = self._step(context, member.staff_id)
        return WRONG_CODE.violations if found is None else ()

    def prepare(self, hasher: Hasher) -> str:
        """Hash nothing."""
        return ""

    def make(self, context: Context, row: StaffRow, hashed: str) -> AuditEvent | Refused:
        """Store the secret, encrypted; the codes of the old app count no more."""
        step = self._step(context, row.staff_id)
        if step is None:
            return WRONG_CODE
        secret = self.secret(context, row.staff_id)
        row.totp_secret, row.totp_step = context.keys.encrypt(secret.value.encode()), step
        return AuditEvent.STAFF_CODES_CHANGED

    def _step(self, context: Context, staff_id: str) -> int | None:
        secret = self.secret(context, staff_id)
        return matching_step(secret, self.code, context.now, after=0)


@dataclass(frozen=True, slots=True)
class AddedPasskey:
    """Add a passkey that the browser has just made."""

    new: NewPasskey

    def check(self, context: Context, member: StaffMember) -> tuple[Violation, ...]:
        """Return nothing: whether it is one shows when it is taken."""
        return ()

    def prepare(self, hasher: Hasher) -> str:
        """Hash nothing."""
        return ""

    def make(self, context: Context, row: StaffRow, hashed: str) -> AuditEvent | Refused:
        """Keep its public half."""
        from portal.helpdesk.staff.passkeys import Passkeys  # noqa: PLC0415  (seldom needed, and large)

        refused = Passkeys(context).add(member_of(row), self.new)
        return refused or AuditEvent.STAFF_PASSKEY_ADDED


@dataclass(frozen=True, slots=True)
class RemovedPasskey:
    """Take one passkey away."""

    passkey: str

    def check(self, context: Context, member: StaffMember) -> tuple[Violation, ...]:
        """Return nothing."""
        return ()

    def prepare(self, hasher: Hasher) -> str:
        """Hash nothing."""
        return ""

    def make(self, context: Context, row: StaffRow, hashed: str) -> AuditEvent | Refused:
        """Forget its public half."""
        from portal.helpdesk.staff.passkeys import Passkeys  # noqa: PLC0415  (as above)

        found = next(
            (each for each in Passkeys(context).all(member_of(row)) if each.id == self.passkey), None
        )
        if found is None:
            return Refused(Reason.ALREADY_DONE)
        context.session.delete(context.session.get_one(PasskeyRow, bytes.fromhex(found.id)))
        return AuditEvent.STAFF_PASSKEY_REMOVED
