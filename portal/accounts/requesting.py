"""Take requests for an account; what the records say of them only staff learn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from portal.accounts.addresses import Address, address_of
from portal.accounts.choosing import Choice
from portal.accounts.fields import (
    email_violations,
    name_violations,
    password_violations,
    question_violations,
    refused,
)
from portal.accounts.gate import Gate, Kind, Limit
from portal.accounts.models import GateRow
from portal.accounts.outcomes import AccountRequested, RequestAccount
from portal.accounts.passwords import Hasher, normalised
from portal.accounts.pending import Done, Pending
from portal.accounts.policy import Owner
from portal.accounts.requests import Operation, RequestKey, Requests
from portal.accounts.waiting import Hashes, NewRequest, WaitingRequests
from portal.core.context import Context
from portal.core.districts import District
from portal.core.options import AccountOpening
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret

Requested = AccountRequested | Refused
# Counted for whoever asks, and for the address that mail would go to: the same for everybody.
REQUESTS = Limit(20, timedelta(minutes=15))
MAILS = Limit(3, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class _Counted:
    """Carry a counted request to the hashing; `is_full` is one too many for its address."""

    district: District
    new: NewRequest
    is_full: bool
    mails: bytes
    earlier: str | None = field(repr=False)
    password: Secret = field(repr=False)
    answer: Secret | None = field(repr=False)


class RequestingAccount:
    """Take one request for an account."""

    def __init__(self, request: RequestAccount) -> None:
        """Take what is asked."""
        self._request = request
        self._name = " ".join(f"{request.first_name} {request.last_name}".split())
        asker = request.asker
        self._key: RequestKey[Requested]
        self._key = RequestKey(asker.conversation, Operation.REQUEST_ACCOUNT, asker.request_id)

    def reserve(self, context: Context) -> Pending[Requested] | Done[Requested]:
        """Check and count in one short transaction; what is pending hashes and settles."""
        choice = Choice.of(self._request.new, self._request.again)
        if choice is None:
            return Done(Refused(Reason.INVALID_REQUEST))
        district = Requests(context).begin(self._key, self._request.asker)
        if not isinstance(district, District):
            return Done(district)
        counted = self._counted(context, district, choice)
        if isinstance(counted, Refused):
            Requests(context).settle(self._key, counted)
            return Done(counted)
        return Pending(partial(self._judge, counted))

    def _counted(self, context: Context, district: District, choice: Choice) -> _Counted | Refused:
        options = district.options
        if not options.parent_single_sign_on or options.account_opening is not AccountOpening.REQUEST:
            return Refused(Reason.TURNED_OFF)
        request, address = self._request, address_of(self._request.email)
        answer = normalised(request.answer) if options.security_question else None
        wrong = refused(self._violations(district, choice, answer))
        if wrong is not None or choice.new is None or address is None:
            return wrong or Refused(Reason.INVALID_REQUEST)
        gate, slug = Gate(context), district.slug
        source = gate.key(Kind.RECOVERY, slug, "request from", request.asker.source)
        throttled = gate.reserve(slug, Kind.RECOVERY, source, REQUESTS)
        if throttled is not None:
            return throttled
        mails = gate.key(Kind.RECOVERY, slug, "request for", address.key)
        is_full = gate.reserve(slug, Kind.RECOVERY, mails, MAILS) is not None
        new = self._described(address)
        earlier = WaitingRequests(context, district).password_of(new)
        return _Counted(district, new, is_full, mails, earlier, choice.new, answer)

    def _violations(self, district: District, choice: Choice, answer: Secret | None) -> Sequence[Violation]:
        request = self._request
        # The address will be the username, so neither may be the password.
        owner = Owner(district.slug, request.email, self._name)
        broken = [
            *name_violations("first_name", request.first_name),
            *name_violations("last_name", request.last_name),
            *email_violations(request.email),
            *password_violations(choice, owner, district.options),
        ]
        if district.options.security_question:
            broken += question_violations(request.question, "" if answer is None else answer.value)
        return broken

    def _described(self, address: Address) -> NewRequest:
        request = self._request
        return NewRequest(
            first_name=" ".join(request.first_name.split()),
            last_name=" ".join(request.last_name.split()),
            address=address,
            question=request.question.strip(),
            conversation=request.asker.conversation,
            language=request.asker.language,
        )

    def _judge(self, counted: _Counted, hasher: Hasher) -> Callable[[Context], Requested]:
        # Always the same number of hashes, whatever is on file and whatever waits already.
        is_repeat = hasher.verify(counted.earlier, counted.password)
        answer = None if counted.answer is None else hasher.hash(counted.answer)
        hashes = Hashes(hasher.hash(counted.password), answer, counted.earlier if is_repeat else None)
        return partial(self._settle, counted, hashes)

    def _settle(self, counted: _Counted, hashes: Hashes, context: Context) -> Requested:
        # Two sent at once settle one after the other, so that the second finds the first.
        held = select(GateRow.k).where(GateRow.k == counted.mails).with_for_update()
        context.session.execute(held)
        if not counted.is_full:
            WaitingRequests(context, counted.district).keep(counted.new, hashes)
        outcome = AccountRequested()
        Requests(context).settle(self._key, outcome)
        return outcome
