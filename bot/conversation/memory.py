"""Reach what the portal keeps of conversations, in a bounded pool of threads."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from bot.conversation.hearing import Incoming
from bot.conversation.understanding import Names
from bot.messages import MessageKind
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
from portal.transaction import Portal, Transaction

Result = TypeVar("Result")
THREADS = 8


@dataclass(frozen=True, slots=True)
class Scene:
    """Hold a message that is to be answered, and everything that answering it looks at."""

    work: Work
    now: datetime
    district: District | None
    districts: tuple[District, ...]
    names: Names
    session: str | None = None
    choice: Choice | None = None
    settled: Settled | None = None

    @property
    def incoming(self) -> Incoming:
        """Return the message as it was stored."""
        return Incoming.stored(self.work.pending.payload)


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
        self._default = default_district
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="conversation")

    def close(self) -> None:
        """Stop the threads."""
        self._threads.shutdown()

    async def take_in(self, arrival: Arrival, *, lease: bool) -> Intake:
        """Store a message and, if asked, lease its conversation in the same transaction."""

        def work(tx: Transaction) -> Intake:
            received = tx.dialogue.receive(arrival)
            if received.replies is not None or not lease:
                return Intake(received, None)
            return Intake(received, self._scene(tx, received.conversation_id))

        return await self._write(work)

    async def take_up(self, conversation: str) -> Scene | None:
        """Lease a conversation and return its oldest unanswered message."""
        return await self._write(lambda tx: self._scene(tx, conversation))

    async def renew(self, work: Work) -> bool:
        """Keep the lease."""
        return await self._write(lambda tx: tx.dialogue.renew(work))

    async def finish(self, answer: Answer) -> bool:
        """Store an answer; False when the lease was lost."""
        return await self._write(lambda tx: tx.dialogue.finish(answer))

    async def replies(self, inbox_id: int) -> tuple[Mapping[str, Any], ...] | None:
        """Return the replies to a message, or None while it waits."""
        return await self._read(lambda tx: tx.dialogue.replies(inbox_id))

    async def unanswered(self) -> tuple[str, ...]:
        """Name the conversations in which a message waits."""
        return await self._read(lambda tx: tx.dialogue.unanswered())

    async def find(self, channel: str, sender: str) -> Conversation | None:
        """Return the conversation of a sender, if there is one."""
        return await self._read(lambda tx: tx.dialogue.find(channel, sender))

    async def ticket(self, token: str, conversation: str) -> OpenTicket | Refused:
        """Describe an open ticket."""
        return await self._read(lambda tx: tx.dialogue.find_ticket(token, conversation))

    async def history(self, conversation: str) -> tuple[Recorded, ...]:
        """Return the lines that may be shown."""
        return await self._read(lambda tx: tx.dialogue.history(conversation))

    async def redeem(self, submission: SecretSubmission) -> Redeemed | Refused:
        """Run what a ticket is for."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._portal.redeem, submission)

    def _scene(self, tx: Transaction, conversation: str) -> Scene | None:
        # A new owner each time: whoever lost a lease cannot be taken for whoever has it now.
        work = tx.dialogue.take_up(conversation, uuid4().hex)
        if work is None:
            return None
        incoming = Incoming.stored(work.pending.payload)
        session = tx.dialogue.live_session(conversation)
        districts = tuple(tx.districts.all())
        choice = settled = None
        if incoming.kind is MessageKind.BUTTON:
            choice = tx.dialogue.chosen(conversation, incoming.text)
        if incoming.kind is MessageKind.SECRET:
            settled = tx.dialogue.settled(incoming.text, conversation)
        return Scene(
            work=work,
            now=tx.now,
            district=self._district(work.conversation, incoming, districts, session),
            districts=districts,
            names=self._names(tx, conversation) if session else Names(),
            session=session,
            choice=choice,
            settled=settled,
        )

    def _district(
        self,
        conversation: Conversation,
        incoming: Incoming,
        districts: tuple[District, ...],
        session: str | None,
    ) -> District | None:
        known = {district.slug: district for district in districts}
        if session is None and incoming.district in known:
            return known[incoming.district]
        # Whoever is signed in stays in the district of the account.
        only = districts[0].slug if len(districts) == 1 else ""
        named = (conversation.district, self._default or "", only)
        return next((known[slug] for slug in named if slug in known), None)

    @staticmethod
    def _names(tx: Transaction, conversation: str) -> Names:
        names = tx.records.names(conversation)
        return Names(tuple(names.students), tuple(names.courses), tuple(names.terms))

    async def _write(self, work: Callable[[Transaction], Result]) -> Result:
        return await self._in_thread(work, read_only=False)

    async def _read(self, work: Callable[[Transaction], Result]) -> Result:
        return await self._in_thread(work, read_only=True)

    async def _in_thread(self, work: Callable[[Transaction], Result], *, read_only: bool) -> Result:
        def run() -> Result:
            with self._portal.begin(read_only=read_only) as tx:
                return work(tx)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)
