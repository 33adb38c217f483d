"""Find why somebody cannot get in: in full for staff, in safe words for whoever asks."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import and_, or_, select

from portal.accounts.addresses import key_of
from portal.accounts.devices import Devices
from portal.accounts.gate import Gate
from portal.accounts.mailing import RequestState
from portal.accounts.models import AccountRequestRow, AccountRow
from portal.accounts.names import compared, is_storable
from portal.accounts.outcomes import Diagnosed, FailedWayIn, Finding, SafelyDiagnosed
from portal.core.context import Context
from portal.core.database import EPOCH
from portal.core.districts import District, Districts
from portal.core.models import OutboxRow, TokenRow
from portal.core.options import LockMode, Profile
from portal.core.outbox import OVERTAKEN
from portal.core.tokens import TokenPurpose
from portal.sis.models import Contact, PortalAccess

FROM_FIRST_TO_LAST = tuple(FailedWayIn)
FREE = SafelyDiagnosed(is_locked=False, until=None, must_contact_school=False)


class Diagnosis:
    """Look at everything that a way in depends on; nothing is changed."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._gate = Gate(context)

    def of(self, district: str, username: str) -> Diagnosed:
        """Return every finding about a name, the first to mend first; for staff only."""
        found = Districts(self._context).get_one(district)
        if not is_storable(username):
            return Diagnosed(username, None, (Finding(FailedWayIn.UNKNOWN_NAME),))
        account = self._account(district, username)
        findings = list(self._of_name(found, username) if account is None else self._of(found, account))
        findings.sort(key=lambda each: FROM_FIRST_TO_LAST.index(each.cause))
        return Diagnosed(
            username if account is None else account.username,
            None if account is None else account.account_id,
            tuple(findings) or (Finding(FailedWayIn.NOTHING),),
            self._instead(district, username) if account is None else (),
        )

    def safely(self, district: str, username: str, device: str = "") -> SafelyDiagnosed:
        """Return what anybody may be told of a name, whether or not somebody has it.

        Only counters are looked at: they are kept of every name that was typed. On a device that the
        name is known from, it is the device's own counter that tells.
        """
        found = Districts(self._context).get(district)
        if found is None or not is_storable(username, device):
            return FREE
        options, devices = found.options, Devices(self._context)
        key = self._gate.name_key(district, username)
        if options.profile is Profile.RECOMMENDED and devices.is_known(district, username, device):
            key = devices.key(district, username, device)
        lock = self._gate.lock(key, options.lock)
        if lock is None:
            return FREE
        by_staff = lock.until is None and not lock.is_capped
        is_older = options.profile is not Profile.RECOMMENDED or options.lock.mode is LockMode.UNTIL_STAFF
        return SafelyDiagnosed(
            is_locked=True,
            until=lock.until,
            must_contact_school=by_staff or (lock.is_capped and is_older),
            since=lock.since,
            fails=lock.fails,
        )

    def _of_name(self, district: District, username: str) -> Iterator[Finding]:
        counter = self._gate.counter(self._gate.name_key(district.slug, username))
        tried = None if counter is None else counter.total
        yield Finding(FailedWayIn.UNKNOWN_NAME, count=tried or None)
        yield from self._locks(district, username, [])
        yield from self._requests(district.slug, username)

    def _of(self, district: District, account: AccountRow) -> Iterator[Finding]:
        devices = Devices(self._context).keys_of(account.account_id)
        locks = list(self._locks(district, account.username, devices))
        yield from locks or self._failures(district, account)
        yield from self._state(district, account)
        yield from self._mail(account)
        yield from self._recovery(account)
        yield from self._bars(account)

    def _locks(self, district: District, username: str, devices: list[bytes]) -> Iterator[Finding]:
        keys = [self._gate.name_key(district.slug, username), *devices]
        for lock in (self._gate.lock(key, district.options.lock) for key in keys):
            if lock is not None:
                cause = FailedWayIn.PASSWORD_DISABLED if lock.is_capped else FailedWayIn.LOCKED
                yield Finding(cause, lock.since, lock.until, lock.fails)

    def _failures(self, district: District, account: AccountRow) -> Iterator[Finding]:
        counter = self._gate.counter(self._gate.name_key(district.slug, account.username))
        if counter is not None and counter.total:
            since = EPOCH + timedelta(microseconds=counter.since)
            yield Finding(FailedWayIn.WRONG_PASSWORD, since, count=counter.total)

    def _state(self, district: District, account: AccountRow) -> Iterator[Finding]:
        if account.disabled_at is not None:
            yield Finding(FailedWayIn.DISABLED, account.disabled_at)
        if account.temporary_used_at is not None:
            yield Finding(FailedWayIn.TEMPORARY_USED, account.temporary_used_at)
        elif account.temporary_until is not None:
            is_over = account.temporary_until <= self._context.now
            cause = FailedWayIn.TEMPORARY_OVER if is_over else FailedWayIn.MUST_CHANGE
            since = account.temporary_until if is_over else account.password_changed_at
            yield Finding(cause, since, None if is_over else account.temporary_until)
        elif account.password_expired:
            yield Finding(FailedWayIn.MUST_CHANGE)
        else:
            yield from self._aged(district, account)

    def _aged(self, district: District, account: AccountRow) -> Iterator[Finding]:
        days = district.options.password.expires_days
        over = account.password_changed_at + timedelta(days=days)
        if days and over <= self._context.now:
            yield Finding(FailedWayIn.MUST_CHANGE, over)

    def _mail(self, account: AccountRow) -> Iterator[Finding]:
        if not account.email:
            yield Finding(FailedWayIn.NO_EMAIL)
        elif account.email_confirmed_at is None:
            yield Finding(FailedWayIn.EMAIL_UNCONFIRMED, account.created_at)
        if account.email:
            yield from self._refused_mail(account, account.email)

    def _refused_mail(self, account: AccountRow, address: str) -> Iterator[Finding]:
        # Only what became of the newest mail counts, and only at the address that the account has now.
        refused = and_(OutboxRow.given_up_at.is_not(None), OutboxRow.last_error != OVERTAKEN)
        query = select(OutboxRow).where(
            OutboxRow.recipient == account.account_id,
            OutboxRow.address == address,
            or_(OutboxRow.sent_at.is_not(None), refused),
        )
        newest = self._context.session.scalar(query.order_by(OutboxRow.created_at.desc()).limit(1))
        if newest is not None and newest.given_up_at is not None:
            yield Finding(FailedWayIn.MAIL_REFUSED, newest.given_up_at, count=newest.attempts)

    def _recovery(self, account: AccountRow) -> Iterator[Finding]:
        mine = (
            TokenRow.account_id == account.account_id,
            TokenRow.purpose == TokenPurpose.RECOVER_PASSWORD.value,
        )
        newest = select(TokenRow).where(*mine).order_by(TokenRow.created_at.desc()).limit(1)
        token = self._context.session.scalar(newest)
        if token is None or token.spent_at is not None or token.voided_at is not None:
            return
        # Whoever signed in since then needed it no longer.
        if account.last_sign_in_at is not None and account.last_sign_in_at >= token.created_at:
            return
        if token.expires_at is not None and token.expires_at <= self._context.now:
            yield Finding(FailedWayIn.RECOVERY_EXPIRED, token.expires_at)
        else:
            yield Finding(FailedWayIn.RECOVERY_WAITING, token.sent_at, token.expires_at)

    def _bars(self, account: AccountRow) -> Iterator[Finding]:
        if account.contact_id is None:
            return
        contact = self._context.session.get(Contact, (account.district_id, account.contact_id))
        if contact is not None and (not contact.enabled or contact.retired_at is not None):
            yield Finding(FailedWayIn.BARRED, contact.retired_at)
            return
        barred = select(PortalAccess.student_id).where(
            PortalAccess.district_id == account.district_id,
            PortalAccess.contact_id == account.contact_id,
            PortalAccess.allowed.is_(False),
            PortalAccess.retired_at.is_(None),
        )
        students = set(self._context.session.scalars(barred))
        if students:
            yield Finding(FailedWayIn.BARRED, count=len(students))

    def _requests(self, district: str, username: str) -> Iterator[Finding]:
        key = key_of(username)
        query = select(AccountRequestRow).where(
            AccountRequestRow.district_id == district,
            AccountRequestRow.email_key == key,
            AccountRequestRow.state.in_((RequestState.MAILED.value, RequestState.STAFF.value)),
        )
        newest = query.order_by(AccountRequestRow.created_at.desc()).limit(1)
        request = None if key is None else self._context.session.scalar(newest)
        if request is not None:
            with_staff = request.state == RequestState.STAFF
            cause = FailedWayIn.REQUEST_WITH_STAFF if with_staff else FailedWayIn.REQUEST_UNCONFIRMED
            yield Finding(cause, request.created_at)

    def _instead(self, district: str, typed: str) -> tuple[str, ...]:
        key = key_of(typed)
        theirs = (AccountRow.district_id == district, AccountRow.email_key == key)
        query = select(AccountRow.username).where(*theirs).order_by(AccountRow.username)
        return () if key is None else tuple(self._context.session.scalars(query))

    def _account(self, district: str, username: str) -> AccountRow | None:
        mine = (AccountRow.district_id == district, AccountRow.username_key == compared(username))
        return self._context.session.scalar(select(AccountRow).where(*mine))
