"""Show pages: a template, the words of one language, and the headers that belong to it."""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from web.qr import qr_svg
from web.security import content_security_policy
from web.words import LanguagePacks, Words

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"

# Whoever tries the chat out in a page on the same machine needs no HTTPS; nobody else is there to listen.
_ORIGIN = re.compile(r"(?:https://[a-z0-9.-]+|http://(?:localhost|127\.0\.0\.1))(?::\d{1,5})?")


class Pages:
    """Render templates; every text that is put in is escaped."""

    def __init__(self, packs: LanguagePacks) -> None:
        """Take the words; templates are compiled at their first use."""
        self._packs = packs
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )
        self._environment.globals.update(asset=_asset, autocomplete=_autocomplete, qr_svg=qr_svg)

    def words(self, language: str) -> Words:
        """Return the words of the pages in that language or the nearest."""
        return self._packs.words(language)

    def show(
        self, request: Request, name: str, *, language: str | None = None, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Return the named page, in the browser's language where none is given.

        `frame_ancestors` are the origins that may frame it.
        """
        ancestors: Iterable[str] = values.pop("frame_ancestors", ())
        html = self._environment.get_template(name).render(
            words=self.words(language or preferred_language(request)), **values
        )
        allowed = tuple(origin for origin in ancestors if _ORIGIN.fullmatch(origin))
        headers = {"Content-Security-Policy": content_security_policy(allowed)} if allowed else None
        return HTMLResponse(html, status_code=status, headers=headers)


def preferred_language(request: Request) -> str:
    """Return the first language that the browser asks for."""
    return re.split("[,;]", request.headers.get("accept-language", ""), maxsplit=1)[0].strip()


def _autocomplete(field: str) -> str:
    """Return what a password manager may put into a field."""
    if field.startswith("new_password"):
        return "new-password"
    known = {"username": "username", "password": "current-password", "current_password": "current-password"}
    return known.get(field, "off")


@cache
def _asset(name: str) -> str:
    """Return the address of a static file; it changes with the file, so that no old one is used."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
