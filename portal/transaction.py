"""Begin transactions on the portal, and do what needs several short ones."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from time import sleep
from typing import TypeVar

from sqlalchemy import Engine

from portal.accounts.changing import Change, Changing, ReservedChange, judge_change
from portal.accounts.confirming import ConfirmingEmail
from portal.accounts.opening import OpeningAccount
from portal.accounts.outcomes import (
    AccountCreated,
    AccountOpened,
    AccountRequested,
    ChangeEmail,
    ChangePassword,
    ChangeUsername,
    ConfirmEmail,
    EmailChangeAsked,
    EmailConfirmed,
    LinkStudents,
    MustChangePassword,
    NewAccount,
    OpenAccount,
    PasswordChanged,
    PasswordSet,
    RequestAccount,
    SetPassword,
    SignedIn,
    SignIn,
    StudentsLinked,
    UsernameChanged,
)
from portal.accounts.passwords import Hasher, HashingPool, normalised
from portal.accounts.pending import Done, Operation, Pending
from portal.accounts.policy import Owner, broken_rules
from portal.accounts.renaming import ChangingEmail, ChangingUsername
from portal.accounts.requesting import RequestingAccount
from portal.accounts.setting import SettingPassword
from portal.accounts.signing_in import Attempt, Reserved, SigningIn, judge
from portal.core.calls import Calls
from portal.core.clock import Clock
from portal.core.errors import UnavailableError
from portal.core.keys import Keys
from portal.core.load import Load, connections_in_use
from portal.core.neighbours import Neighbours, neighbours_on
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.core.watching import Watch
from portal.dialogue.outcomes import OpenTicket, Redeemed, SecretSubmission
from portal.dialogue.redeeming import Outcome as RedeemedOutcome
from portal.dialogue.redeeming import Permitted, news_of, permitted, told
from portal.helpdesk.barred import tell_of_barred
from portal.helpdesk.desk.outcomes import TemporaryPassword
from portal.helpdesk.desk.temporary import GivingTemporaryPassword, TemporaryOrder
from portal.purging import purge
from portal.services import Transaction, Transactions

__all__ = ["Portal", "Transaction"]

Outcome = TypeVar("Outcome")
# What a repeat is told while the first is still at work, and how long it waits for the first.
RUNNING = Refused(Reason.TICKET_VOID)
LOOKS = 20
BETWEEN_LOOKS = 0.1


def _random_token() -> str:
    return secrets.token_urlsafe(32)


class Portal:
    """Begin transactions, and do what must hash between two of them.

    An operation with a password takes three short steps: count the attempt and commit, hash without
    a connection, settle and commit. One hashing pool serves the whole process, so make one portal.
    """

    def __init__(  # noqa: PLR0913  (each part is named by whoever builds the one portal)
        self,
        engine: Engine,
        *,
        clock: Clock,
        keys: Keys,
        hasher: Hasher,
        new_token: Callable[[], str] | None = None,
        hashing: HashingPool | None = None,
    ) -> None:
        """Take what the portal stands on; nothing is opened yet."""
        self.engine = engine
        self.clock = clock
        self.keys = keys
        self._hasher = hasher
        self._hashing = hashing or HashingPool()
        self._transactions = Transactions(engine, clock, keys, new_token or _random_token)
        self.neighbours: Neighbours = neighbours_on(engine, self._transactions.calls)

    def begin(self, *, read_only: bool = False) -> AbstractContextManager[Transaction]:
        """Open one transaction: leaving the block commits, an exception rolls back.

        Raises UnavailableError when the database is locked, away or out of connections.
        """
        return self._transactions.begin(read_only=read_only)

    @property
    def calls(self) -> Calls:
        """Return who is told, from any thread, after a commit that left something to be done."""
        return self._transactions.calls

    def watched_by(self, watch: Watch) -> None:
        """Tell that, from any thread, what each commit did: no names and no words."""
        self._transactions.watched_by(watch)

    def load(self) -> Load:
        """Say how busy this process is."""
        return Load(connections_in_use(self.engine), self._hashing.taken)

    def sign_in(self, request: SignIn) -> SignedIn | MustChangePassword | Refused:
        """Sign a parent in, or say why not in words that are the same for every name."""
        return self._placed(partial(self._signed_in, request))

    def change_password(self, request: ChangePassword) -> PasswordChanged | Refused:
        """Change the password of whoever is signed in on the conversation, or say all that is wrong."""
        return self._placed(partial(self._changed, request))

    def set_password(self, request: SetPassword) -> PasswordSet | Refused:
        """Set a new password with the token of a mail, and tell the conversation that asked for it."""
        return self._placed(partial(self._run, SettingPassword(request)))

    def confirm_email(self, request: ConfirmEmail) -> EmailConfirmed | Refused:
        """Confirm an address with the token of a mail, and tell the conversation that waits for it."""
        return self._placed(partial(self._run, ConfirmingEmail(request)))

    def open_account(self, request: OpenAccount) -> AccountOpened | Refused:
        """Open an account with its students, all of it or nothing."""
        return self._placed(partial(self._run, OpeningAccount(request), request))

    def request_account(self, request: RequestAccount) -> AccountRequested | Refused:
        """Take a request for an account, with the same answer for everybody."""
        return self._placed(partial(self._run, RequestingAccount(request)))

    def change_username(self, request: ChangeUsername) -> UsernameChanged | Refused:
        """Change the username of whoever is signed in on the conversation and gives the password."""
        return self._placed(partial(self._run, ChangingUsername(request)))

    def change_email(self, request: ChangeEmail) -> EmailChangeAsked | Refused:
        """Ask both ends to change the address of whoever is signed in and gives the password."""
        return self._placed(partial(self._run, ChangingEmail(request)))

    def link_students(self, request: LinkStudents) -> StudentsLinked | Refused:
        """Link students to the account that is signed in on the conversation, all of them or none."""
        with self.begin() as tx:
            outcome = tx.claims.link(request)
            tell_of_barred(tx.cases, tx.context, request, outcome)
            return outcome

    def give_temporary_password(self, asked: TemporaryOrder) -> TemporaryPassword | Refused:
        """Set a password that is good for one sign-in, for a member of staff who is shown it once."""
        return self._placed(partial(self._run, GivingTemporaryPassword(asked)))

    def redeem(self, submission: SecretSubmission) -> Redeemed | Refused:
        """Spend a ticket, do what it permits, and leave the outcome in the conversation's inbox.

        A full hashing queue leaves the ticket unspent. A kill in the middle is not replayed.
        """
        with self._hashing.place() as placed:
            if not placed:
                return Refused(Reason.BUSY)
            ticket = self._spent(submission)
            if isinstance(ticket, Refused):
                return ticket
            request = permitted(ticket, submission)
            outcome = self._performed(request, submission)
            with self.begin() as tx:
                return tx.dialogue.settle_ticket(ticket.id, told(outcome))

    def run(self, operation: Operation[Outcome]) -> Outcome | Refused:
        """Do what counts or checks, hashes, and settles; refuse with BUSY while too many are hashing."""
        return self._placed(partial(self._run, operation))

    def create_account(self, new: NewAccount, password: Secret) -> AccountCreated | Refused:
        """Add an account; a password that staff hand out for one use may break the district's rules."""
        known = normalised(password)
        if known is None:
            return Refused(Reason.PASSWORD_REFUSED, violations=(Violation("characters"),))
        with self.begin(read_only=True) as tx:
            district = tx.districts.get(new.district)
        if district is None:
            return Refused(Reason.NOT_FOUND)
        owner = Owner(new.district, new.username, new.display_name)
        violations = broken_rules(known, owner, district.options)
        if violations and not (new.temporary or new.expired):
            return Refused(Reason.PASSWORD_REFUSED, violations=tuple(violations))
        hashed = self._hashing.run(partial(self._hasher.hash, known))
        with self.begin() as tx:
            return tx.accounts.create(new, hashed)

    def close(self) -> None:
        """Let the hashing threads go; the engine belongs to whoever opened it."""
        self._hashing.close()

    def purge(self) -> None:
        """Forget what is over, such as counters, attempts, places, tokens, mails and files."""
        purge(self.begin)

    def _spent(self, submission: SecretSubmission) -> OpenTicket | Refused:
        try:
            with self.begin() as tx:
                return tx.dialogue.spend_ticket(submission.token, submission.conversation)
        except UnavailableError:
            # Nothing is spent and nothing counted: the same field may be sent again.
            return Refused(Reason.BUSY)

    def _placed(self, work: Callable[[], Outcome]) -> Outcome | Refused:
        # Taken before anything is counted: being busy costs nobody an attempt.
        with self._hashing.place() as placed:
            return work() if placed else Refused(Reason.BUSY)

    def _run(self, operation: Operation[Outcome], request: OpenAccount | None = None) -> Outcome:
        reserved = self._reserved(operation, request)
        if isinstance(reserved, Done):
            return reserved.outcome
        settle = self._hashing.run(partial(reserved.judge, self._hasher))
        with self.begin() as tx:
            outcome: Outcome = settle(tx.context)
            news = news_of(outcome)
            if news is not None:
                tx.dialogue.tell(news)
            return outcome

    def _reserved(
        self, operation: Operation[Outcome], request: OpenAccount | None
    ) -> Pending[Outcome] | Done[Outcome]:
        with self.begin() as tx:
            reserved = operation.reserve(tx.context)
            if isinstance(reserved, Done):
                tell_of_barred(tx.cases, tx.context, request, reserved.outcome)
        for _ in range(LOOKS):
            if not isinstance(reserved, Done) or reserved.outcome != RUNNING:
                break
            # A button pressed twice: the browser shows the answer to the second press, so that one
            # waits for what comes of the first.
            sleep(BETWEEN_LOOKS)
            with self.begin() as tx:
                reserved = operation.reserve(tx.context)
        return reserved

    def _performed(  # noqa: PLR0911  (one way out for each)
        self, request: Permitted, submission: SecretSubmission
    ) -> RedeemedOutcome:
        match request:
            case SignIn():
                return self._signed_in(request, submission)
            case ChangePassword():
                return self._changed(request, submission)
            case OpenAccount():
                return self._run(OpeningAccount(request), request)
            case RequestAccount():
                return self._run(RequestingAccount(request))
            case LinkStudents():
                return self.link_students(request)
            case ChangeUsername():
                return self._run(ChangingUsername(request))
            case ChangeEmail():
                return self._run(ChangingEmail(request))

    def _settled(
        self, submission: SecretSubmission | None, settle: Callable[[Transaction], Outcome]
    ) -> Outcome:
        """Settle; a conversation in which a session begins goes on under its new key in the same commit.

        Whoever planted its key in a browser, or read it there before, is not signed in with the parent.
        """
        with self.begin() as tx:
            if submission is None or not submission.successor:
                return settle(tx)
            # Before any row of a session, as whoever answers the conversation locks them.
            tx.dialogue.hold(submission.conversation)
            outcome = settle(tx)
            if not isinstance(outcome, Refused):
                tx.dialogue.go_on(submission.conversation, submission.channel, submission.successor)
            return outcome

    def _signed_in(
        self, request: SignIn, submission: SecretSubmission | None = None
    ) -> SignedIn | MustChangePassword | Refused:
        attempt = Attempt.of(request)
        if isinstance(attempt, Refused):
            return attempt
        with self.begin() as tx:
            reserved = SigningIn(tx.context).reserve(attempt)
        if not isinstance(reserved, Reserved):
            return reserved
        verdict = self._hashing.run(partial(judge, self._hasher, reserved.stored, attempt.password))
        return self._settled(submission, lambda tx: SigningIn(tx.context).settle(attempt, reserved, verdict))

    def _changed(
        self, request: ChangePassword, submission: SecretSubmission | None = None
    ) -> PasswordChanged | Refused:
        change = Change.of(request)
        if isinstance(change, Refused):
            return change
        with self.begin() as tx:
            reserved = Changing(tx.context).reserve(change)
        if not isinstance(reserved, ReservedChange):
            return reserved
        judged = self._hashing.run(partial(judge_change, self._hasher, change, reserved))
        return self._settled(submission, lambda tx: Changing(tx.context).settle(change, reserved, judged))
