"""Open an account for whoever shows the Access IDs and access passwords of their students."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from portal.accounts.addresses import address_of
from portal.accounts.barring import refuse_barred
from portal.accounts.choosing import Choice
from portal.accounts.claims import link_all, links_by_access_id
from portal.accounts.contacts import Contacts, Person, Recognised
from portal.accounts.fields import (
    email_violations,
    name_violations,
    password_violations,
    refused,
    student_violations,
    username_violations,
)
from portal.accounts.gate import Gate, Kind, Limit
from portal.accounts.mailing import for_confirming, post
from portal.accounts.models import AccountRow
from portal.accounts.names import compared
from portal.accounts.outcomes import AccountCreated, AccountOpened, NewAccount, OpenAccount
from portal.accounts.pairs import Pairs
from portal.accounts.passwords import Hasher
from portal.accounts.pending import Done, Pending
from portal.accounts.piloting import Pilot
from portal.accounts.policy import Owner
from portal.accounts.requests import Operation, RequestKey, Requests
from portal.accounts.service import Accounts
from portal.accounts.suggestions import free_usernames
from portal.core.context import Context
from portal.core.districts import District
from portal.core.outbox import MailKind
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.sis.models import Student

Opened = AccountOpened | Refused
# More than any family needs. Without a limit one letter would open accounts without end, each with a mail
# to an address of the opener's choice, and list which usernames there are.
OPENINGS = Limit(20, timedelta(days=1))


@dataclass(frozen=True, slots=True)
class _Shown:
    """Hold what whoever opens the account has shown, from the counting to the settling."""

    district: District
    students: tuple[Student, ...]
    known: Recognised
    new: Secret = field(repr=False)


class OpeningAccount:
    """Open an account with its students, all of it or nothing."""

    def __init__(self, request: OpenAccount) -> None:
        """Take what is asked."""
        self._request = request
        self._name = " ".join(f"{request.first_name} {request.last_name}".split())
        asker = request.asker
        self._key: RequestKey[Opened]
        self._key = RequestKey(asker.conversation, Operation.OPEN_ACCOUNT, asker.request_id)

    def reserve(self, context: Context) -> Pending[AccountOpened | Refused] | Done[AccountOpened | Refused]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        choice = Choice.of(self._request.new, self._request.again)
        if choice is None:
            return Done(Refused(Reason.INVALID_REQUEST))
        district = Requests(context).begin(self._key, self._request.asker)
        if not isinstance(district, District):
            return Done(district)
        shown = self._shown(context, district, choice)
        if isinstance(shown, Refused):
            Requests(context).settle(self._key, shown)
            return Done(shown)
        return Pending(partial(self._judge, shown))

    def _shown(self, context: Context, district: District, choice: Choice) -> _Shown | Refused:
        if not links_by_access_id(district):
            return Refused(Reason.TURNED_OFF)
        wrong = refused(self._violations(district, choice))
        if wrong is not None or choice.new is None:
            return wrong or Refused(Reason.INVALID_REQUEST)
        request = self._request
        found = Pairs(context, district).check(f"source:{request.asker.source}", request.students)
        if isinstance(found, Refused):
            return found
        person = Person(self._name, request.email)
        known = Contacts(context, district.slug).recognise(person, [each.id for each in found])
        refusal = self._counted(context, district, found) or refuse_barred(context, district, known, found)
        refusal = refusal or Pilot(context, district).refuse_students(found)
        if refusal is not None:
            return refusal
        # Only whoever has shown a letter learns which usernames there are.
        if _is_taken(context, district, request.username):
            return self._taken(context, district)
        return _Shown(district, tuple(found), known, choice.new)

    def _counted(self, context: Context, district: District, students: Sequence[Student]) -> Refused | None:
        """Count what is done with each student's letter, in one order for all who do so at once."""
        gate, slug = Gate(context), district.slug
        for key in sorted(gate.key(Kind.LINKING, slug, "opening", each.id) for each in students):
            throttled = gate.reserve(slug, Kind.LINKING, key, OPENINGS)
            if throttled is not None:
                return throttled
        return None

    def _violations(self, district: District, choice: Choice) -> Sequence[Violation]:
        request = self._request
        owner = Owner(district.slug, request.username, self._name)
        return [
            *name_violations("first_name", request.first_name),
            *name_violations("last_name", request.last_name),
            *email_violations(request.email),
            *username_violations(request.username),
            *password_violations(choice, owner, district.options),
            *student_violations(request.students),
        ]

    def _judge(self, shown: _Shown, hasher: Hasher) -> Callable[[Context], Opened]:
        return partial(self._settle, shown, hasher.hash(shown.new))

    def _settle(self, shown: _Shown, hashed: str, context: Context) -> Opened:
        account = self._created(context, shown, hashed)
        outcome: Opened
        if account is None:
            outcome = self._taken(context, shown.district)
        else:
            linked = link_all(context, account, shown.students, self._request.students)
            self._write(context, account)
            outcome = AccountOpened(account.account_id, account.username, linked.linked)
        Requests(context).settle(self._key, outcome)
        return outcome

    def _created(self, context: Context, shown: _Shown, hashed: str) -> AccountRow | None:
        request, slug = self._request, shown.district.slug
        address = address_of(request.email)
        new = NewAccount(
            district=slug,
            username=request.username.strip(),
            display_name=self._name,
            email=None if address is None else address.spelling,
            contact_id=shown.known.contact_id,
            # The school already writes to this address, so it is a parent's of this student.
            email_confirmed=shown.known.gave_known_address,
            language=request.asker.language,
        )
        created = Accounts(context).create(new, hashed)
        if not isinstance(created, AccountCreated):
            return None
        gate = Gate(context)
        # What others tried on the name while nobody had it is no reason to lock its first owner out. Not
        # before it is theirs: the counter of a name that somebody has is nobody else's to clear.
        gate.clear(gate.name_key(slug, request.username))
        return context.session.get_one(AccountRow, created.account_id)

    def _write(self, context: Context, account: AccountRow) -> None:
        asker = self._request.asker
        letter = for_confirming(account, asker.conversation, asker.language)
        if account.email_confirmed_at is not None:
            letter = replace(letter, kind=MailKind.ACCOUNT_CREATED, token=None)
        post(context, letter)

    def _taken(self, context: Context, district: District) -> Refused:
        request = self._request
        names = (request.username, request.first_name, request.last_name)
        return Refused(
            Reason.FIELDS_REFUSED,
            violations=(Violation("username_taken", field="username"),),
            choices=free_usernames(context, district.slug, *names),
        )


def _is_taken(context: Context, district: District, username: str) -> bool:
    query = select(AccountRow.account_id).where(
        AccountRow.district_id == district.slug, AccountRow.username_key == compared(username)
    )
    return context.session.scalar(query) is not None
