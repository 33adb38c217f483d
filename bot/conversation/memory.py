"""Reach what the portal keeps of conversations, in a bounded pool of threads."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from bot.conversation.hearing import Incoming
from bot.conversation.understanding import Names
from bot.messages import MessageKind
from portal.accounts.links import LinksMark
from portal.accounts.outcomes import LiveSession, Scope
from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.dialogue.outcomes import (
    Answer,
    Arrival,
    Choice,
    Conversation,
    OpenTicket,
    Received,
    Recorded,
    Redeemed,
    SecretSubmission,
    Settled,
    Work,
)
from portal.dialogue.start_codes import FOR_PARENTS, StartCode
from portal.helpdesk.case_outcomes import HandedOver
from portal.transaction import Portal, Transaction

Result = TypeVar("Result")
THREADS = 8
READERS = 4
# More than the hashing queue has places, so that a full queue is refused and not waited for.
REDEEMERS = 160
CHOOSE_DISTRICT = "choose_district"
NAMES_KEPT = timedelta(minutes=10)
MOST_KEPT_NAMES = 5_000
# These bring no words to be understood; and to look is nothing that keeps a session alive.
SILENT = frozenset({MessageKind.SECRET, MessageKind.LOOKED})


@dataclass(frozen=True, slots=True)
class Scene:
    """Hold a message that is to be answered, and everything that answering it looks at.

    `account` is the one that is signed in. `districts` are there to choose from, only when that is the
    question. `may_repeat` tells whether the last private answer was given in the session that is live
    now. `begun` is what came of the code that the chat was begun with. `handed_over` is the case that
    staff are in the chat for.
    """

    work: Work
    now: datetime
    district: District | None
    districts: tuple[District, ...]
    names: Names
    account: str | None = None
    may_repeat: bool = False
    choice: Choice | None = None
    settled: Settled | None = None
    begun: StartCode | Refused | None = None
    handed_over: HandedOver | None = None

    @property
    def incoming(self) -> Incoming:
        """Return the message as it was stored."""
        return Incoming.stored(self.work.pending.payload)


@dataclass(frozen=True, slots=True)
class _KeptNames:
    """Hold what was read for a session, until when, and which links of the account it was read from."""

    until: datetime
    links: LinksMark
    names: Names


@dataclass(frozen=True, slots=True)
class Intake:
    """Tell what became of a message that arrived: it may have been answered before."""

    received: Received
    scene: Scene | None


class Memory:
    """Ask the portal without stopping the event loop."""

    def __init__(self, portal: Portal, default_district: str | None) -> None:
        """Use one portal; `default_district` is where a conversation without a district belongs."""
        self._portal = portal
        # By session, so that nobody is ever understood with the names of somebody else's children.
        self._kept_names: dict[str, _KeptNames] = {}
        self._default = default_district
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="conversation")
        # Readers wait for no writer on either database, so they do not queue behind those who do.
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reading")
        # Redeeming waits for hashing; in threads of its own it holds up no other conversation.
        self._redeemers = ThreadPoolExecutor(REDEEMERS, thread_name_prefix="redeeming")

    def close(self) -> None:
        """Stop the threads."""
        self._redeemers.shutdown()
        self._threads.shutdown()
        self._readers.shutdown()

    async def take_in(self, arrival: Arrival, *, lease: bool) -> Intake:
        """Store a message and, if asked, lease its conversation in the same transaction."""

        def work(tx: Transaction) -> Intake:
            # A new owner each time: whoever lost a lease cannot be taken for whoever has it now.
            owner = uuid4().hex
            received = tx.dialogue.receive(arrival, owner if lease else None)
            if received.replies is not None or not lease:
                return Intake(received, None)
            return Intake(received, self._scene(tx, received.conversation_id, owner))

        return await self._write(work)

    async def take_up(self, conversation: str) -> Scene | None:
        """Lease a conversation and return its oldest unanswered message."""
        return await self._write(lambda tx: self._scene(tx, conversation, uuid4().hex))

    async def renew(self, work: Work) -> bool:
        """Keep the lease."""
        return await self._write(lambda tx: tx.dialogue.renew(work))

    async def finish(self, answer: Answer) -> bool:
        """Store an answer; False when the lease was lost."""

        def work(tx: Transaction) -> bool:
            is_kept = tx.dialogue.finish(answer)
            if is_kept and answer.for_case is not None:
                written = answer.for_case
                tx.case_chats.hear(answer.work.conversation.id, written.number, written.text)
            return is_kept

        return await self._write(work)

    async def replies(self, inbox_id: int) -> tuple[Mapping[str, Any], ...] | None:
        """Return the replies to a message, or None while it waits."""
        return await self._read(lambda tx: tx.dialogue.replies(inbox_id))

    async def unanswered(self) -> tuple[str, ...]:
        """Name the conversations in which a message waits."""
        return await self._read(lambda tx: tx.dialogue.unanswered())

    async def left_behind(self, age: timedelta) -> tuple[str, ...]:
        """Name the conversations in which a message has waited so long while nobody answers there."""
        return await self._read(lambda tx: tx.dialogue.left_behind(age))

    async def find(self, channel: str, sender: str) -> Conversation | None:
        """Return the conversation of a sender, if there is one."""
        return await self._read(lambda tx: tx.dialogue.find(channel, sender))

    async def has_news(self, conversation: str) -> bool:
        """Tell whether there is news to tell in a conversation."""
        return await self._read(lambda tx: tx.dialogue.has_news(conversation))

    async def ticket(self, token: str, conversation: str) -> OpenTicket | Refused:
        """Describe an open ticket."""
        return await self._read(lambda tx: tx.dialogue.find_ticket(token, conversation))

    async def history(self, conversation: str) -> tuple[Recorded, ...]:
        """Return the lines that may be shown."""
        return await self._read(lambda tx: tx.dialogue.history(conversation))

    async def redeem(self, submission: SecretSubmission) -> Redeemed | Refused:
        """Run what a ticket is for."""
        redeem = partial(copy_context().run, self._portal.redeem, submission)
        return await asyncio.get_running_loop().run_in_executor(self._redeemers, redeem)

    def _scene(self, tx: Transaction, conversation: str, owner: str) -> Scene | None:
        # Before the news are taken up: it may leave some.
        handed_over = tx.case_chats.handed_over(conversation)
        work = tx.dialogue.take_up(conversation, owner)
        if work is None:
            return None
        incoming = Incoming.stored(work.pending.payload)
        choice = settled = None
        if incoming.kind is MessageKind.BUTTON:
            choice = tx.dialogue.chosen(conversation, incoming.text)
        if incoming.kind is MessageKind.SECRET:
            settled = tx.dialogue.settled(incoming.text, conversation)
        begun = _begun(tx, work, incoming)
        is_silent = incoming.kind in SILENT
        live = tx.sessions.any_scope(conversation, touch=not is_silent)
        session = live if isinstance(live, LiveSession) else None
        district = self._district(tx, work.conversation, incoming, begun)
        choosing = district is None or _may_choose_district(work.conversation, choice)
        return Scene(
            work=work,
            now=tx.now,
            district=district,
            districts=tuple(tx.districts.all()) if choosing else (),
            names=Names() if is_silent else self._names(tx, conversation, session),
            account=session.account_id if session else None,
            may_repeat=_may_repeat(work.conversation, session),
            choice=choice,
            settled=settled,
            begun=begun,
            handed_over=handed_over,
        )

    def _district(
        self,
        tx: Transaction,
        conversation: Conversation,
        incoming: Incoming,
        begun: StartCode | Refused | None,
    ) -> District | None:
        if isinstance(begun, StartCode):
            return tx.districts.get(begun.district)
        # A channel sends the same district with every message; only a new one changes anything.
        offered = (conversation.state or {}).get("offered_district")
        wanted = incoming.district if incoming.district not in {offered, conversation.district} else None
        # Whoever is signed in stays in the district of the account.
        if wanted and (found := tx.districts.get(wanted)) and not tx.dialogue.live_session(conversation.id):
            return found
        slug = conversation.district or self._default
        if slug and (found := tx.districts.get(slug)):
            return found
        every = tx.districts.all()
        return every[0] if len(every) == 1 else None

    def _names(self, tx: Transaction, conversation: str, live: LiveSession | None) -> Names:
        """Return the names that this parent may use; they are kept for a while, until a child is linked."""
        if live is None or live.scope is not Scope.FULL:
            return Names()
        links = tx.links.mark(live.account_id)
        kept = self._kept_names.pop(live.session_id, None)
        if kept is None or kept.links != links or tx.now >= kept.until:
            kept = _KeptNames(tx.now + NAMES_KEPT, links, _read_names(tx, conversation))
        if len(self._kept_names) >= MOST_KEPT_NAMES:
            # Whoever wrote last stands last.
            self._kept_names.pop(next(iter(self._kept_names)), None)
        self._kept_names[live.session_id] = kept
        return kept.names

    async def _write(self, work: Callable[[Transaction], Result]) -> Result:
        return await self._in_thread(work, read_only=False)

    async def _read(self, work: Callable[[Transaction], Result]) -> Result:
        return await self._in_thread(work, read_only=True)

    async def _in_thread(self, work: Callable[[Transaction], Result], *, read_only: bool) -> Result:
        def run() -> Result:
            with self._portal.begin(read_only=read_only) as tx:
                return work(tx)

        threads = self._readers if read_only else self._threads
        return await asyncio.get_running_loop().run_in_executor(threads, copy_context().run, run)


def _read_names(tx: Transaction, conversation: str) -> Names:
    names = tx.records.names(conversation)
    return Names(
        students=tuple(names.students),
        courses=tuple(names.courses),
        terms=tuple(names.terms),
        offerings=names.offerings,
    )


def _begun(tx: Transaction, work: Work, incoming: Incoming) -> StartCode | Refused | None:
    """Spend the code that a chat is begun with; whoever is signed in stays in the account's district."""
    if incoming.kind is not MessageKind.OPENED or not incoming.start:
        return None
    conversation = work.conversation
    within = conversation.district if tx.dialogue.live_session(conversation.id) else None
    return tx.start_codes.spend(incoming.start, FOR_PARENTS, turn_id=work.pending.turn_id, within=within)


def _may_repeat(conversation: Conversation, live: LiveSession | None) -> bool:
    given_in = conversation.private_session
    return given_in is not None and live is not None and given_in == live.session_id


def _may_choose_district(conversation: Conversation, choice: Choice | None) -> bool:
    """Tell whether a district is chosen by a button, or was offered and may be typed."""
    if choice is not None:
        return CHOOSE_DISTRICT in choice.payload
    replies = (conversation.state or {}).get("last_replies", ())
    return any(CHOOSE_DISTRICT in payload for reply in replies for _, payload in reply["buttons"])
