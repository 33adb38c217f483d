"""Open transactions, each with every service on one session."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine
from sqlalchemy import exc as database_errors
from sqlalchemy.orm import Session

from portal.accounts.calendars import Calendars
from portal.accounts.claims import Claims
from portal.accounts.diagnosis import Diagnosis
from portal.accounts.gate import Gate
from portal.accounts.links import Links
from portal.accounts.preferences import Preferences
from portal.accounts.recovery import Recovery
from portal.accounts.service import Accounts
from portal.accounts.sessions import Sessions
from portal.core import database
from portal.core.audit import Audit
from portal.core.calls import Calls, Topic
from portal.core.clock import Clock
from portal.core.context import Context
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
from portal.dialogue.sealing import Sealing
from portal.dialogue.service import Dialogue
from portal.dialogue.staff_chats import StaffChats
from portal.dialogue.start_codes import StartCodes
from portal.dialogue.tickets import HAS_NEWS
from portal.forgetting.desk import ForgettingDesk
from portal.forgetting.retention import Retention
from portal.forgetting.service import Forgetting
from portal.helpdesk.announcing.service import Announcing
from portal.helpdesk.case_chats import CaseChats
from portal.helpdesk.case_lists import CaseLists
from portal.helpdesk.case_mails import CaseMails
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

if TYPE_CHECKING:
    from portal.helpdesk.staff.passkeys import Passkeys


class Transaction:
    """Offer every service on one session; leaving the block commits them together."""

    def __init__(self, context: Context) -> None:
        """Take what every service stands on."""
        self.context = context
        self.session = context.session
        self.now = context.now

    # A turn asks a few of them: each is made when it is first asked for.
    districts = cached_property(lambda tx: Districts(tx.context))
    audit = cached_property(lambda tx: Audit(tx.context))
    outbox = cached_property(lambda tx: Outbox(tx.context))
    accounts = cached_property(lambda tx: Accounts(tx.context))
    gate = cached_property(lambda tx: Gate(tx.context))
    calendars = cached_property(lambda tx: Calendars(tx.context))
    links = cached_property(lambda tx: Links(tx.context))
    sessions = cached_property(lambda tx: Sessions(tx.context))
    tokens = cached_property(lambda tx: Tokens(tx.context))
    recovery = cached_property(lambda tx: Recovery(tx.context))
    claims = cached_property(lambda tx: Claims(tx.context))
    preferences = cached_property(lambda tx: Preferences(tx.context))
    diagnosis = cached_property(lambda tx: Diagnosis(tx.context))
    staff_chats = cached_property(lambda tx: StaffChats(tx.context))
    staff_sessions = cached_property(lambda tx: StaffSessions(tx.context))
    staff = cached_property(lambda tx: StaffAccounts(tx.context))
    staff_office = cached_property(lambda tx: StaffOffice(tx.context))
    staff_proving = cached_property(lambda tx: StaffProving(tx.context))
    audit_trail = cached_property(lambda tx: AuditTrail(tx.context))
    editing_options = cached_property(lambda tx: EditingOptions(tx.context))
    announcing = cached_property(lambda tx: Announcing(tx.context))
    readiness = cached_property(lambda tx: Readiness(tx.context))
    parent_search = cached_property(lambda tx: ParentSearch(tx.context))
    parents = cached_property(lambda tx: Parents(tx.context))
    callers = cached_property(lambda tx: Callers(tx.context))
    desk = cached_property(lambda tx: Desk(tx.context))
    desk_links = cached_property(lambda tx: Linking(tx.context))
    sprayed = cached_property(lambda tx: SprayedNames(tx.context))
    overview = cached_property(lambda tx: Overview(tx.context))
    records = cached_property(lambda tx: Records(tx.context))
    files = cached_property(lambda tx: Files(tx.context))
    registration = cached_property(lambda tx: Registration(tx.context))
    registrations = cached_property(lambda tx: Registrations(tx.context))
    feeds = cached_property(lambda tx: Feeds(tx.context))
    imports = cached_property(lambda tx: Imports(tx.context, tx.links.accounts_of))
    dialogue = cached_property(lambda tx: Dialogue(tx.context))
    account_requests = cached_property(lambda tx: AccountRequests(tx.context, tx.dialogue.tell_of_desk))
    request_answers = cached_property(lambda tx: RequestAnswers(tx.context))
    request_rounds = cached_property(lambda tx: RequestRounds(tx.context, tx.staff_chats.tell_of_requests))
    merging = cached_property(lambda tx: Merging(tx.context, Moving(tx.context), tx.dialogue.tell_of_desk))
    retention = cached_property(lambda tx: Retention(tx.context))
    forgetting = cached_property(lambda tx: Forgetting(tx.context))
    forgetting_desk = cached_property(lambda tx: ForgettingDesk(tx.context))
    cases = cached_property(lambda tx: Cases(tx.context, tx.staff_chats.tell, tx.dialogue.steps))
    case_lists = cached_property(lambda tx: CaseLists(tx.context))
    case_figures = cached_property(lambda tx: CaseFigures(tx.context))
    saved_replies = cached_property(lambda tx: SavedReplies(tx.context))
    casework = cached_property(lambda tx: Casework(tx.context, tx.cases.open, tx.dialogue.tell_of_case))
    case_chats = cached_property(
        lambda tx: CaseChats(tx.context, tx.dialogue.tell_of_case, tx.staff_chats.tell)
    )
    case_mails = cached_property(lambda tx: CaseMails(tx.context))
    pushes = cached_property(lambda tx: Pushes(tx.context))
    queues = cached_property(lambda tx: Queues(tx.context))
    sealing = cached_property(lambda tx: Sealing(tx.context))
    start_codes = cached_property(lambda tx: StartCodes(tx.context, note_started(tx.context)))
    letters = cached_property(lambda tx: Letters(tx.context, tx.start_codes))
    funnel = cached_property(lambda tx: Funnel(tx.context))
    joins = cached_property(lambda tx: Joins(tx.context))
    exposures = cached_property(lambda tx: Exposures(tx.context))
    notifications = cached_property(lambda tx: Notifying(tx.context))
    notifications_due = cached_property(lambda tx: FallingDue(tx.context))
    digests = cached_property(lambda tx: Digesting(tx.context, tx.dialogue.tell_of_notification))
    deliveries = cached_property(lambda tx: Deliveries(tx.context, tx.digests))

    @cached_property
    def passkeys(self) -> "Passkeys":
        """Offer, add and check passkeys of staff."""
        from portal.helpdesk.staff.passkeys import Passkeys  # noqa: PLC0415  (seldom needed, and large)

        return Passkeys(self.context)


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
        self._watch: Watch = nobody_watches
        self.calls = Calls()

    def watched_by(self, watch: Watch) -> None:
        """Tell that, from any thread, what each commit did."""
        self._watch = watch

    @contextmanager
    def begin(self, *, read_only: bool = False) -> Iterator[Transaction]:
        """Open one transaction: leaving the block commits, an exception rolls back.

        Raises UnavailableError when the database is locked, away or out of connections.
        """
        options = {database.WRITES: not read_only, "postgresql_readonly": read_only}
        try:
            with self._queue(read_only=read_only), self._engine.connect() as plain:
                connection = plain.execution_options(**options)
                with Session(connection, expire_on_commit=False) as session, session.begin():
                    context = Context(session, self._clock.now(), self._keys, self._new_token, read_only)
                    yield Transaction(context)
            if session.info:
                self._call(session.info)
        except (database_errors.OperationalError, database_errors.TimeoutError) as error:
            if _is_mistake(error):
                raise
            # Not the driver's own words: they may quote the address of the database.
            message = f"The database did not answer ({type(error).__name__}): try again in a moment."
            raise UnavailableError(message) from None

    def _call(self, left: Mapping[Any, Any]) -> None:
        """Tell of what a commit did, and of what it left to be done."""
        for happening in left.get(HAPPENED, ()):
            self._watch(happening)
        if left.get(HAS_MAIL):
            self.calls.call(Topic.MAIL)
        if left.get(HAS_PUSH):
            self.calls.call(Topic.CHATS)
        if names := left.get(HAS_NEWS):
            self.calls.call(Topic.NEWS, frozenset(names))

    @contextmanager
    def _queue(self, *, read_only: bool) -> Iterator[None]:
        if read_only or self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=database.LONGEST_QUEUE):
            message = "The database is being written by others: try again in a moment."
            raise UnavailableError(message)
        try:
            yield
        finally:
            self._writer.release()


def _is_mistake(error: Exception) -> bool:
    # SQLite's driver reports wrong statements under the same type as a locked file.
    return getattr(getattr(error, "orig", None), "sqlite_errorname", "") == "SQLITE_ERROR"
