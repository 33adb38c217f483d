"""Say whether this process can answer, and whether everything behind it moves, each by keys for machines."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.conversation.failing import Failed, safely
from bot.watching.standing import Standing
from portal.core.errors import UnavailableError
from portal.migrations import head, revision_of
from portal.transaction import Portal

# What waits longer than this, nobody is at work on.
LONGEST = {"inbox": 60.0, "outbox": 3600.0, "pushes": 900.0}
LEAST_FREE = 200_000_000


class Trouble(StrEnum):
    """Name what is wrong; docs/operations.md says of each what to do."""

    DATABASE_AWAY = "database_away"
    TABLES_OLDER = "tables_older"
    TABLES_NEWER = "tables_newer"
    MODEL_FAILED = "model_failed"
    INBOX_OLD = "inbox_old"
    OUTBOX_OLD = "outbox_old"
    PUSHES_OLD = "pushes_old"
    DISK_FULL = "disk_full"


@dataclass(frozen=True, slots=True)
class Health:
    """Look at what this process stands on; `queues` names those that somebody here carries.

    `parse` finds out what a text means.
    """

    portal: Portal
    standing: Standing
    parse: Callable[[str], Awaitable[object]]
    var: Path
    queues: frozenset[str] = frozenset({"inbox"})

    async def unready(self) -> list[str]:
        """Return why this process cannot answer, nothing when it can.

        Only what ends when this process is left alone or started anew: whoever spreads the load takes it
        out, and a mail server that is away must not take out all of them.
        """
        trouble = [found] if (found := await asyncio.to_thread(self._tables)) else []
        if isinstance(await safely(self.parse("hello")), Failed):
            trouble.append(Trouble.MODEL_FAILED)
        return [each.value for each in trouble if each is not Trouble.TABLES_NEWER]

    async def troubles(self) -> list[str]:
        """Return everything that is wrong, for whoever has to be woken."""
        found = {*await self.unready(), *await asyncio.to_thread(self._behind)}
        return [each.value for each in Trouble if each.value in found]

    def _behind(self) -> list[str]:
        found = [f"{name}_old" for name in self._stuck()]
        if self._tables() is Trouble.TABLES_NEWER:
            found.append(Trouble.TABLES_NEWER)
        if shutil.disk_usage(self.var).free < LEAST_FREE:
            found.append(Trouble.DISK_FULL)
        return found

    def _stuck(self) -> list[str]:
        queues = self.standing.queues() or {}
        return [name for name in self.queues if name in queues and queues[name].seconds > LONGEST[name]]

    def _tables(self) -> Trouble | None:
        try:
            with self.portal.begin(read_only=True) as tx:
                found = revision_of(tx.session.connection()) or ""
        except UnavailableError:
            return Trouble.DATABASE_AWAY
        newest = head()
        if found == newest:
            return None
        return Trouble.TABLES_OLDER if found < newest else Trouble.TABLES_NEWER
