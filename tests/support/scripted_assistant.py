"""Stand in for the assistant at the doors: a few fixed turns, kept in memory."""

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.conversation.turn import Bearer, HistoryEntry
from bot.conversation.understanding import Entity, Parse
from bot.messages import Button, IncomingMessage, MessageKind, Reply, SecretField, SecretRequest
from portal.core.outcomes import Reason, Refused

PASSWORD = "CANARY-7f3e horse"
THEN = datetime(2026, 10, 15, 14, tzinfo=UTC)
GRADES = Reply("Maya's grades:\nAlgebra 1: A-\nBiology: B+", private=True)
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
        return [reply]

    async def secret_form(self, ticket: str, *, bearer: Bearer) -> SecretRequest | Refused:
        conversation, fields = self._tickets.get(ticket, (("", ""), ()))
        if conversation != (bearer.channel, bearer.sender):
            return Refused(Reason.TICKET_VOID)
        return _request(ticket, fields)

    async def secret_sender(self, ticket: str, *, channel: str) -> str | None:
        conversation, _ = self._tickets.get(ticket, (("", ""), ()))
        return conversation[1] if conversation[0] == channel else None

    async def history(self, channel: str, sender: str) -> list[HistoryEntry]:
        return list(self._histories.get((channel, sender), ()))

    async def parse(self, text: str, language: str = "en") -> Parse:
        entity = Entity("student", "Maya", 0, 4)
        return Parse(text, "ask_grades", 0.9, (("ask_grades", 0.9), ("greet", 0.1)), (entity,), language)

    def _replies(self, message: IncomingMessage, conversation: Conversation) -> list[Reply]:
        if message.kind is MessageKind.OPENED:
            return [Reply("Hello! How can I help?", buttons=(Button("Sign in", "b1:sign_in"),))]
        match message.text.lower():
            case "b1:sign_in" | "sign in":
                return [Reply("What is your username?")]
            case "ana":
                secret = self._open(conversation, ("password",))
                return [Reply("Please type your password below.", secret=secret)]
            case "change password":
                fields = ("current_password", "new_password", "new_password_again")
                return [Reply("Choose a new one.", secret=self._open(conversation, fields))]
            case "grades":
                return [GRADES]
            case "sign out":
                return [Reply("You are signed out.")]
            case "everything":
                custom = {"shape": 1}
                return [Reply("All", (Button("A", "b1:a"),), "/i.png", "/a.pdf", private=True, custom=custom)]
            case _:
                return [Reply(f"You said {message.text[:60]}")]

    def _open(self, conversation: Conversation, fields: tuple[str, ...]) -> SecretRequest:
        ticket = f"ticket-{len(self._tickets) + len(self.submitted) + 1}"
        self._tickets[ticket] = (conversation, fields)
        return _request(ticket, fields)


def _request(ticket: str, fields: tuple[str, ...]) -> SecretRequest:
    named = tuple(SecretField(name, LABELS[name]) for name in fields)
    purpose = "sign_in" if fields == ("password",) else "change_password"
    return SecretRequest(purpose, ticket, f"/secret/{ticket}", named)
