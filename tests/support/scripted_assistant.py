"""Stand in for the assistant at the doors: a few fixed turns, kept in memory."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.conversation.history import HistoryEntry
from bot.conversation.understanding import Entity, Parse
from bot.messages import Bearer, Button, IncomingMessage, MessageKind, Reply, SecretField, SecretRequest
from portal.core.errors import UnavailableError
from portal.core.outcomes import Reason, Refused

PASSWORD = "CANARY-7f3e horse"
THEN = datetime(2026, 10, 15, 14, tzinfo=UTC)
SAYS = {
    "sign in": Reply("What is your username?"),
    "b1:sign_in": Reply("What is your username?"),
    "grades": Reply("Maya's grades:\nAlgebra 1: A-\nBiology: B+", private=True),
    "sign out": Reply("You are signed out."),
    "everything": Reply(
        "All",
        (Button("A", "b1:a"),),
        image="/static/icon.svg",
        image_alt="A shield with a check mark",
        attachment="/a.pdf",
        attachment_title="Download the page",
        private=True,
    ),
    "broken": Reply("Look", image="/gone.png", image_alt="Absent on October 6", private=True),
}
ASKS = {
    "ana": ("Please type your password below.", ("password",)),
    "change password": ("Choose a new one.", ("current_password", "new_password", "new_password_again")),
}
LABELS = {
    "password": "Password",
    "current_password": "Current password",
    "new_password": "New password",
    "new_password_again": "New password again",
}

Conversation = tuple[str, str]


class ScriptedAssistant:
    """Answer like the assistant would, without understanding, accounts or a database."""

    def __init__(self) -> None:
        self.taken: list[IncomingMessage] = []
        self.submitted: list[tuple[str, Mapping[str, str], Bearer]] = []
        self.refusal: Refused | None = None
        self.failure: Exception | None = None
        self.is_away = False
        self._histories: dict[Conversation, list[HistoryEntry]] = {}
        self._tickets: dict[str, tuple[Conversation, tuple[str, ...]]] = {}
        self._answers: dict[tuple[str, str | None], list[Reply]] = {}

    async def take_turn(self, message: IncomingMessage) -> list[Reply]:
        key = (message.sender, message.message_id)
        if message.message_id and key in self._answers:
            return self._answers[key]
        if self.failure:
            raise self.failure
        self.taken.append(message)
        conversation = (message.channel, message.sender)
        replies = self._replies(message, conversation)
        entries = self._histories.setdefault(conversation, [])
        if message.kind is not MessageKind.OPENED:
            entries.append(HistoryEntry("parent", Reply(message.text), THEN))
        if message.text.lower() == "sign out":
            entries[:] = [entry for entry in entries if not entry.reply.private]
        entries.extend(HistoryEntry("assistant", reply, THEN) for reply in replies)
        self._answers[key] = replies
        return replies

    async def take_in(self, message: IncomingMessage) -> asyncio.Task[list[Reply]]:
        if self.is_away:
            left = "The database did not answer."
            raise UnavailableError(left)
        return asyncio.ensure_future(self.take_turn(message))

    async def submit_secret(
        self, ticket: str, values: Mapping[str, str], *, bearer: Bearer
    ) -> list[Reply] | Refused:
        if self.refusal:
            return self.refusal
        conversation, _ = self._tickets.pop(ticket)
        self.submitted.append((ticket, values, bearer))
        right = values.get("password", PASSWORD) == PASSWORD
        words = "Welcome, Ana!\nWhat would you like to know?" if right else "That is not right. Try again."
        reply = Reply(words, secret=None if right else self._open(conversation, ("password",)))
        self._histories.setdefault(conversation, []).append(HistoryEntry("assistant", reply, THEN))
        if bearer.successor and right:
            self._go_on(conversation, (bearer.channel, bearer.successor))
        return [reply]

    def _go_on(self, old: Conversation, new: Conversation) -> None:
        self._histories[new] = self._histories.pop(old)
        for ticket, (conversation, fields) in self._tickets.items():
            self._tickets[ticket] = (new if conversation == old else conversation, fields)

    async def knows(self, channel: str, sender: str) -> bool:
        return (channel, sender) in self._histories

    async def secret_form(self, ticket: str, *, bearer: Bearer) -> SecretRequest | Refused:
        conversation, fields = self._tickets.get(ticket, (("", ""), ()))
        if conversation != (bearer.channel, bearer.sender):
            return Refused(Reason.TICKET_VOID)
        return _request(ticket, fields)

    async def history(self, channel: str, sender: str) -> list[HistoryEntry]:
        return list(self._histories.get((channel, sender), ()))

    def tell(self, words: str, **marks: str) -> None:
        """Tell every conversation what its parent did on a page; the marks say more about it."""
        for entries in self._histories.values():
            reply = Reply(
                words, buttons=(Button("Yes, sign me in", "b1:sign_in"),), custom={"news": "x", **marks}
            )
            entries.append(HistoryEntry("assistant", reply, THEN))

    async def parse(self, text: str, language: str = "en") -> Parse:
        entity = Entity("student", "Maya", 0, 4)
        return Parse(text, "ask_grades", 0.9, (("ask_grades", 0.9), ("greet", 0.1)), (entity,), language)

    def _replies(self, message: IncomingMessage, conversation: Conversation) -> list[Reply]:
        if message.kind is MessageKind.OPENED:
            return [Reply("Hello! How can I help?", buttons=(Button("Sign in", "b1:sign_in"),))]
        if message.text in ASKS:
            words, fields = ASKS[message.text]
            return [Reply(words, secret=self._open(conversation, fields))]
        return [SAYS.get(message.text.lower(), Reply(f"You said {message.text[:60]}"))]

    def _open(self, conversation: Conversation, fields: tuple[str, ...]) -> SecretRequest:
        ticket = f"ticket-{len(self._tickets) + len(self.submitted) + 1}"
        self._tickets[ticket] = (conversation, fields)
        return _request(ticket, fields)


def _request(ticket: str, fields: tuple[str, ...]) -> SecretRequest:
    named = tuple(SecretField(name, LABELS[name]) for name in fields)
    purpose = "sign_in" if fields == ("password",) else "change_password"
    return SecretRequest(purpose, ticket, f"/secret/{ticket}", named)
