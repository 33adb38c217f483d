"""Keep the requests for an account that wait: for the family's mailbox, or for staff."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import delete, func, or_, select

from portal.accounts.addresses import Address, key_of
from portal.accounts.contacts import is_same_person
from portal.accounts.mailing import RequestState, for_request, post
from portal.accounts.models import AccountRequestRow, AccountRow
from portal.accounts.names import compared
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import District
from portal.core.folding import fold
from portal.core.outbox import MailKind, Outbox, To
from portal.sis.models import Contact, PortalAccess, Student

KEPT = timedelta(days=30)


class Finding(StrEnum):
    """Tell how a request compares with the school's records; only staff see it."""

    MATCHES = ""
    HAS_ACCOUNT = "has_account"
    NOT_ON_FILE = "not_on_file"
    EMAIL_DIFFERS = "email_differs"
    NAME_DIFFERS = "name_differs"
    SEVERAL_MATCH = "several_match"
    NO_PORTAL_ACCESS = "no_portal_access"
    RECEIVES_NO_EMAIL = "receives_no_email"


@dataclass(frozen=True, slots=True)
class NewRequest:
    """Describe what a family asked for, without its secrets."""

    first_name: str
    last_name: str
    address: Address
    question: str
    conversation: str
    language: str

    @property
    def name(self) -> str:
        """Return first and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Hashes:
    """Carry what was hashed; `repeats` is the stored password of the request that this one repeats."""

    password: str = field(repr=False)
    answer: str | None = field(repr=False)
    repeats: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Compared:
    finding: Finding
    contact_id: str | None = None
    address: str | None = None
    account_id: str | None = None

    @property
    def state(self) -> RequestState:
        """Return how far a request with this finding is: without an address, staff have to look."""
        if self.address is None:
            return RequestState.STAFF
        return RequestState.MAILED if self.account_id is None else RequestState.ACTIVE


class WaitingRequests:
    """Compare requests with the records and keep them; the answer to the family is always the same."""

    def __init__(self, context: Context, district: District) -> None:
        """Work in one transaction, for one district."""
        self._context = context
        self._session = context.session
        self._district = district

    def password_of(self, new: NewRequest) -> str | None:
        """Return the stored password of the newest request that this one may repeat."""
        rows = self._waiting(new)
        return rows[0].password_hash if rows else None

    def keep(self, new: NewRequest, hashes: Hashes) -> None:
        """Keep a request, or send the mail of the one that it repeats once more."""
        found = self._compared(new)
        row = self._repeated(new, hashes) or self._added(new, hashes)
        row.contact_id = found.contact_id
        row.reason = found.finding.value
        row.state = found.state.value
        if found.state is RequestState.ACTIVE:
            row.account_id, row.decided_at = found.account_id, self._context.now
        self._session.flush()
        self._write(row, found)
        subject = f"request:{row.request_id}"
        details = {"state": row.state, "reason": row.reason}
        Audit(self._context).record(
            self._district.slug, AuditEvent.ACCOUNT_REQUESTED, subject=subject, **details
        )

    def purge(self) -> None:
        """Forget requests that no family confirmed: of somebody who never answered nothing is kept."""
        # One that staff approved waits anew: its family was written to only then.
        since = func.coalesce(AccountRequestRow.decided_at, AccountRequestRow.created_at)
        old = since <= self._context.now - KEPT
        unanswered = AccountRequestRow.state == RequestState.MAILED.value
        theirs = AccountRequestRow.district_id == self._district.slug
        self._session.execute(delete(AccountRequestRow).where(theirs, unanswered, old))

    def _waiting(self, new: NewRequest) -> list[AccountRequestRow]:
        query = select(AccountRequestRow).where(
            AccountRequestRow.district_id == self._district.slug,
            AccountRequestRow.email_key == new.address.key,
            AccountRequestRow.state.in_((RequestState.MAILED.value, RequestState.STAFF.value)),
        )
        newest = query.order_by(AccountRequestRow.created_at.desc(), AccountRequestRow.request_id)
        # By the same name: two people may share an address, and each has a request of their own.
        rows = self._session.scalars(newest.with_for_update())
        return [row for row in rows if fold(f"{row.first_name} {row.last_name}") == fold(new.name)]

    def _repeated(self, new: NewRequest, hashes: Hashes) -> AccountRequestRow | None:
        """Return the request that is sent once more: from the same conversation, or with its password.

        Any other is kept beside the first: whoever merely knows name and address must not be able to
        put a password of their own in the place of the parent's.
        """
        rows = self._waiting(new)
        same = [row for row in rows if row.password_hash == hashes.repeats]
        row = next((row for row in rows if row.conversation == new.conversation), None) or next(
            iter(same), None
        )
        if row is None:
            return None
        # The newest password counts, and what comes of the request is told where it was sent last.
        self._fill(row, new, hashes)
        return row

    def _added(self, new: NewRequest, hashes: Hashes) -> AccountRequestRow:
        row = AccountRequestRow(
            request_id=uuid4().hex,
            district_id=self._district.slug,
            first_name=new.first_name,
            last_name=new.last_name,
            email=new.address.spelling,
            email_key=new.address.key,
            created_at=self._context.now,
        )
        self._fill(row, new, hashes)
        self._session.add(row)
        return row

    def _fill(self, row: AccountRequestRow, new: NewRequest, hashes: Hashes) -> None:
        row.language, row.conversation = new.language, new.conversation
        row.password_hash = hashes.password
        row.security_question = new.question if hashes.answer else None
        row.security_answer_hash = hashes.answer

    def _write(self, row: AccountRequestRow, found: _Compared) -> None:
        # Each request writes the same rows; those that have nobody to go to are closed unsent.
        slug = self._district.slug
        letter = for_request(slug, row, found.address, row.language)
        if found.state is not RequestState.MAILED:
            letter = replace(letter.to_nobody(), to=letter.to)
        if found.state is RequestState.ACTIVE:
            letter = replace(letter, kind=MailKind.ALREADY_ACCOUNT, token=None)
        post(self._context, letter)
        staff = self._district.options.help_at().email if found.state is RequestState.STAFF else None
        Outbox(self._context).put(slug, MailKind.STAFF_REQUEST, To(staff))

    def _compared(self, new: NewRequest) -> _Compared:
        # Every question is asked of the database, also when the first answer settles it.
        at_address = self._contacts_at(new.address)
        is_named = self._is_named(new)
        named = [each for each in at_address if is_same_person(new.name, each)]
        finding = _finding(at_address, named, is_named=is_named)
        contact = named[0] if named else None
        contact_id = "" if contact is None else contact.id
        rights = self._rights(contact_id)
        account = self._account(compared(new.address.spelling), contact_id)
        if account is not None:
            is_reached = account.email_confirmed_at is not None and account.disabled_at is None
            address = account.email if is_reached else None
            return _Compared(Finding.HAS_ACCOUNT, account.contact_id, address, account.account_id)
        if contact is None or finding is not Finding.MATCHES:
            return _Compared(finding)
        finding = self._finding_of_rights(contact, rights)
        # To the address as the school has it, never to one that was only typed.
        address = contact.email if finding is Finding.MATCHES else None
        return _Compared(finding, contact.id, address)

    def _account(self, username_key: str, contact_id: str) -> AccountRow | None:
        theirs = or_(AccountRow.username_key == username_key, AccountRow.contact_id == contact_id)
        query = select(AccountRow).where(AccountRow.district_id == self._district.slug, theirs)
        order = (AccountRow.username_key != username_key, AccountRow.created_at)
        return self._session.scalars(query.order_by(*order).limit(1)).first()

    def _contacts_at(self, address: Address) -> list[Contact]:
        spelled = func.lower(Contact.email).in_({address.key, address.spelling.lower()})
        query = select(Contact).where(Contact.district_id == self._district.slug, spelled)
        rows = self._session.scalars(query.order_by(Contact.id))
        return [row for row in rows if key_of(row.email) == address.key and row.retired_at is None]

    def _is_named(self, new: NewRequest) -> bool:
        last, first = func.lower(Contact.family_name), func.lower(Contact.given_name)
        alike = or_(
            (last == new.last_name.lower()) & (first == new.first_name.lower()),
            (last == new.first_name.lower()) & (first == new.last_name.lower()),
        )
        query = select(Contact.id).where(Contact.district_id == self._district.slug, alike).limit(1)
        return self._session.scalar(query) is not None

    def _rights(self, contact_id: str) -> list[PortalAccess]:
        query = (
            select(PortalAccess)
            .join(
                Student,
                (Student.district_id == PortalAccess.district_id) & (Student.id == PortalAccess.student_id),
            )
            .where(
                PortalAccess.district_id == self._district.slug,
                PortalAccess.contact_id == contact_id,
                PortalAccess.retired_at.is_(None),
                Student.retired_at.is_(None),
            )
        )
        return list(self._session.scalars(query))

    def _finding_of_rights(self, contact: Contact, rights: Sequence[PortalAccess]) -> Finding:
        if not contact.enabled or not any(right.allowed for right in rights):
            return Finding.NO_PORTAL_ACCESS
        if not any(right.allowed and right.receives_email for right in rights):
            return Finding.RECEIVES_NO_EMAIL
        return Finding.MATCHES


def _finding(at_address: Sequence[Contact], named: Sequence[Contact], *, is_named: bool) -> Finding:
    if len(named) > 1:
        return Finding.SEVERAL_MATCH
    if named:
        return Finding.MATCHES
    if at_address:
        return Finding.NAME_DIFFERS
    return Finding.EMAIL_DIFFERS if is_named else Finding.NOT_ON_FILE
