"""Take turns: the one door through which every channel reaches the assistant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.understanding import Parse
from bot.messages import IncomingMessage, Reply, SecretRequest
from portal.core.outcomes import Refused


@dataclass(frozen=True, slots=True)
class Bearer:
    """Say who posts a ticket: the channel, its key of the conversation, and the source counted."""

    channel: str
    sender: str
    source: str = ""


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


class Assistant:
    """Answer messages, exactly once and in order, whatever process they reach."""

    async def take_turn(self, message: IncomingMessage) -> list[Reply]:
        """Answer one message; a repeated message id returns the stored replies."""
        raise NotImplementedError

    async def submit_secret(
        self, ticket: str, values: Mapping[str, str], *, bearer: Bearer
    ) -> list[Reply] | Refused:
        """Spend the ticket, run what it is for, and answer with the outcome."""
        raise NotImplementedError

    async def secret_form(self, ticket: str, *, bearer: Bearer) -> SecretRequest | Refused:
        """Describe the masked fields of a ticket that may still be submitted."""
        raise NotImplementedError

    async def secret_sender(self, ticket: str, *, channel: str) -> str | None:
        """Return the sender of this channel's conversation that a live ticket belongs to, or None.

        The REST channel's client shows only its key when it posts a ticket.
        """
        raise NotImplementedError

    async def history(self, channel: str, sender: str) -> list[HistoryEntry]:
        """Return what was said, without what belongs to a session that has ended."""
        raise NotImplementedError

    async def parse(self, text: str, language: str = "en") -> Parse:
        """Tell how a text is understood, outside of any conversation."""
        raise NotImplementedError

    async def recover(self) -> None:
        """Answer the messages that a killed process left behind."""
        raise NotImplementedError
