"""Talk to the assistant as a made-up parent, and notice what goes wrong."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bot.conversation.turn import Assistant
from bot.messages import Bearer, IncomingMessage, MessageKind, Reply
from portal.core.outcomes import Refused

_FAILED = "turn.failed"


class StumbledError(Exception):
    """Report that a walk could not go on; the message says where."""


@dataclass
class Talk:
    """Hold one conversation; `logged` is what the assistant writes into its log meanwhile."""

    assistant: Assistant
    district: str
    language: str
    logged: Sequence[MutableMapping[str, Any]]
    channel: str = "rehearsal"
    sender: str = field(default_factory=lambda: uuid4().hex)
    replies: list[Reply] = field(default_factory=list)

    async def ask(self, intent: str) -> None:
        """Ask by the name of an intent, which is the same in every language."""
        await self._send(intent, MessageKind.COMMAND)

    async def say(self, text: str) -> None:
        """Type something."""
        await self._send(text, MessageKind.TEXT)

    async def press(self, part: str = "") -> None:
        """Press the first button of the last answer whose payload holds that."""
        found = [each for reply in self.replies for each in reply.buttons if part in each.payload]
        if not found:
            message = f"there was no button to press after: {self.said}"
            raise StumbledError(message)
        await self._send(found[0].payload, MessageKind.BUTTON)

    async def submit(self, **values: str) -> None:
        """Fill in the masked field of the last answer."""
        asked = [reply.secret for reply in self.replies if reply.secret is not None]
        if not asked:
            message = f"no masked field was offered after: {self.said}"
            raise StumbledError(message)
        bearer = Bearer(self.channel, self.sender, self.sender, "")
        answer = await self.assistant.submit_secret(asked[-1].ticket, values, bearer=bearer)
        if isinstance(answer, Refused):
            message = f"the masked field was refused ({answer.reason.value})"
            raise StumbledError(message)
        self._heard(answer)

    @property
    def said(self) -> str:
        """Return the words of the last answer."""
        return " ".join(reply.text for reply in self.replies).strip()

    async def _send(self, text: str, kind: MessageKind) -> None:
        message = IncomingMessage(
            channel=self.channel,
            sender=self.sender,
            text=text,
            kind=kind,
            message_id=uuid4().hex,
            district=self.district,
            language=self.language,
            source=self.sender,
        )
        self._heard(await self.assistant.take_turn(message))

    def _heard(self, replies: list[Reply]) -> None:
        self.replies = replies
        failed = [each for each in self.logged if each["event"] == _FAILED]
        if failed:
            places = ", ".join(where for each in failed for where in each["where"][-1:])
            message = f"the assistant failed ({places})"
            raise StumbledError(message)
        if not self.said:
            message = "the assistant said nothing"
            raise StumbledError(message)
