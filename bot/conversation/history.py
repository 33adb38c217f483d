"""Show what was said in a conversation."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.conversation.memory import Memory
from bot.conversation.stored import reply_from_json
from bot.messages import Reply
from portal.core.outcomes import Refused


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Show one line of the conversation; a parent's line has only text in its reply."""

    author: str
    reply: Reply
    at: datetime

    @property
    def text(self) -> str:
        """Return the words of the line."""
        return self.reply.text


async def shown(memory: Memory, conversation: str) -> list[HistoryEntry]:
    """Return the lines that may be shown; a masked field is shown as one only while its ticket is open."""
    lines = await memory.history(conversation)
    entries = [
        HistoryEntry(line.content["author"], reply_from_json(line.content["reply"]), line.at)
        for line in lines
    ]
    masked = [entry.reply.secret for entry in entries if entry.reply.secret is not None][-1:]
    live = [
        secret
        for secret in masked
        if not isinstance(await memory.ticket(secret.ticket, conversation), Refused)
    ]
    return [
        entry if entry.reply.secret in live else replace(entry, reply=replace(entry.reply, secret=None))
        for entry in entries
    ]
