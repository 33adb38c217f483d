"""Let a chat in Telegram come to the masked page: opened inside Telegram, or joined by six digits."""

import asyncio
import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.base import AssistantPort, encode_replies, texts_of
from bot.channels.doors import (
    SECRET_LIMIT,
    DoorSettings,
    check_own_origin,
    read_body,
    read_object,
    refusal,
)
from bot.channels.masked import Retry, form_in, show_page
from bot.channels.telegram.miniapp import NEWEST, OLDEST, verify
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.updates import CHANNEL, sender_of, source_of
from bot.conversation.hearing import cleaned, key_of
from bot.conversation.stored import AGAIN
from bot.messages import Bearer, IncomingMessage, MessageKind, Reply, SecretRequest
from portal.core.outcomes import Refused
from portal.dialogue.outcomes import ChatAddress, Joined, Joining, TicketChat, Unjoined
from portal.transaction import Portal, Transaction

LONGEST_NAME = 80
PROOF_HEADER = "x-page-proof"
PROOF_LIFE = timedelta(minutes=10)
# Telegram's own web page frames what it opens; nobody else does.
FRAMES = ("https://web.telegram.org",)

_PAGE_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_TICKET = re.compile(r"[A-Za-z0-9_-]{1,200}")
_BUTTON = re.compile(r"[A-Za-z0-9.]{1,64}")
_PROOF = re.compile(r"([0-9]{1,20})\.([0-9]{1,11})\.([A-Za-z0-9_-]{43})", re.ASCII)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ChatClaim:
    """Speak for a chat: `page` is the key of the browser that was joined, or none inside Telegram."""

    way: "ChatWay"
    ticket: str
    bearer: Bearer
    chat: int
    language: str | None
    page: str = ""
    joined: TicketChat | None = None
    back: str = ""

    def begun(self, purpose: str) -> Self:
        """Go on under the same chat."""
        return self

    def encode(self, answer: Iterable[Reply]) -> list[dict[str, Any]]:
        """Return the replies without what comes from records: that is said in the chat."""
        return encode_replies((reply for reply in answer if not reply.private), self.bearer.sender)

    def said(self, answer: Iterable[Reply]) -> list[str]:
        """Return what is said, without what comes from records: that is said in the chat."""
        return texts_of(reply for reply in answer if not reply.private)

    async def proof(self, ticket: str) -> str:
        """Return what this page shows with the ticket; a joined browser goes on by its cookie."""
        joined = self.joined
        if joined is None:
            return self.way.sign(ticket, self.chat)
        if ticket != self.ticket:
            await self.way.write(lambda tx: tx.joins.carry_over(joined, self.page, ticket))
        return ""

    def retry(self, answer: Iterable[Reply]) -> Retry | None:
        """Return how a page inside Telegram tries again; a browser goes back to the chat."""
        if self.joined is not None:
            return None
        for reply in answer:
            for button in reply.buttons:
                if button.payload == reply.custom.get(AGAIN):
                    path = f"/secret/{quote(button.payload)}/again"
                    return Retry(button.title, path, self.way.sign(button.payload, self.chat))
        return None

    def hand_over(self, response: Response) -> None:
        """Give nothing: the chat goes on as it is."""


class ChatWay:
    """Say who may speak for the chats of one bot."""

    def __init__(
        self, assistant: AssistantPort, portal: Portal, settings: TelegramSettings, doors: DoorSettings
    ) -> None:
        """Take whoever answers, where the tickets are, the bot, and the pages."""
        self._assistant = assistant
        self._portal = portal
        self._settings = settings
        self._doors = doors
        self._cookie = ("__Host-" if doors.secure else "") + "joining"

    def routes(self) -> list[BaseRoute]:
        """Return the doors at which a page proves whose it is."""
        return [
            Route("/secret/{ticket}/app", self._opened, methods=["POST"]),
            Route("/secret/{button}/again", self._again, methods=["POST"]),
            Route("/secret/{ticket}/code", self._pressed, methods=["POST"]),
            Route("/secret/{ticket}/code", self._asked, methods=["GET"]),
        ]

    async def claims(self, request: Request, shown: str) -> Sequence[ChatClaim]:
        """Return the chat that a page inside Telegram, or a joined browser, has proved."""
        if not _TICKET.fullmatch(shown) or "authorization" in request.headers:
            return ()
        if proof := request.headers.get(PROOF_HEADER):
            chat = self._checked(proof, shown)
            if chat is None:
                raise refusal(401, "missing_key")
            found = await self._chat_of(shown)
            language = found.language if found else ""
            return (ChatClaim(self, shown, self._bearer(chat), chat, language or None),)
        page = self._page_key(request)
        found = await self._chat_of(shown) if page else None
        if found is None or not isinstance(await self._state(found, page), Joined):
            return ()
        chat = found.address["chat"]
        return (ChatClaim(self, shown, self._bearer(chat), chat, found.language or None, page, found),)

    async def invite(self, request: Request, shown: str) -> Response | None:
        """Return the page that names the chat, and then shows the digits to the browser that pressed."""
        found = await self._chat_of(shown)
        state = await self._state(found, self._page_key(request)) if found else None
        if found is None or isinstance(state, Refused):
            return None
        return self._doors.pages.show(
            request,
            "joining.html",
            language=found.language or None,
            path=f"/secret/{quote(shown)}",
            chat=_named(found),
            digits=state.digits if isinstance(state, Joining) else "",
            frame_ancestors=FRAMES,
        )

    def sign(self, ticket: str, chat: int) -> str:
        """Return a proof that Telegram opened the page of this ticket for this chat a short time ago."""
        until = int((self._portal.clock.now() + PROOF_LIFE).timestamp())
        return f"{chat}.{until}.{self._mac(ticket, chat, until)}"

    async def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Do something in a transaction, without stopping the event loop."""
        return await asyncio.to_thread(self._within, work, read_only=False)

    async def _opened(self, request: Request) -> Response:
        """Take what Telegram told the page, each once, and let the page speak for that chat."""
        check_own_origin(request)
        shown = str(request.path_params["ticket"])
        told = (await read_object(request, SECRET_LIMIT)).get("init_data")
        shown_at = self._portal.clock.now()
        opener = verify(told, self._settings.token, shown_at) if isinstance(told, str) else None
        # Nobody is looked up before it is known who asks.
        if opener is None or not await self.write(
            lambda tx: tx.joins.show_once(opener.proof, OLDEST + NEWEST + NEWEST)
        ):
            raise refusal(401, "missing_key")
        form = await self._form(shown, opener.user_id)
        fields = [{"name": field.name, "label": field.label} for field in form.fields]
        return JSONResponse({"proof": self.sign(shown, opener.user_id), "fields": fields})

    async def _again(self, request: Request) -> Response:
        """Press the button that tries again, for a page that was shown it; the chat is told the same."""
        check_own_origin(request)
        await read_body(request, SECRET_LIMIT)
        button = str(request.path_params["button"])
        # The proof names the button: a page can press that one, and no other of the chat's.
        proof = request.headers.get(PROOF_HEADER, "")
        chat = self._checked(proof, button) if _BUTTON.fullmatch(button) else None
        if chat is None:
            raise refusal(401, "missing_key")
        bearer = self._bearer(chat)
        address = await self._read(lambda tx: self._address(tx, bearer))
        if address is None:
            raise refusal(404, "ticket_void")
        answer = await self._assistant.take_turn(
            IncomingMessage(
                CHANNEL,
                bearer.sender,
                button,
                MessageKind.BUTTON,
                # Pressed twice, it is one message.
                message_id=f"{self._settings.bot_id}:page:{button}",
                source=bearer.source,
                chat=ChatAddress(self._settings.via, address),
            )
        )
        form = form_in(answer)
        found = await self._chat_of(form.ticket) if form else None
        language = (found.language if found else "") or None
        claim = ChatClaim(self, form.ticket if form else "", bearer, chat, language)
        return await show_page(self._doors, request, claim, answer, form)

    async def _pressed(self, request: Request) -> Response:
        """Show the digits to whoever presses first; a preview of the link presses nothing."""
        check_own_origin(request)
        await read_body(request, SECRET_LIMIT)
        shown = str(request.path_params["ticket"])
        found = await self._chat_of(shown)
        if found is None:
            raise refusal(404, "ticket_void")
        page = self._page_key(request) or secrets.token_urlsafe(32)
        state = await self.write(lambda tx: tx.joins.begin(found, page))
        if isinstance(state, Refused):
            raise refusal(404, "ticket_void")
        response = RedirectResponse(f"/secret/{quote(shown)}", status_code=303)
        response.set_cookie(self._cookie, page, secure=self._doors.secure, httponly=True, samesite="lax")
        return response

    async def _asked(self, request: Request) -> Response:
        """Tell the page that waits whether the digits were typed."""
        found = await self._chat_of(str(request.path_params["ticket"]))
        page = self._page_key(request)
        state = await self._state(found, page) if found and page else None
        if not isinstance(state, Joined | Joining):
            raise refusal(404, "ticket_void")
        return JSONResponse({"joined": isinstance(state, Joined)})

    async def _form(self, ticket: str, chat: int) -> SecretRequest:
        if _TICKET.fullmatch(ticket):
            form = await self._assistant.secret_form(ticket, bearer=self._bearer(chat))
            if isinstance(form, SecretRequest):
                return form
        raise refusal(404, "ticket_void")

    def _address(self, tx: Transaction, bearer: Bearer) -> dict[str, Any] | None:
        found = tx.dialogue.find(bearer.channel, key_of(bearer.sender))
        return None if found is None else tx.joins.address(found.id, self._settings.via)

    def _bearer(self, chat: int) -> Bearer:
        # In a private chat the chat's number is the person's.
        source = source_of(chat)
        return Bearer(CHANNEL, sender_of(self._settings, chat), source, device=source)

    def _checked(self, proof: str, ticket: str) -> int | None:
        match = _PROOF.fullmatch(proof)
        if match is None:
            return None
        chat, until = int(match[1]), int(match[2])
        is_ours = hmac.compare_digest(match[3].encode(), self._mac(ticket, chat, until).encode())
        is_over = self._portal.clock.now() >= datetime.fromtimestamp(until, UTC)
        return chat if is_ours and not is_over else None

    def _mac(self, ticket: str, chat: int, until: int) -> str:
        return self._portal.keys.token(
            "page opened in telegram", self._settings.via, ticket, str(chat), str(until)
        )

    def _page_key(self, request: Request) -> str:
        shown = request.cookies.get(self._cookie, "")
        return shown if _PAGE_KEY.fullmatch(shown) else ""

    async def _chat_of(self, ticket: str) -> TicketChat | None:
        if not _TICKET.fullmatch(ticket):
            return None
        return await self._read(lambda tx: tx.joins.chat_of(ticket, self._settings.via))

    async def _state(self, found: TicketChat, page: str) -> Unjoined | Joining | Joined | Refused:
        return await self._read(lambda tx: tx.joins.state(found, page))

    async def _read(self, work: Callable[[Transaction], Result]) -> Result:
        return await asyncio.to_thread(self._within, work, read_only=True)

    def _within(self, work: Callable[[Transaction], Result], *, read_only: bool) -> Result:
        with self._portal.begin(read_only=read_only) as tx:
            return work(tx)


def _named(found: TicketChat) -> str:
    username = found.address.get("username")
    # Anybody is called in Telegram what they like, also with marks that turn the sentence around.
    name = cleaned(str(found.address.get("name") or ""))[:LONGEST_NAME]
    return f"{name} (@{username})" if username else name
