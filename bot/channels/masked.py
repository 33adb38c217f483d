"""Take in secrets: the masked page, its form without JavaScript, and its JSON."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels import rest, webchat
from bot.channels.base import AssistantPort, encode_replies
from bot.channels.doors import (
    RETRY_SECONDS,
    SECRET_LIMIT,
    DoorSettings,
    check_key,
    parse_object,
    read_body,
    refusal,
    same_origin,
    text_field,
)
from bot.conversation.turn import Bearer
from bot.messages import Reply, SecretRequest
from portal.core.outcomes import Reason, Refused

MOST_FIELDS = 20

_TICKET = re.compile(r"[A-Za-z0-9_.-]{1,2000}")


def routes(assistant: AssistantPort, settings: DoorSettings) -> list[BaseRoute]:
    """Return the one address that secrets are handed in at."""
    door = _MaskedDoor(assistant, settings)
    return [Route("/secret/{ticket}", door.serve, methods=["GET", "POST"])]


@dataclass(frozen=True, slots=True)
class _Opened:
    held: webchat.Held
    form: SecretRequest


class _MaskedDoor:
    def __init__(self, assistant: AssistantPort, settings: DoorSettings) -> None:
        self._assistant = assistant
        self._settings = settings

    async def serve(self, request: Request) -> Response:
        return await (self._submit(request) if request.method == "POST" else self._show(request))

    async def _show(self, request: Request) -> Response:
        opened = await self._open(request)
        if _wants_json(request):
            fields = [{"name": f.name, "label": f.label} for f in opened.form.fields]
            return JSONResponse({"purpose": opened.form.purpose, "fields": fields})
        return self._page(request, opened, (), opened.form)

    async def _submit(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind not in {"application/json", "application/x-www-form-urlencoded"}:
            raise refusal(415, "wrong_type")
        _check_origin(request)
        body = await read_body(request, SECRET_LIMIT)
        typed = _typed_json(body) if kind == "application/json" else _typed_form(body)
        opened = await self._open(request)
        values = {field.name: text_field(typed, field.name) for field in opened.form.fields}
        token, bearer = webchat.renewed(opened.held, opened.form.purpose)
        answer = await self._assistant.submit_secret(opened.form.ticket, values, bearer=bearer)
        if isinstance(answer, Refused):
            raise _refused(answer)
        response: Response
        if kind == "application/json":
            response = JSONResponse(_encode(answer, bearer))
        else:
            response = self._page(request, opened, answer, next((r.secret for r in answer if r.secret), None))
        # Only where a session began: any other answer is the same for every name, to the last header.
        if token and await self._assistant.knows(bearer.channel, bearer.successor):
            webchat.hand_over(response, opened.held, token, secure=self._settings.secure)
        return response

    async def _open(self, request: Request) -> _Opened:
        """Find the conversation that the ticket belongs to among those that the caller may speak for."""
        shown = str(request.path_params["ticket"])
        if _TICKET.fullmatch(shown):
            for ticket, held in self._held(request, shown):
                form = await self._assistant.secret_form(ticket, bearer=held.bearer)
                if isinstance(form, SecretRequest):
                    return _Opened(held, form)
        # One answer for forged, spent, expired and somebody else's: it tells nothing about any.
        raise refusal(404, "ticket_void")

    def _held(self, request: Request, shown: str) -> Sequence[tuple[str, webchat.Held]]:
        if "authorization" in request.headers:
            check_key(request, self._settings.api_key)
            opened = rest.open_ticket(shown)
            if opened is None:
                return ()
            ticket, sender = opened
            bearer = Bearer(rest.CHANNEL, sender, sender, device=f"{rest.CHANNEL}:{sender}")
            return ((ticket, webchat.Held(bearer, "/chat")),)
        found = webchat.held_conversations(request, secure=self._settings.secure)
        if not found and _wants_json(request):
            raise refusal(401, "missing_key", WWW_Authenticate="Bearer")
        return [(shown, held) for held in found]

    def _page(
        self, request: Request, opened: _Opened, answers: Iterable[Reply], form: SecretRequest | None
    ) -> Response:
        texts = [reply.text for reply in answers if reply.text]
        return self._settings.pages.show(
            request, "secret.html", texts=texts, form=form, back=opened.held.back
        )


def _encode(answer: Iterable[Reply], bearer: Bearer) -> list[dict[str, Any]]:
    if bearer.channel == rest.CHANNEL:
        return rest.encode_answer(answer, bearer.sender)
    return encode_replies(answer, bearer.sender)


def _check_origin(request: Request) -> None:
    # The ticket is unguessable and single-use, so it is the form's token too. A form sent from a page
    # that withholds its referrer names the origin "null": the browser's own word on the site decides.
    fetch_site = request.headers.get("sec-fetch-site", "same-origin")
    if request.headers.get("origin") == "null" and fetch_site == "same-origin":
        return
    if "authorization" not in request.headers and not same_origin(request):
        raise refusal(403, "foreign_origin")


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


def _wants_json(request: Request) -> bool:
    sent = request.headers.get("content-type", "")
    return "text/html" not in request.headers.get("accept", "") and not sent.startswith("application/x-www")
