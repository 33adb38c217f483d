"""Do for a parent what they called about; each deed tells the parent."""

from dataclasses import replace
from datetime import timedelta

from portal.accounts.addresses import address_of
from portal.accounts.calendars import Calendars
from portal.accounts.fields import email_violations, refused
from portal.accounts.mailing import for_new_address, for_recovery, for_undoing, post, to_owner
from portal.accounts.models import AccountRow
from portal.accounts.service import Accounts
from portal.accounts.sessions import Sessions
from portal.core.audit import AuditEvent
from portal.core.context import Context
from portal.core.outbox import MailKind, Outbox
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.tokens import TokenPurpose, Tokens
from portal.helpdesk.desk.opening import Opened, Opening
from portal.helpdesk.desk.outcomes import Done, Order
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed

# Where a temporary password is a link: as long as one that is shown.
LINK_LIFE = timedelta(hours=72)


class Desk:
    """Do the deeds of the desk that need no hashing."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._opening = Opening(context)

    def unlock(self, member: StaffMember, order: Order) -> Done | Refused:
        """Lift a lock and forget the failures; the password stays what it is."""
        opened = self._opening.open(member, Deed.UNLOCK, order)
        if isinstance(opened, Refused):
            return opened
        account = opened.account
        self._opening.note(opened)
        done = Accounts(self._context).unlock(account.district_id, account.username, order.why, member.by)
        return done if isinstance(done, Refused) else Done(account.account_id, done.was_locked)

    def send_recovery(self, member: StaffMember, order: Order) -> Done | Refused:
        """Mail the link with which the parent sets a new password, to the confirmed address only."""
        opened = self._opening.open(member, Deed.SEND_RECOVERY, order)
        if isinstance(opened, Refused):
            return opened
        life = timedelta(minutes=opened.district.options.recovery_minutes)
        return self._mail_link(opened, life)

    def send_link(self, member: StaffMember, order: Order) -> Done | Refused:
        """Mail what stands for a temporary password where none is shown: a link that is good for days."""
        opened = self._opening.open(member, Deed.SET_TEMPORARY_PASSWORD, order)
        return opened if isinstance(opened, Refused) else self._mail_link(opened, LINK_LIFE)

    def end_sessions(self, member: StaffMember, order: Order) -> Done | Refused:
        """Sign the parent out everywhere, and end the calendars whose addresses somebody may know."""
        opened = self._opening.open(member, Deed.END_SESSIONS, order)
        if isinstance(opened, Refused):
            return opened
        Sessions(self._context).end_all(opened.account.account_id)
        Calendars(self._context).end_all(opened.account.account_id)
        self._opening.record(opened, AuditEvent.SESSIONS_ENDED)
        return self._tell(opened.account, MailKind.SESSIONS_ENDED)

    def correct_email(self, member: StaffMember, order: Order, email: str) -> Done | Refused:
        """Write to another address; it counts once it is confirmed from there with the password."""
        broken = email_violations(email)
        address = address_of(email)
        if broken or address is None:
            return refused(broken) or Refused(Reason.INVALID_REQUEST)
        opened = self._opening.open(member, Deed.CORRECT_EMAIL, order)
        if isinstance(opened, Refused):
            return opened
        account = opened.account
        if address.key == account.email_key and account.email_confirmed_at is not None:
            return Refused(Reason.FIELDS_REFUSED, violations=(Violation("email_same", field="email"),))
        # A link that went to the address that was wrong must open nothing.
        Tokens(self._context).void(account.account_id, TokenPurpose.RECOVER_PASSWORD)
        post(self._context, for_new_address(account, address.spelling, address.key, ""))
        if account.email_confirmed_at is not None:
            post(self._context, for_undoing(account))
        was_on_file = account.email is not None
        self._opening.record(opened, AuditEvent.EMAIL_CORRECTED, had_address=was_on_file)
        return Done(account.account_id, told=True)

    def disable(self, member: StaffMember, order: Order) -> Done | Refused:
        """Let nobody in any more: end the sessions, void every link that was mailed."""
        opened = self._opening.open(member, Deed.DISABLE, order)
        if isinstance(opened, Refused):
            return opened
        account = opened.account
        if account.disabled_at is not None:
            return Refused(Reason.ALREADY_DONE)
        account.disabled_at = self._context.now
        Sessions(self._context).end_all(account.account_id)
        Tokens(self._context).void(account.account_id)
        self._opening.record(opened, AuditEvent.ACCOUNT_DISABLED, before="enabled", after="disabled")
        return self._tell(account, MailKind.ACCOUNT_DISABLED)

    def enable(self, member: StaffMember, order: Order) -> Done | Refused:
        """Let the parent in again, with the password as it is."""
        opened = self._opening.open(member, Deed.DISABLE, order)
        if isinstance(opened, Refused):
            return opened
        account = opened.account
        if account.disabled_at is None:
            return Refused(Reason.ALREADY_DONE)
        account.disabled_at = None
        self._opening.record(opened, AuditEvent.ACCOUNT_ENABLED, before="disabled", after="enabled")
        return self._tell(account, MailKind.ACCOUNT_ENABLED)

    def _mail_link(self, opened: Opened, life: timedelta) -> Done | Refused:
        account = opened.account
        # To an address that nobody confirmed a stranger may listen: staff mend the address first.
        if not account.email or account.email_confirmed_at is None or account.disabled_at is not None:
            return Refused(Reason.EMAIL_NOT_CONFIRMED)
        if not opened.district.options.parent_single_sign_on:
            return Refused(Reason.TURNED_OFF)
        letter = for_recovery(opened.district, account, "", "")
        token = None if letter.token is None else replace(letter.token, life=life)
        post(self._context, replace(letter, token=token))
        hours = int(life.total_seconds() // 3600)
        self._opening.record(opened, AuditEvent.RECOVERY_SENT, hours=hours)
        return Done(account.account_id, told=True)

    def _tell(self, account: AccountRow, kind: MailKind) -> Done:
        if account.email:
            Outbox(self._context).put(account.district_id, kind, to_owner(account))
        return Done(account.account_id, told=bool(account.email))
