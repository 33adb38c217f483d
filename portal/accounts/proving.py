"""Have the password given once more, counted under the name like any attempt to sign in."""

from dataclasses import dataclass

from portal.accounts.attempts import Asked, Attempts, Tried
from portal.accounts.gate import Gate, name_subject
from portal.accounts.passwords import fits, normalised
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret

BAD_CREDENTIALS = Refused(Reason.BAD_CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Proof:
    """Say whose password is asked for, by whom, and whom the audit names; the password is normalised."""

    district: District
    username: str
    source: str
    subject: str
    password: Secret

    def enter(self, context: Context) -> Refused | None:
        """Count the attempt before anything is hashed; refuse where the source or the name is full."""
        gate = Gate(context)
        return gate.enter(self.district.slug, *self._keys(gate), self.district.options.lock)

    def settle(self, context: Context, *, is_right: bool) -> Refused | None:
        """Clear the counter of a right password; count, audit and refuse a wrong one."""
        gate, audit = Gate(context), Audit(context)
        source, name = self._keys(gate)
        if is_right:
            gate.succeed(source, name)
            return None
        # The gate before the audit, as everywhere, so that two transactions never wait for each other.
        lock = self.district.options.lock
        locked = gate.fail(name, lock)
        tried = Tried(self.district.slug, name, "wrong_password", Asked.PROOF, source=source)
        Attempts(context).note(tried)
        audit.record(self.district.slug, AuditEvent.PROOF_FAILED, subject=self.subject)
        if locked:
            mode = lock.mode.value
            subject = name_subject(name)
            audit.record(self.district.slug, AuditEvent.NAME_LOCKED, subject=subject, mode=mode)
        return BAD_CREDENTIALS

    def _keys(self, gate: Gate) -> tuple[bytes, bytes]:
        slug = self.district.slug
        return gate.source_key(slug, self.source), gate.name_key(slug, self.username)


def typed_password(typed: Secret) -> Secret | Refused:
    """Return a password as it is compared; one that cannot be normalised is simply a wrong one."""
    if not typed.value:
        return Refused(Reason.FIELDS_REFUSED, violations=(Violation("empty", field="password"),))
    if not fits(typed):
        return Refused(Reason.INVALID_REQUEST)
    return normalised(typed) or Secret("")
