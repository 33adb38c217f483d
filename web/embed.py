"""Serve `/embed.js`, by which a district's own site shows the chat in its pages."""

import json
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from portal.core.districts import District
from web.pages import STATIC, Pages, preferred_language
from web.public.gateway import Gateway

PATH = "/embed.js"
MINUTES_KEPT = 5


def routes(gateway: Gateway, pages: Pages, public_url: str | None) -> list[BaseRoute]:
    """Return the script's route; links in it begin with the district's own address, if it has one."""
    script = _Script(gateway, pages, public_url)
    return [Route(PATH, script.show, methods=["GET"])]


def snippet(district: District, public_url: str | None) -> str | None:
    """Return the line that a site puts into its pages, or None where nobody outside could reach us."""
    base = district.options.public_base_url or public_url
    if base is None:
        return None
    return f'<script src="{base.rstrip("/")}{PATH}?{urlencode({"district": district.slug})}" async></script>'


class _Script:
    def __init__(self, gateway: Gateway, pages: Pages, public_url: str | None) -> None:
        self._gateway, self._pages, self._public_url = gateway, pages, public_url
        self._text = (STATIC / "embed.js").read_text(encoding="utf-8")

    async def show(self, request: Request) -> Response:
        slug = request.query_params.get("district", "")
        district = await self._gateway.within(lambda tx: tx.districts.get(slug), read_only=True)
        # A site that is not named would get a frame that stays empty: it gets nothing.
        if district is None or not district.options.embed_origins:
            raise HTTPException(404)
        return Response(
            f"(() => {{\nconst hallpass = {json.dumps(self._told(request, district))};\n{self._text}}})();\n",
            media_type="text/javascript",
            headers={
                # Other sites are what it is for; it says nothing that the chat's own page does not say.
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Cache-Control": f"public, max-age={MINUTES_KEPT * 60}",
                "Vary": "Accept-Language",
            },
        )

    def _told(self, request: Request, district: District) -> dict[str, str]:
        options = district.options
        base = (options.public_base_url or self._public_url or str(request.base_url)).rstrip("/")
        wanted = preferred_language(request).split("-")[0].lower()
        language = wanted if wanted in options.locales else options.locales[0]
        words = self._pages.words(language)
        asked = {"district": district.slug, "embedded": "1", "language": language}
        return {
            "chat": f"{base}/chat?{urlencode(asked)}",
            "label": words("chat_title_plain"),
            "language": words.language,
            "direction": words.direction,
        }
