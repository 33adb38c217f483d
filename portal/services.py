"""Open transactions, each with every service on one session."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock

from sqlalchemy import Engine
from sqlalchemy import exc as database_errors
from sqlalchemy.orm import Session

from portal.accounts.claims import Claims
from portal.accounts.diagnosis import Diagnosis
from portal.accounts.gate import Gate
from portal.accounts.links import Links
from portal.accounts.preferences import Preferences
from portal.accounts.recovery import Recovery
from portal.accounts.service import Accounts
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit
from portal.core.clock import Clock
from portal.core.context import Context
from portal.core.database import WRITES
from portal.core.districts import Districts
from portal.core.errors import UnavailableError
from portal.core.keys import Keys
from portal.core.outbox import HAS_MAIL, Outbox
from portal.core.tokens import Tokens
from portal.core.watching import HAPPENED, Watch, nobody_watches
from portal.delivery.service import Deliveries
from portal.dialogue.exposing import Exposures
from portal.dialogue.joining import Joins
from portal.dialogue.pushing import HAS_PUSH, Pushes
from portal.dialogue.queues import Queues
from portal.dialogue.service import Dialogue
from portal.dialogue.staff_chats import StaffChats
from portal.dialogue.start_codes import StartCodes
from portal.forgetting.service import Forgetting
from portal.helpdesk.announcing.service import Announcing
from portal.helpdesk.case_chats import CaseChats
from portal.helpdesk.case_lists import CaseLists
from portal.helpdesk.casework import Casework
from portal.helpdesk.desk.deeds import Desk
from portal.helpdesk.desk.linking import Linking
from portal.helpdesk.desk.looking import Parents
from portal.helpdesk.desk.searching import ParentSearch
from portal.helpdesk.desk.spray import SprayedNames
from portal.helpdesk.desk.verifying import Callers
from portal.helpdesk.figures import CaseFigures
from portal.helpdesk.merging.service import Merging
from portal.helpdesk.onboarding.funnel import Funnel
from portal.helpdesk.onboarding.letters import Letters, note_started
from portal.helpdesk.options.service import EditingOptions
from portal.helpdesk.overview import Overview
from portal.helpdesk.readiness import Readiness
from portal.helpdesk.requests.answering import RequestAnswers
from portal.helpdesk.requests.rounds import RequestRounds
from portal.helpdesk.requests.service import AccountRequests
from portal.helpdesk.saved_replies import SavedReplies
from portal.helpdesk.service import Cases
from portal.helpdesk.staff.accounts import StaffAccounts
from portal.helpdesk.staff.office import StaffOffice
from portal.helpdesk.staff.passkeys import Passkeys
from portal.helpdesk.staff.proving import StaffProving
from portal.helpdesk.staff.sessions import StaffSessions
from portal.helpdesk.staff.trail import AuditTrail
from portal.records.digesting import Digesting
from portal.records.exporting import Registrations
from portal.records.falling_due import FallingDue
from portal.records.feeds import Feeds
from portal.records.files import Files
from portal.records.moving import Moving
from portal.records.notifying import Notifying
from portal.records.registering import Registration
from portal.records.service import Records
from portal.sis.service import Imports

# As long as SQLite itself waits for a writer of another process.
LONGEST_QUEUE = 10.0


def _nobody_waits() -> None:
    """Let what is to leave wait until somebody looks."""


class Transaction:
    """Offer every service on one session; leaving the block commits them together."""

    def __init__(self, context: Context) -> None:  # noqa: PLR0915  (each line offers one service)
        """Build the services; none of them touches the database yet."""
        self.context = context
        self.session = context.session
        self.now = context.now
        self.districts = Districts(context)
        self.audit = Audit(context)
        self.outbox = Outbox(context)
        self.accounts = Accounts(context)
        self.gate = Gate(context)
        self.links = Links(context)
        self.sessions = Sessions(context)
        self.tokens = Tokens(context)
        self.recovery = Recovery(context)
        self.claims = Claims(context)
        self.preferences = Preferences(context)
        self.diagnosis = Diagnosis(context)
        self.staff_chats = StaffChats(context)
        self.staff_sessions = StaffSessions(context)
        self.staff = StaffAccounts(context)
        self.staff_office = StaffOffice(context)
        self.staff_proving = StaffProving(context)
        self.passkeys = Passkeys(context)
        self.audit_trail = AuditTrail(context)
        self.editing_options = EditingOptions(context)
        self.announcing = Announcing(context)
        self.readiness = Readiness(context)
        self.parent_search = ParentSearch(context)
        self.parents = Parents(context)
        self.callers = Callers(context)
        self.desk = Desk(context)
        self.desk_links = Linking(context)
        self.sprayed = SprayedNames(context)
        self.overview = Overview(context)
        self.records = Records(context)
        self.files = Files(context)
        self.registration = Registration(context)
        self.registrations = Registrations(context)
        self.feeds = Feeds(context)
        self.imports = Imports(context, self.links.accounts_of)
        self.dialogue = Dialogue(context)
        self.account_requests = AccountRequests(context, self.dialogue.tell_of_desk)
        self.request_answers = RequestAnswers(context)
        self.request_rounds = RequestRounds(context, self.staff_chats.tell_of_requests)
        self.merging = Merging(context, Moving(context), self.dialogue.tell_of_desk)
        self.forgetting = Forgetting(context)
        self.cases = Cases(context, self.staff_chats.tell, self.dialogue.steps)
        self.case_lists = CaseLists(context)
        self.case_figures = CaseFigures(context)
        self.saved_replies = SavedReplies(context)
        self.casework = Casework(context, self.cases.open, self.dialogue.tell_of_case)
        self.case_chats = CaseChats(context, self.dialogue.tell_of_case, self.staff_chats.tell)
        self.pushes = Pushes(context)
        self.queues = Queues(context)
        self.start_codes = StartCodes(context, note_started(context))
        self.letters = Letters(context, self.start_codes)
        self.funnel = Funnel(context)
        self.joins = Joins(context)
        self.exposures = Exposures(context)
        self.notifications = Notifying(context)
        self.notifications_due = FallingDue(context)
        self.digests = Digesting(context, self.dialogue.tell_of_notification)
        self.deliveries = Deliveries(context, self.digests)


class Transactions:
    """Open one transaction after the other on an engine."""

    def __init__(self, engine: Engine, clock: Clock, keys: Keys, new_token: Callable[[], str]) -> None:
        """Take what every transaction stands on; nothing is opened yet."""
        self._engine = engine
        self._clock = clock
        self._keys = keys
        self._new_token = new_token
        # SQLite lets one transaction write at a time, and those that wait poll for it: within one
        # process they queue here instead, which is many times faster when many write at once.
        self._writer = RLock() if engine.dialect.name == "sqlite" else None
        self._mail_waits: Callable[[], None] = _nobody_waits
        self._chats_wait: Callable[[], None] = _nobody_waits
        self._watch: Watch = nobody_watches

    def when_mail_waits(self, tell: Callable[[], None] | None) -> None:
        """Call that after each commit that left mail in the outbox, from any thread; None calls nobody."""
        self._mail_waits = tell or _nobody_waits

    def when_chats_wait(self, tell: Callable[[], None] | None) -> None:
        """Call that after each commit that left something to be sent to a chat; None calls nobody."""
        self._chats_wait = tell or _nobody_waits

    def watched_by(self, watch: Watch) -> None:
        """Tell that, from any thread, what each commit did."""
        self._watch = watch

    @contextmanager
    def begin(self, *, read_only: bool = False) -> Iterator[Transaction]:
        """Open one transaction: leaving the block commits, an exception rolls back.

        Raises UnavailableError when the database is locked, away or out of connections.
        """
        options = {WRITES: not read_only, "postgresql_readonly": read_only}
        try:
            with self._queue(read_only=read_only), self._engine.connect() as plain:
                connection = plain.execution_options(**options)
                with Session(connection, expire_on_commit=False) as session, session.begin():
                    context = Context(session, self._clock.now(), self._keys, self._new_token, read_only)
                    yield Transaction(context)
            for happening in session.info.get(HAPPENED, ()):
                self._watch(happening)
            if session.info.get(HAS_MAIL):
                self._mail_waits()
            if session.info.get(HAS_PUSH):
                self._chats_wait()
        except (database_errors.OperationalError, database_errors.TimeoutError) as error:
            if _is_mistake(error):
                raise
            # Not the driver's own words: they may quote the address of the database.
            message = f"The database did not answer ({type(error).__name__}): try again in a moment."
            raise UnavailableError(message) from None

    @contextmanager
    def _queue(self, *, read_only: bool) -> Iterator[None]:
        if read_only or self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=LONGEST_QUEUE):
            message = "The database is being written by others: try again in a moment."
            raise UnavailableError(message)
        try:
            yield
        finally:
            self._writer.release()


def _is_mistake(error: Exception) -> bool:
    # SQLite's driver reports wrong statements under the same type as a locked file.
    return getattr(getattr(error, "orig", None), "sqlite_errorname", "") == "SQLITE_ERROR"
