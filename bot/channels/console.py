"""Talk at a terminal, in plain lines that a screen reader reads in order."""

import getpass
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from bot.channels.base import AssistantPort
from bot.messages import Bearer, IncomingMessage, MessageKind, Reply, SecretRequest
from portal.core.outcomes import Refused

CHANNEL = "console"


@dataclass(frozen=True, slots=True)
class Terminal:
    """Read and write lines; tests put their own in."""

    read: Callable[[str], str] = input
    read_hidden: Callable[[str], str] = getpass.getpass
    write: Callable[[str], None] = print


class Console:
    """Hold one conversation at a terminal; a button is chosen by its number."""

    def __init__(
        self, assistant: AssistantPort, terminal: Terminal, district: str | None, public_url: str = ""
    ) -> None:
        """Start a conversation that no other terminal can continue; its files lie under `public_url`."""
        self._assistant = assistant
        self._terminal = terminal
        self._district = district
        self._public_url = public_url
        self._sender = secrets.token_urlsafe(32)
        self._buttons: dict[str, str] = {}

    async def talk(self) -> None:
        """Greet, then answer until the person ends the input (Ctrl-D) or interrupts it (Ctrl-C)."""
        await self._show(await self._say("", MessageKind.OPENED))
        while (line := self._line()) is not None:
            if line in self._buttons:
                await self._show(await self._say(self._buttons[line], MessageKind.BUTTON))
            else:
                await self._show(await self._say(line, MessageKind.TEXT))

    def _line(self) -> str | None:
        try:
            return self._terminal.read("You: ").strip()
        except (EOFError, KeyboardInterrupt):
            self._terminal.write("")
            return None

    async def _say(self, text: str, kind: MessageKind) -> list[Reply]:
        message = IncomingMessage(
            channel=CHANNEL,
            sender=self._sender,
            text=text,
            kind=kind,
            message_id=secrets.token_hex(16),
            district=self._district,
            source=self._source,
        )
        return await self._assistant.take_turn(message)

    async def _show(self, replies: list[Reply]) -> None:
        """Print replies, and ask for secrets until the assistant wants no more of them."""
        while (pending := self._print(replies)) is not None:
            values = self._hidden(pending)
            if values is None:
                replies = await self._say("cancel", MessageKind.TEXT)
                continue
            bearer = Bearer(CHANNEL, self._sender, self._source, device=self._source)
            outcome = await self._assistant.submit_secret(pending.ticket, values, bearer=bearer)
            # A ticket that is void or met a full queue: opening again asks for the step anew.
            replies = await self._say("", MessageKind.OPENED) if isinstance(outcome, Refused) else outcome

    @property
    def _source(self) -> str:
        return f"{CHANNEL}:{self._sender}"

    def _hidden(self, pending: SecretRequest) -> dict[str, str] | None:
        """Return what was typed unechoed, or None when the person would rather not."""
        try:
            return {field.name: self._terminal.read_hidden(f"{field.label}: ") for field in pending.fields}
        except (EOFError, KeyboardInterrupt):
            self._terminal.write("")
            return None

    def _print(self, replies: list[Reply]) -> SecretRequest | None:
        """Write the replies, number their buttons, and return the last request for a secret."""
        self._buttons = {}
        pending = None
        for reply in replies:
            if reply.text:
                self._terminal.write(f"Hallpass: {reply.text}")
            for told, address in ((reply.image_alt, reply.image), (reply.attachment_title, reply.attachment)):
                if address:
                    self._terminal.write(f"  {told}: {urljoin(self._public_url, address)}")
            for button in reply.buttons:
                number = str(len(self._buttons) + 1)
                self._buttons[number] = button.payload
                self._terminal.write(f"  {number}. {button.title}")
            pending = reply.secret or pending
        return pending
