"""Gather by which keys a family is found in the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from portal.accounts.addresses import key_of
from portal.accounts.devices import Devices
from portal.accounts.gate import Gate
from portal.accounts.gate import Kind as GateKind
from portal.accounts.models import AccountRequestRow, AccountRow, AttemptRow, SessionRow
from portal.accounts.requests import Operation
from portal.core.context import Context
from portal.core.folding import fold
from portal.core.models import TokenRow
from portal.dialogue.models import ChatRow, ConversationRow
from portal.helpdesk.models import CaseRow

INSTANT = timedelta(microseconds=1)
# What is counted by name and address together, and what by the address alone.
RECOVER_BOTH = Operation.RECOVER_PASSWORD.value
RECOVER_ADDRESS = (Operation.RECOVER_USERNAME.value, Operation.RESEND_CONFIRMATION.value)


@dataclass(frozen=True, slots=True)
class SharedChat:
    """Name a conversation of several accounts, and until when this family was in it."""

    conversation: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Family:
    """Hold the keys under which one family is found; none of them is shown to anybody."""

    district: str
    accounts: tuple[str, ...]
    addresses: tuple[str, ...]
    places: tuple[str, ...]
    shared: tuple[SharedChat, ...]
    requests: tuple[str, ...]
    tokens: tuple[str, ...]
    others_tokens: tuple[str, ...]
    cases: tuple[str, ...]
    counters: tuple[bytes, ...]
    subjects: tuple[str, ...]


class Gathering:
    """Look for all that hangs on an account, in one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session
        self._gate = Gate(context)

    def accounts(self, account: AccountRow) -> list[AccountRow]:
        """Return an account and those that were merged into it: they are the same parent's."""
        found, new = [account], [account.account_id]
        while new:
            merged = select(AccountRow).where(AccountRow.merged_into.in_(new))
            rows = list(self._session.scalars(merged.order_by(AccountRow.account_id)))
            found, new = [*found, *rows], [row.account_id for row in rows]
        return found

    def conversations(self, accounts: list[AccountRow]) -> list[str]:
        """Return the conversations that the accounts ever signed in on, in one order."""
        mine = SessionRow.account_id.in_([row.account_id for row in accounts])
        return sorted(self._session.scalars(select(SessionRow.conversation).where(mine).distinct()))

    def family(self, accounts: list[AccountRow]) -> Family:
        """Return the keys of the family that the accounts are of."""
        ids = tuple(row.account_id for row in accounts)
        shared = tuple(self._shared(ids, self.conversations(accounts)))
        both = {each.conversation for each in shared}
        places = tuple(each for each in self.conversations(accounts) if each not in both)
        requests = tuple(self._requests(accounts))
        cases = tuple(self._cases(ids, places))
        names = self._names(accounts)
        chats = self._session.scalars(select(ChatRow.id).where(ChatRow.conversation_id.in_(places)))
        return Family(
            district=accounts[0].district_id,
            accounts=ids,
            addresses=tuple({row.email for row in accounts if row.email}),
            places=places,
            shared=shared,
            requests=requests,
            tokens=tuple(self._tokens(ids, requests)),
            others_tokens=tuple(self._tokens((), self._others_requests(accounts, requests))),
            cases=cases,
            counters=(*names, *(key for each in ids for key in Devices(self._context).keys_of(each))),
            subjects=(
                *(f"account:{each}" for each in ids),
                *(f"name:{each.hex()}" for each in names),
                *(f"request:{each}" for each in requests),
                *(f"case:{each}" for each in cases),
                *(f"chat:{each}" for each in chats),
                *self._contacts(accounts),
            ),
        )

    def _shared(self, ids: tuple[str, ...], conversations: list[str]) -> Iterator[SharedChat]:
        of_dialogue = select(ConversationRow.id).where(ConversationRow.id.in_(conversations))
        sessions = select(SessionRow).where(SessionRow.conversation.in_(of_dialogue))
        rows = list(self._session.scalars(sessions.order_by(SessionRow.started_at)))
        for name in sorted({row.conversation for row in rows if row.account_id not in ids}):
            own = [row for row in rows if row.conversation == name and row.account_id in ids]
            # An answer is written a moment after the session was last seen: until somebody else signed in
            # all of it was said to this family, or to nobody.
            left = max(row.started_at for row in own)
            later = [
                row.started_at
                for row in rows
                if row.conversation == name and row.account_id not in ids and row.started_at > left
            ]
            yield SharedChat(name, min(later) - INSTANT if later else self._context.now)

    def _requests(self, accounts: list[AccountRow]) -> list[str]:
        # Two parents may share a mailbox: a request from it is this one's if it gives the same name.
        ids = {row.account_id for row in accounts}
        emails = {row.email_key for row in accounts if row.email_key}
        contacts = {row.contact_id for row in accounts if row.contact_id}
        names = {fold(row.display_name) for row in accounts}
        mine = or_(
            AccountRequestRow.account_id.in_(ids),
            AccountRequestRow.contact_id.in_(contacts),
            AccountRequestRow.email_key.in_(emails),
        )
        rows = self._session.scalars(
            select(AccountRequestRow).where(AccountRequestRow.district_id == accounts[0].district_id, mine)
        )
        return [
            row.request_id
            for row in rows
            if row.account_id in ids
            or (row.account_id is None and row.contact_id in contacts)
            or (row.account_id is None and fold(f"{row.first_name} {row.last_name}") in names)
        ]

    def _others_requests(self, accounts: list[AccountRow], mine: Sequence[str]) -> list[str]:
        """Return the requests that somebody else made from a mailbox of the family."""
        emails = {row.email_key for row in accounts if row.email_key}
        others = select(AccountRequestRow.request_id).where(
            AccountRequestRow.district_id == accounts[0].district_id,
            AccountRequestRow.email_key.in_(emails),
            AccountRequestRow.request_id.not_in(mine),
        )
        return list(self._session.scalars(others))

    def _tokens(self, ids: Sequence[str], requests: Sequence[str]) -> list[str]:
        # The tokens of a request name no account: its number stands in their details.
        named = (TokenRow.details.contains(request, autoescape=True) for request in requests)
        mine = or_(TokenRow.account_id.in_(ids), *named)
        return list(self._session.scalars(select(TokenRow.token_id).where(mine)))

    def _cases(self, ids: tuple[str, ...], places: tuple[str, ...]) -> list[str]:
        alone = and_(CaseRow.account_id.is_(None), CaseRow.conversation_id.in_(places))
        mine = or_(CaseRow.account_id.in_(ids), alone)
        return list(self._session.scalars(select(CaseRow.case_id).where(mine).order_by(CaseRow.number)))

    def _names(self, accounts: list[AccountRow]) -> tuple[bytes, ...]:
        """Return the keys under which names and addresses of the family were ever counted."""
        ids = [row.account_id for row in accounts]
        tried = select(AttemptRow.name_key).where(AttemptRow.account_id.in_(ids)).distinct()
        found = set(self._session.scalars(tried))
        shared = self._shared_addresses(accounts)
        for row in accounts:
            slug, name, address = row.district_id, row.username_key, key_of(row.email)
            found.add(self._gate.name_key(slug, row.username))
            if address is None:
                continue
            found.add(self._gate.key(GateKind.RECOVERY, slug, RECOVER_BOTH, name, address))
            for operation in RECOVER_ADDRESS if address not in shared else ():
                found.add(self._gate.key(GateKind.RECOVERY, slug, operation, address))
            found.add(self._gate.name_key(slug, address))
        # Two parents may share a mailbox: what was counted under it is the other's, too.
        found -= {self._gate.name_key(accounts[0].district_id, each) for each in shared}
        return tuple(sorted(found))

    def _shared_addresses(self, accounts: list[AccountRow]) -> set[str]:
        ids = [row.account_id for row in accounts]
        named = {row.email_key for row in accounts if row.email_key}
        others = select(AccountRow.email_key).where(
            AccountRow.district_id == accounts[0].district_id,
            AccountRow.email_key.in_(named),
            AccountRow.account_id.not_in(ids),
        )
        return {each for each in self._session.scalars(others) if each}

    def _contacts(self, accounts: list[AccountRow]) -> list[str]:
        ids = [row.account_id for row in accounts]
        named = {row.contact_id for row in accounts if row.contact_id}
        others = select(AccountRow.contact_id).where(
            AccountRow.contact_id.in_(named), AccountRow.account_id.not_in(ids)
        )
        return [f"contact:{each}" for each in sorted(named - set(self._session.scalars(others)))]
