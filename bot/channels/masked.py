"""Take in secrets: the masked page, its form without JavaScript, and its JSON."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.base import AssistantPort
from bot.channels.doors import (
    RETRY_SECONDS,
    SECRET_LIMIT,
    DoorSettings,
    check_own_origin,
    parse_object,
    read_body,
    refusal,
    text_field,
)
from bot.messages import Bearer, Reply, SecretRequest
from portal.core.outcomes import Reason, Refused

MOST_FIELDS = 20

_TICKET = re.compile(r"[A-Za-z0-9_.-]{1,2000}")


@dataclass(frozen=True, slots=True)
class Retry:
    """Name the button that a page may press after a refusal: its title, its address and its proof."""

    title: str
    path: str
    proof: str


class Claim(Protocol):
    """Name a conversation that a caller has proved to speak for, and what its channel does differently."""

    @property
    def ticket(self) -> str:
        """Return the ticket as the portal knows it."""

    @property
    def bearer(self) -> Bearer:
        """Return who posts it."""

    @property
    def back(self) -> str:
        """Return the address of the chat, or nothing where the chat is not in this browser."""

    @property
    def language(self) -> str | None:
        """Return the language of the page, None for the browser's."""

    def begun(self, purpose: str) -> Self:
        """Return the claim under which the conversation may go on once the ticket is spent."""

    def encode(self, answer: Iterable[Reply]) -> list[dict[str, Any]]:
        """Return an answer as this channel's JSON."""

    def said(self, answer: Iterable[Reply]) -> list[str]:
        """Return the texts of an answer that its page shows."""

    async def proof(self, ticket: str) -> str:
        """Return what the page shows with this ticket where it can keep no cookie."""

    def retry(self, answer: Iterable[Reply]) -> Retry | None:
        """Return how this page tries again what was refused; None where that is done in the chat."""

    def hand_over(self, response: Response) -> None:
        """Give the browser what it goes on with, after a session began."""


class Way(Protocol):
    """Let one channel say who may speak for a ticket."""

    async def claims(self, request: Request, shown: str) -> Sequence[Claim]:
        """Return what this caller has proved, nothing where it shows no proof of this channel's."""

    async def invite(self, request: Request, shown: str) -> Response | None:
        """Return the page on which the caller can prove it; None where there is no way to."""

    def routes(self) -> Sequence[BaseRoute]:
        """Return the doors at which it is proved, where there are any beside the page itself."""


def routes(assistant: AssistantPort, settings: DoorSettings, ways: Sequence[Way]) -> list[BaseRoute]:
    """Return the one address that secrets are handed in at, and what leads to it."""
    door = _MaskedDoor(assistant, settings, ways)
    beside = [route for way in ways for route in way.routes()]
    return [*beside, Route("/secret/{ticket}", door.serve, methods=["GET", "POST"])]


@dataclass(frozen=True, slots=True)
class _Opened:
    claim: Claim
    form: SecretRequest


class _MaskedDoor:
    def __init__(self, assistant: AssistantPort, settings: DoorSettings, ways: Sequence[Way]) -> None:
        self._assistant = assistant
        self._settings = settings
        self._ways = ways

    async def serve(self, request: Request) -> Response:
        return await (self._submit(request) if request.method == "POST" else self._show(request))

    async def _show(self, request: Request) -> Response:
        opened = await self._find(request)
        if opened is None:
            return await self._invite(request)
        if wants_json(request):
            fields = [{"name": f.name, "label": f.label} for f in opened.form.fields]
            return JSONResponse({"purpose": opened.form.purpose, "fields": fields})
        return await show_page(self._settings, request, opened.claim, (), opened.form)

    async def _submit(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind not in {"application/json", "application/x-www-form-urlencoded"}:
            raise refusal(415, "wrong_type")
        if "authorization" not in request.headers:
            # The ticket is unguessable and single-use, so it is the form's token too.
            check_own_origin(request)
        body = await read_body(request, SECRET_LIMIT)
        typed = _typed_json(body) if kind == "application/json" else _typed_form(body)
        opened = await self._find(request)
        if opened is None:
            raise refusal(404, "ticket_void")
        values = {field.name: text_field(typed, field.name) for field in opened.form.fields}
        claim = opened.claim.begun(opened.form.purpose)
        answer = await self._assistant.submit_secret(opened.form.ticket, values, bearer=claim.bearer)
        if isinstance(answer, Refused):
            raise _refused(answer)
        response: Response
        if kind == "application/json":
            response = JSONResponse(claim.encode(answer))
        else:
            response = await show_page(self._settings, request, claim, answer, form_in(answer))
        # Only where a session began: any other answer is the same for every name, to the last header.
        successor = claim.bearer.successor
        if successor and await self._assistant.knows(claim.bearer.channel, successor):
            claim.hand_over(response)
        return response

    async def _find(self, request: Request) -> _Opened | None:
        """Find the conversation that the ticket belongs to among those that the caller may speak for."""
        shown = _shown(request)
        claims = [claim for way in self._ways for claim in await way.claims(request, shown)]
        for claim in claims:
            form = await self._assistant.secret_form(claim.ticket, bearer=claim.bearer)
            if isinstance(form, SecretRequest):
                return _Opened(claim, form)
        if not claims and "authorization" not in request.headers and wants_json(request):
            raise refusal(401, "missing_key", WWW_Authenticate="Bearer")
        return None

    async def _invite(self, request: Request) -> Response:
        for way in self._ways:
            page = await way.invite(request, _shown(request))
            if page is not None:
                return page
        # One answer for forged, spent, expired and somebody else's: it tells nothing about any.
        raise refusal(404, "ticket_void")


async def show_page(
    settings: DoorSettings,
    request: Request,
    claim: Claim,
    answer: Sequence[Reply],
    form: SecretRequest | None,
) -> Response:
    """Show what was said, and the masked fields that it asks for, or how to try again."""
    return settings.pages.show(
        request,
        "secret.html",
        language=claim.language,
        texts=claim.said(answer),
        form=form,
        again=None if form else claim.retry(answer),
        back=claim.back,
        proof=await claim.proof(form.ticket) if form else "",
    )


def form_in(answer: Iterable[Reply]) -> SecretRequest | None:
    """Return the masked fields that an answer asks for."""
    return next((reply.secret for reply in answer if reply.secret), None)


def wants_json(request: Request) -> bool:
    """Tell whether it is a program that asks, and no page."""
    sent = request.headers.get("content-type", "")
    return "text/html" not in request.headers.get("accept", "") and not sent.startswith("application/x-www")


def _shown(request: Request) -> str:
    shown = str(request.path_params["ticket"])
    if not _TICKET.fullmatch(shown):
        raise refusal(404, "ticket_void")
    return shown


def _typed_json(body: bytes) -> Mapping[str, object]:
    values = parse_object(body).get("values")
    if not isinstance(values, dict):
        raise refusal(422, "not_an_object")
    return values


def _typed_form(body: bytes) -> Mapping[str, object]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        # The parser's own error quotes the body, which holds a secret.
        raise refusal(400, "not_a_form") from None
    return dict(pairs)


def _refused(refused: Refused) -> Exception:
    if refused.reason is Reason.BUSY:
        return refusal(503, "busy", Retry_After=RETRY_SECONDS)
    if refused.reason is Reason.TICKET_VOID:
        return refusal(404, "ticket_void")
    return refusal(422, refused.reason.value)
