"""Take up an invitation: choose a password, show the first code, and be signed in."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import select

from portal.accounts.passwords import Hasher, normalised
from portal.accounts.pending import Done, Pending
from portal.accounts.policy import VERIFICATION_MISMATCH, Owner, broken_rules
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.keys import fingerprint
from portal.core.options import PasswordOptions
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.core.tokens import VOID
from portal.helpdesk.staff.accounts import StaffAccounts
from portal.helpdesk.staff.codes import derived_secret, matching_step
from portal.helpdesk.staff.models import StaffInvitationRow, StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.proving import WRONG_CODE, let_in
from portal.helpdesk.staff.sessions import member_of

Outcome = StaffMember | Refused
# The same in every district: there is a second factor, so length is what counts, and the blocklist.
PASSWORD = PasswordOptions(
    min_length=12, upper_and_lower=False, letter_and_number=False, special=False, history=0, expires_days=0
)


@dataclass(frozen=True, slots=True)
class StaffJoin:
    """Take up an invitation; `session` is the cookie of the session that begins."""

    token: Secret
    password: Secret
    again: Secret
    code: str = field(repr=False)
    session: str = field(repr=False)


class Invitations:
    """Find invitations that may still be taken up."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def find(self, token: Secret, *, lock: bool = False) -> StaffInvitationRow | None:
        """Return the open invitation of a token."""
        # A forged token may hold anything, also what cannot be encoded: it matches none then.
        readable = token.value.strip().encode("utf-8", "backslashreplace").decode()
        query = select(StaffInvitationRow).where(
            StaffInvitationRow.digest == fingerprint(readable),
            StaffInvitationRow.closed_at.is_(None),
            StaffInvitationRow.expires_at > self._context.now,
        )
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return self._context.session.scalar(query)

    def whom(self, token: Secret) -> StaffMember | Refused:
        """Return who is invited."""
        found = self.find(token)
        row = None if found is None else self._context.session.get_one(StaffRow, found.staff_id)
        return VOID if row is None or row.disabled_at is not None else member_of(row)

    def secret(self, token: Secret) -> Secret:
        """Return the secret that the invited put into their app: the same each time the page is opened."""
        return derived_secret(self._context.keys, "invitation", token.value.strip())


class JoiningStaff:
    """Take up an invitation, all of it or nothing."""

    def __init__(self, request: StaffJoin) -> None:
        """Take what is asked."""
        self._request = request

    def reserve(self, context: Context) -> Pending[Outcome] | Done[Outcome]:
        """Check everything but the race for the token; what is pending hashes."""
        invited = Invitations(context).whom(self._request.token)
        if isinstance(invited, Refused):
            return Done(invited)
        password = normalised(self._request.password)
        problems = wrong_password(context, invited, password, self._request.again)
        if self._step(context) is None:
            problems.extend(WRONG_CODE.violations)
        if problems or password is None:
            return Done(Refused(Reason.FIELDS_REFUSED, violations=tuple(problems)))
        return Pending(partial(self._judge, password))

    def _judge(self, password: Secret, hasher: Hasher) -> Callable[[Context], Outcome]:
        return partial(self._settle, hasher.hash(password))

    def _settle(self, hashed: str, context: Context) -> Outcome:
        invitations = Invitations(context)
        invitation, step = invitations.find(self._request.token, lock=True), self._step(context)
        if invitation is None:
            return VOID
        row = context.session.get_one(StaffRow, invitation.staff_id, with_for_update=True)
        if step is None or row.disabled_at is not None:
            return WRONG_CODE if row.disabled_at is None else VOID
        invitation.closed_at = context.now
        row.password_hash, row.totp_step = hashed, step
        row.totp_secret = context.keys.encrypt(invitations.secret(self._request.token).value.encode())
        StaffAccounts(context).let_try_again(row)
        by = member_of(row).by
        Audit(context).record(
            row.district_id, AuditEvent.STAFF_JOINED, subject=f"staff:{row.staff_id}", by=by
        )
        return let_in(context, row, self._request.session, how="invitation")

    def _step(self, context: Context) -> int | None:
        secret = Invitations(context).secret(self._request.token)
        return matching_step(secret, self._request.code, context.now, after=0)


def wrong_password(
    context: Context, owner: StaffMember, password: Secret | None, again: Secret
) -> list[Violation]:
    """Return what is wrong with a new password of staff."""
    district = Districts(context).get_one(owner.district)
    named = Owner(owner.district, owner.email, owner.name)
    broken = broken_rules(password, named, replace(district.options, password=PASSWORD))
    if password is not None and normalised(again) != password:
        broken.append(Violation(VERIFICATION_MISMATCH))
    return broken
