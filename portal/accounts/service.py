"""Create, find and unlock accounts."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.addresses import key_of
from portal.accounts.called import Called
from portal.accounts.devices import Devices
from portal.accounts.gate import Gate, name_subject
from portal.accounts.models import AccountRow
from portal.accounts.names import ALLOWED, compared, is_storable
from portal.accounts.outcomes import AccountCreated, NewAccount, Unlocked
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.options import AccountOpening
from portal.core.outbox import MailKind, Outbox, To
from portal.core.outcomes import Reason, Refused
from portal.sis.models import Contact

TEMPORARY_LIFE = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Account:
    """Show an account without its password."""

    account_id: str
    district: str
    username: str
    display_name: str
    email: str | None
    contact_id: str | None
    is_disabled: bool


class Accounts:
    """Keep the accounts of parents; what needs hashing is a method of the portal itself."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def create(self, new: NewAccount, password_hash: str) -> AccountCreated | Refused:
        """Add an account whose password is hashed already."""
        key = compared(new.username)
        district = Districts(self._context).get(new.district)
        if not is_storable(new.username, new.display_name) or not _is_allowed(new, key, district):
            return Refused(Reason.INVALID_REQUEST)
        if district is None:
            return Refused(Reason.NOT_FOUND)
        try:
            with self._context.session.begin_nested():
                account_id = self._add(new, key, password_hash)
        except IntegrityError:
            # Somebody has it: the table itself says so, also to two who ask in the same instant.
            return Refused(Reason.USERNAME_TAKEN)
        subject = f"account:{account_id}"
        Audit(self._context).record(
            new.district, AuditEvent.ACCOUNT_CREATED, subject=subject, temporary=new.temporary
        )
        return AccountCreated(account_id, new.username.strip())

    def find(self, district: str, username: str) -> Account | None:
        """Return the account of a name as anybody may type it, or None."""
        row = self._row(district, compared(username))
        return None if row is None else _shown(row)

    def unlock(self, district: str, username: str, reason: str, by: str) -> Unlocked | Refused:
        """Lift a name's lock, on its known devices too, and forget its failures; its password stays.

        Names that nobody has lock too, so they unlock too. `by` is who did it, `reason` why.
        """
        found = Districts(self._context).get(district)
        if found is None or not is_storable(username, reason, by):
            return Refused(Reason.NOT_FOUND)
        gate, row = Gate(self._context), self._row(district, compared(username))
        key = gate.name_key(district, username)
        before = gate.counter(key)
        if row is None and before is None:
            return Refused(Reason.NOT_FOUND)
        keys = [key] if row is None else [key, *Devices(self._context).keys_of(row.account_id)]
        was_locked = any(gate.is_locked(each, found.options.lock) for each in keys)
        for each in keys:
            gate.clear(each)
        Audit(self._context).record(
            district,
            AuditEvent.ACCOUNT_UNLOCKED,
            subject=name_subject(key) if row is None else f"account:{row.account_id}",
            by=by,
            reason=reason,
            was_locked=was_locked,
            fails_before=0 if before is None else before.fails,
            fails_after=0,
        )
        self._tell_parent(row, was_locked=was_locked)
        return Unlocked(username, None if row is None else row.account_id, was_locked)

    def _tell_parent(self, row: AccountRow | None, *, was_locked: bool) -> None:
        if row is not None and row.email and was_locked:
            to = To(row.email, row.account_id, row.language or "")
            Outbox(self._context).put(row.district_id, MailKind.ACCOUNT_UNLOCKED, to)

    def _add(self, new: NewAccount, key: str, password_hash: str) -> str:
        email_key = key_of(new.email)
        is_confirmed = new.email_confirmed or (email_key is not None and self._is_on_file(new, email_key))
        row = AccountRow(
            account_id=uuid4().hex,
            district_id=new.district,
            username=new.username.strip(),
            username_key=key,
            display_name=new.display_name,
            email=new.email,
            email_key=email_key,
            email_confirmed_at=self._context.now if is_confirmed else None,
            language=new.language,
            contact_id=new.contact_id,
            password_hash=password_hash,
            password_changed_at=self._context.now,
            password_expired=new.expired,
            temporary_until=self._context.now + TEMPORARY_LIFE if new.temporary else None,
            created_at=self._context.now,
        )
        self._context.session.add(row)
        self._context.session.flush()
        Called(self._context).set(row)
        return row.account_id

    def _is_on_file(self, new: NewAccount, email_key: str) -> bool:
        # The school writes to this address already, so it is the parent's own.
        contact = self._context.session.get(Contact, (new.district, new.contact_id or ""))
        return contact is not None and key_of(contact.email) == email_key

    def _row(self, district: str, key: str) -> AccountRow | None:
        query = select(AccountRow).where(AccountRow.district_id == district, AccountRow.username_key == key)
        return self._context.session.scalar(query)


def _is_allowed(new: NewAccount, key: str, district: District | None) -> bool:
    # Where families request an account, they sign in with their own address, and with nobody else's.
    by_request = district is not None and district.options.account_opening is AccountOpening.REQUEST
    is_address = by_request and key_of(new.username) is not None and key_of(new.username) == key_of(new.email)
    return is_address or ALLOWED.fullmatch(key) is not None


def _shown(row: AccountRow) -> Account:
    return Account(
        account_id=row.account_id,
        district=row.district_id,
        username=row.username,
        display_name=row.display_name,
        email=row.email,
        contact_id=row.contact_id,
        is_disabled=row.disabled_at is not None,
    )
