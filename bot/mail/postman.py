"""Carry mails from the outbox to the mail server, one at a time, while the process runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

import structlog

from bot.mail.letters import Letter, Letters
from portal.core.calls import Topic
from portal.core.errors import SettingsError, UnavailableError
from portal.delivery.outcomes import Handover, Mail, Postponed, Sent
from portal.transaction import Portal

STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Say in seconds how often to look for mail, and how long to leave alone what does not answer.

    Another process may write mail too (the command line does), and it cannot wake this one. While the
    mail server is away each try spends an attempt of one mail.
    """

    look: float = 5.0
    away: float = 15.0
    retry: float = 1.0


class Sender(Protocol):
    """Hand letters over to whoever brings them to the parents."""

    async def hand_over(self, letter: Letter) -> Handover:
        """Try once, and say what came of it; never raises."""

    async def rest(self) -> None:
        """Let go of what is held open between letters: none is due now."""


class Drawer:
    """Take every letter and send none: the demo shows them at `/outbox`."""

    async def hand_over(self, letter: Letter) -> Handover:
        """Take the letter."""
        return Sent()

    async def rest(self) -> None:
        """Hold nothing open."""


class Postman:
    """Hand over what is due; a killed process repeats at most the one mail it was holding."""

    def __init__(self, portal: Portal, letters: Letters, sender: Sender, *, pace: Pace | None = None) -> None:
        """Take the outbox, the words and the way out."""
        self._pace = pace or Pace()
        self._portal = portal
        self._letters = letters
        self._sender = sender
        self._owner = uuid4().hex
        self._one_round = asyncio.Lock()
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()
        self._log = structlog.get_logger("bot.mail")

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Carry mail until the block is left; the mail in hand is finished first."""
        loop = asyncio.get_running_loop()
        self._portal.calls.listen(Topic.MAIL, lambda _: _wake(loop, self._woken))
        working = asyncio.create_task(self._work())
        try:
            yield
        finally:
            self._portal.calls.listen(Topic.MAIL, None)
            self._stopped.set()
            self._woken.set()
            _, unfinished = await asyncio.wait({working}, timeout=STOP_SECONDS)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def deliver_due(self) -> bool:
        """Hand over everything that is due; False when that had to be broken off."""
        async with self._one_round:
            try:
                return await self._deliver_due()
            except UnavailableError:
                return False
            finally:
                await self._sender.rest()

    async def _deliver_due(self) -> bool:
        mail = await asyncio.to_thread(self._lease)
        while mail is not None:
            handover = await self._handed_over(mail)
            is_away = isinstance(handover, Postponed) and handover.is_server_away
            goes_on = not is_away and not self._stopped.is_set()
            mail = await self._settle_surely(mail, handover, goes_on=goes_on)
            if is_away:
                return False
        return True

    async def _work(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                is_done = await self.deliver_due()
            except Exception as error:  # noqa: BLE001  (a bug met by one mail must not stop all mail for good)
                self._log.error("postman_failed", error=type(error).__name__)
                is_done = False
            pace = self._pace
            waited_for, seconds = (self._woken, pace.look) if is_done else (self._stopped, pace.away)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(waited_for.wait(), seconds)

    async def _handed_over(self, mail: Mail) -> Handover:
        if mail.is_repeat:
            # Counted by whoever reads the log: a process was killed with this mail in its hands.
            self._log.warning("mail_handed_over_again", message_id=mail.message_id)
        try:
            letter = self._letters.write(mail)
        except (SettingsError, LookupError, ValueError) as error:
            # Kept, for a newer version or a mended setting may word it.
            self._log.error("mail_not_worded", kind=mail.kind.value, error=type(error).__name__)
            return Postponed("not_worded")
        handover = await self._sender.hand_over(letter)
        outcome = type(handover).__name__.lower()
        seconds = round((self._portal.clock.now() - mail.created_at).total_seconds(), 1)
        self._log.info(
            "mail", kind=mail.kind.value, message_id=mail.message_id, outcome=outcome, seconds=seconds
        )
        return handover

    async def _settle_surely(self, mail: Mail, handover: Handover, *, goes_on: bool) -> Mail | None:
        # A mail that was taken and is not noted would leave again: it is noted however long that takes.
        while True:
            with contextlib.suppress(UnavailableError):
                return await asyncio.to_thread(self._settle, mail, handover, goes_on=goes_on)
            await asyncio.sleep(self._pace.retry)

    def _lease(self) -> Mail | None:
        with self._portal.begin() as tx:
            return tx.deliveries.lease(self._owner)

    def _settle(self, mail: Mail, handover: Handover, *, goes_on: bool) -> Mail | None:
        # One commit a mail: what came of this one, and the lease of the next.
        with self._portal.begin() as tx:
            tx.deliveries.settle(mail.message_id, self._owner, handover)
            return tx.deliveries.lease(self._owner) if goes_on else None


def _wake(loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
    # The commit happens in any thread, and perhaps while the loop is closing.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(woken.set)
