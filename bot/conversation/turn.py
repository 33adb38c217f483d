"""Take turns: the one door through which every channel reaches the assistant."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from rasa_sdk.interfaces import Action

from bot.conversation.composed import Composed
from bot.conversation.composing import Composer, Understands
from bot.conversation.failing import Failed, NotStoredError, safely
from bot.conversation.formats import Manner
from bot.conversation.hearing import Incoming, arrival_of, key_of
from bot.conversation.history import HistoryEntry, shown
from bot.conversation.memory import Memory, Scene
from bot.conversation.project import Project
from bot.conversation.stored import reply_from_json, secret_request
from bot.conversation.telling import Told, TurnOutcome, telling
from bot.conversation.understanding import Names, Parse
from bot.messages import Bearer, IncomingMessage, Listens, MessageKind, Reply, SecretField, SecretRequest
from portal.core.errors import UnavailableError
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.dialogue.outcomes import Arrival, SecretSubmission
from portal.transaction import Portal

Result = TypeVar("Result")
RENEW_EVERY = 2.0
FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.25
MOST_FIELDS = 16


@dataclass(slots=True, weakref_slot=True)
class _Queue:
    """Keep the messages of one conversation in order while they are in this process."""

    arrivals: asyncio.Lock = field(default_factory=asyncio.Lock)
    turns: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Name a message that waits, with the text that only this process knows."""

    conversation: str
    inbox_id: int
    incoming: Incoming | None = None


class Assistant:
    """Answer messages, exactly once and in order, whatever process they reach."""

    def __init__(
        self,
        portal: Portal,
        project: Project,
        actions: Sequence[Action],
        understanding: Understands,
        *,
        default_district: str | None = None,
    ) -> None:
        """Put the engine on a portal; nothing is opened yet."""
        self._portal = portal
        self._project = project
        self._composer = Composer(project, actions, understanding)
        self._memory = Memory(portal, default_district)
        self._queues: WeakValueDictionary[tuple[str, str], _Queue] = WeakValueDictionary()
        self._turns: set[asyncio.Task[Any]] = set()

    def listen_with(self, listens: Listens) -> None:
        """Take who turns voice notes into words; without anybody they are answered by asking to write."""
        self._composer.listens = listens

    def close(self) -> None:
        """Stop the threads."""
        self._memory.close()

    async def take_turn(self, message: IncomingMessage) -> list[Reply]:
        """Answer one message; a repeated message id returns the stored replies."""
        incoming = Incoming.of(message)
        return await self._to_the_end(self._arrived(arrival_of(message, incoming), incoming))

    async def take_in(self, message: IncomingMessage) -> asyncio.Task[list[Reply]]:
        """Store one message, and answer it from there on; what is returned ends with the answer.

        Raises UnavailableError when it cannot be stored; NotStoredError when that is a fault of ours.
        """
        incoming = Incoming.of(message)
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        turn = self._kept(self._arrived(arrival_of(message, incoming), incoming, stored))
        either: set[asyncio.Future[Any]] = {turn, stored}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not stored.done():
            raise NotStoredError(await turn)
        if not stored.result():
            message_left = "The message could not be stored: send it again in a moment."
            raise UnavailableError(message_left)
        return turn

    @property
    def languages(self) -> tuple[str, ...]:
        """Name the languages that have a pack."""
        return tuple(self._project.languages)

    def word(self, response: str, language: str, **values: Any) -> str:
        """Return the words of a response outside of any conversation."""
        return self._composer.wording.text(response, values, Manner(language))

    async def settled(self) -> None:
        """Wait until every message that was taken in is answered."""
        while self._turns:
            await asyncio.wait(self._turns)

    async def submit_secret(
        self, ticket: str, values: Mapping[str, str], *, bearer: Bearer
    ) -> list[Reply] | Refused:
        """Spend the ticket, run what it is for, and answer with the outcome.

        Refused with TICKET_VOID, or with BUSY and the ticket unspent; nothing is stored then.
        """
        return await self._to_the_end(self._redeemed(ticket, values, bearer))

    async def secret_form(self, ticket: str, *, bearer: Bearer) -> SecretRequest | Refused:
        """Describe the masked fields of a ticket that may still be submitted."""
        conversation = await self._memory.find(bearer.channel, key_of(bearer.sender))
        if conversation is None:
            return Refused(Reason.TICKET_VOID)
        found = await self._memory.ticket(ticket, conversation.id)
        if isinstance(found, Refused):
            return found
        manner = Manner(conversation.language or "en")
        label, purpose = self._composer.wording.label, found.purpose.value
        fields = [SecretField(name, label(purpose, name, manner)) for name in found.fields]
        return secret_request(purpose, ticket, fields)

    async def knows(self, channel: str, sender: str) -> bool:
        """Tell whether there is a conversation under this key, or one that has not gone on under another."""
        return await self._memory.find(channel, key_of(sender)) is not None

    async def history(self, channel: str, sender: str) -> list[HistoryEntry]:
        """Return what was said, without what belongs to a session that has ended.

        A masked field is shown as one only while its ticket is open. News are told first.
        """
        conversation = await self._memory.find(channel, key_of(sender))
        if conversation is None:
            return []
        if await self._memory.has_news(conversation.id):
            await self.take_turn(IncomingMessage(channel, sender, "", MessageKind.LOOKED))
        return await shown(self._memory, conversation.id)

    async def parse(self, text: str, language: str = "en") -> Parse:
        """Tell how a text is understood, outside of any conversation."""
        today = self._portal.clock.now().astimezone(UTC).date()
        return self._composer.parse(text, language, today, Names())

    async def recover(self, older_than: timedelta | None = None) -> None:
        """Answer the messages that a killed process left behind; its leases end within seconds.

        With an age only those that have waited so long while nobody had their conversation in hand.
        """
        left = await safely(
            self._memory.unanswered() if older_than is None else self._memory.left_behind(older_than)
        )
        for conversation in () if isinstance(left, Failed) else left:
            await safely(self._caught_up(conversation))

    async def _caught_up(self, conversation: str) -> None:
        while (scene := await self._leased(conversation)) is not None:
            await self._answered(scene, None)

    async def _leased(self, conversation: str) -> Scene | None:
        """Wait for the lease of a conversation; None when no message waits in it any more."""
        pause = FIRST_PAUSE
        while conversation in await self._memory.unanswered():
            scene = await self._memory.take_up(conversation)
            if scene is not None:
                return scene
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return None

    async def _arrived(
        self, arrival: Arrival, incoming: Incoming, stored: asyncio.Future[bool] | None = None
    ) -> list[Reply]:
        queue = self._queue((arrival.channel, arrival.sender))
        async with AsyncExitStack() as held:
            async with queue.arrivals:
                alone = not queue.turns.locked()
                if alone:
                    await held.enter_async_context(queue.turns)
                try:
                    intake = await self._memory.take_in(arrival, lease=alone)
                except UnavailableError:
                    _settle(stored, is_so=False)
                    raise
            _settle(stored, is_so=True)
            if not alone:
                await held.enter_async_context(queue.turns)
            received = intake.received
            if received.replies is not None:
                return [reply_from_json(reply) for reply in received.replies]
            waiting = _Waiting(received.conversation_id, received.inbox_id, incoming)
            return await self._until_answered(waiting, intake.scene)

    async def _redeemed(
        self, ticket: str, values: Mapping[str, str], bearer: Bearer
    ) -> list[Reply] | Refused:
        sender = key_of(bearer.sender)
        conversation = await self._memory.find(bearer.channel, sender)
        if conversation is None:
            return Refused(Reason.TICKET_VOID)
        submission = SecretSubmission(
            token=ticket,
            conversation=conversation.id,
            values={name: Secret(value) for name, value in list(values.items())[:MOST_FIELDS]},
            source=key_of(bearer.source),
            channel=bearer.channel,
            device=key_of(bearer.device),
            successor=key_of(bearer.successor),
        )
        redeemed = await self._memory.redeem(submission)
        if isinstance(redeemed, Refused):
            return redeemed
        # Named, because whoever comes next finds it only as long as somebody holds it.
        queue = self._queue((bearer.channel, sender))
        async with queue.turns:
            return await self._until_answered(_Waiting(redeemed.conversation, redeemed.inbox_id), None)

    def _queue(self, key: tuple[str, str]) -> _Queue:
        return self._queues.setdefault(key, _Queue())

    async def _until_answered(self, waiting: _Waiting, scene: Scene | None) -> list[Reply]:
        pause = FIRST_PAUSE
        while True:
            if scene is None:
                stored = await self._memory.replies(waiting.inbox_id)
                if stored is not None:
                    return [reply_from_json(reply) for reply in stored]
                scene = await self._memory.take_up(waiting.conversation)
            if scene is None:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            mine = scene.work.pending.inbox_id == waiting.inbox_id
            replies = await self._answered(scene, waiting.incoming if mine else None)
            if mine and replies is not None:
                return replies
            scene = None

    async def _answered(self, scene: Scene, typed: Incoming | None) -> list[Reply] | None:
        """Answer one message and store the answer; None when the lease was lost on the way."""
        stored = scene.incoming
        incoming = replace(typed, withheld=stored.withheld) if typed else stored
        with telling(scene, incoming) as told:
            return await self._worded(scene, incoming, told)

    async def _worded(self, scene: Scene, incoming: Incoming, told: Told) -> list[Reply] | None:
        composing = asyncio.ensure_future(safely(self._composer.compose(scene, incoming)))
        while not (await asyncio.wait({composing}, timeout=RENEW_EVERY))[0]:
            await safely(self._memory.renew(scene.work))
        composed = composing.result()
        if isinstance(composed, Composed):
            kept = await safely(self._memory.finish(composed.answer))
            if not isinstance(kept, Failed):
                told.outcome = composed.outcome if kept else TurnOutcome.LOST
                return list(composed.replies) if kept else None
            composed = kept
        # The message is answered with the apology; it must not come back with every restart.
        apology = self._composer.apologise(scene, composed.error_id)
        return list(apology.replies) if await self._memory.finish(apology.answer) else None

    async def _to_the_end(self, turn: Coroutine[Any, Any, Result]) -> Result | list[Reply]:
        # A client that goes away must not stop a turn half-way.
        return await asyncio.shield(self._kept(turn))

    def _kept(self, turn: Coroutine[Any, Any, Result]) -> asyncio.Task[Result | list[Reply]]:
        task = asyncio.create_task(self._apologising(turn))
        self._turns.add(task)
        task.add_done_callback(self._turns.discard)
        return task

    async def _apologising(self, turn: Coroutine[Any, Any, Result]) -> Result | list[Reply]:
        result = await safely(turn)
        if isinstance(result, Failed):
            return [
                Reply(self._composer.wording.text("utter_error", {"error_id": result.error_id}, Manner()))
            ]
        return result


def _settle(stored: asyncio.Future[bool] | None, *, is_so: bool) -> None:
    if stored is not None:
        stored.set_result(is_so)
