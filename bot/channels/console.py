"""Talk at a terminal, in plain lines that a screen reader reads in order."""

import getpass
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.messages import IncomingMessage, MessageKind, Reply, SecretRequest


class Conversation(Protocol):
    """Answer one person's messages, as the assistant does for one conversation."""

    async def say(self, message: IncomingMessage) -> list[Reply]:
        """Take a turn."""

    async def submit(self, ticket: str, values: Mapping[str, str]) -> list[Reply]:
        """Hand in what was typed unechoed."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Read and write lines; tests put their own in."""

    read: Callable[[str], str] = input
    read_hidden: Callable[[str], str] = getpass.getpass
    write: Callable[[str], None] = print


class Console:
    """Hold one conversation at a terminal; a button is chosen by its number."""

    def __init__(self, conversation: Conversation, terminal: Terminal, district: str | None) -> None:
        """Start a conversation that no other terminal can continue."""
        self._conversation = conversation
        self._terminal = terminal
        self._district = district
        self._sender = secrets.token_urlsafe(32)
        self._buttons: dict[str, str] = {}

    @property
    def sender(self) -> str:
        """Return the key of this conversation."""
        return self._sender

    async def talk(self) -> None:
        """Greet, then answer until the person ends the input (Ctrl-D) or interrupts it (Ctrl-C)."""
        await self._show(await self._say("", MessageKind.OPENED))
        while True:
            try:
                line = self._terminal.read("You: ").strip()
            except (EOFError, KeyboardInterrupt):
                self._terminal.write("")
                return
            if line in self._buttons:
                await self._show(await self._say(self._buttons[line], MessageKind.BUTTON))
            else:
                await self._show(await self._say(line, MessageKind.TEXT))

    async def _say(self, text: str, kind: MessageKind) -> list[Reply]:
        message = IncomingMessage(
            channel="console",
            sender=self._sender,
            text=text,
            kind=kind,
            message_id=secrets.token_hex(16),
            district=self._district,
            source=f"console:{self._sender}",
        )
        return await self._conversation.say(message)

    async def _show(self, replies: list[Reply]) -> None:
        pending = self._print(replies)
        while pending is not None:
            try:
                values = {f.name: self._terminal.read_hidden(f"{f.label}: ") for f in pending.fields}
            except (EOFError, KeyboardInterrupt):
                self._terminal.write("")
                pending = self._print(await self._say("cancel", MessageKind.TEXT))
                continue
            pending = self._print(await self._conversation.submit(pending.ticket, values))

    def _print(self, replies: list[Reply]) -> SecretRequest | None:
        """Write the replies, keep their buttons, and return the last request for a secret."""
        self._buttons = {}
        pending = None
        for reply in replies:
            if reply.text:
                self._terminal.write(f"Hallpass: {reply.text}")
            for button in reply.buttons:
                number = str(len(self._buttons) + 1)
                self._buttons[number] = button.payload
                self._terminal.write(f"  {number}. {button.title}")
            pending = reply.secret or pending
        return pending
