"""Show the mails of the demo, which leave for nowhere, at `/outbox`."""

import asyncio
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.conversation.formats import Manner, formatted
from bot.mail.letters import Letter, Letters
from bot.mail.postman import Postman
from portal.delivery.outcomes import Mail
from portal.transaction import Portal

MOST = 200
# A mail is styled in its own elements, as mail programs need it; nothing else may run or load.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


class Pages(Protocol):
    """Show a page; `web.pages` does."""

    def show(self, request: Request, name: str, **values: Any) -> Response:
        """Return the named page."""


def routes(portal: Portal, letters: Letters, postman: Postman, pages: Pages) -> list[BaseRoute]:
    """Return the list of mails, and each as a mail program shows it."""
    page = _OutboxPage(portal, letters, postman, pages)
    return [Route("/outbox", page.every), Route("/outbox/{message_id}", page.one)]


class _OutboxPage:
    def __init__(self, portal: Portal, letters: Letters, postman: Postman, pages: Pages) -> None:
        self._portal, self._letters, self._postman, self._pages = portal, letters, postman, pages

    async def every(self, request: Request) -> Response:
        # What was just asked for is there at the first look.
        await self._postman.deliver_due()
        shown = [_shown(mail, letter) for mail, letter in await asyncio.to_thread(self._written)]
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(shown)
        return self._pages.show(request, "outbox.html", mails=shown)

    async def one(self, request: Request) -> Response:
        wanted = request.path_params["message_id"]
        for mail, letter in await asyncio.to_thread(self._written):
            if mail.message_id == wanted:
                return HTMLResponse(letter.html, headers={"Content-Security-Policy": MAIL_POLICY})
        raise HTTPException(404)

    def _written(self) -> list[tuple[Mail, Letter]]:
        with self._portal.begin(read_only=True) as tx:
            mails = tx.deliveries.latest(MOST)
        return [(mail, self._letters.write(mail)) for mail in mails]


def _shown(mail: Mail, letter: Letter) -> dict[str, Any]:
    manner = Manner(letter.language, ZoneInfo(mail.district.options.time_zone))
    return {
        "id": mail.message_id,
        "district": mail.district.slug,
        "kind": mail.kind.value,
        "to": letter.to,
        "from": letter.sender,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "link": letter.link,
        "language": letter.language,
        "shown_at": formatted(
            "datetime", {"datetime": mail.created_at.isoformat(), "style": "medium"}, manner
        ),
        "created_at": mail.created_at.isoformat(),
        "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
    }
