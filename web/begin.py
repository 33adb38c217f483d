"""Show the ways in at `/start/<code>`, the address that stands in a school's letter."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.dialogue.start_codes import StartCode
from portal.transaction import Transaction
from web.pages import Pages
from web.public.gateway import Gateway

PATH = "/start/{code}"
# Returns the link that begins a chat with a code, an empty one for none; None without a bot.
TelegramLink = Callable[[str], str | None]


def no_bot(_: str) -> str | None:
    """Return no link where there is no bot."""
    return None


def routes(gateway: Gateway, pages: Pages, telegram: TelegramLink) -> list[BaseRoute]:
    """Return the page of a start code.

    Looking spends nothing, for a phone looks at a link before anybody presses it. The page names the
    district and no child: the letter may be in anybody's hands.
    """
    page = _BeginPage(gateway, pages, telegram)
    return [Route(PATH, page.show, methods=["GET"])]


class _BeginPage:
    def __init__(self, gateway: Gateway, pages: Pages, telegram: TelegramLink) -> None:
        self._gateway, self._pages, self._telegram = gateway, pages, telegram

    async def show(self, request: Request) -> Response:
        code = request.path_params["code"]
        found = await self._gateway.within(lambda tx: _look(tx, code), read_only=True)
        if isinstance(found, Refused):
            link = self._telegram("")
            return self._pages.show(request, "begin.html", status=404, district=None, link=link)
        begun, district = found
        return self._pages.show(
            request,
            "begin.html",
            language=begun.language or None,
            district=district,
            link=self._telegram(code),
            code=code,
        )


def _look(tx: Transaction, code: str) -> tuple[StartCode, District] | Refused:
    begun = tx.start_codes.find(code)
    return begun if isinstance(begun, Refused) else (begun, tx.districts.get_one(begun.district))
