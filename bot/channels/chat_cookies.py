"""Name and write the cookies of the chat: one for each district, others where another site frames it."""

import re
from dataclasses import dataclass
from typing import Self

from starlette.requests import HTTPConnection
from starlette.responses import Response

_PLAIN = "hallpass"
# A full stop is in no district's short name, so no district can be called like this.
_FRAMED = "hallpass.framed"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class ChatCookie:
    """Name the cookie of one conversation; `framed` where another site shows the chat inside its page.

    One conversation for each district: two chats in one browser stay apart. The prefix makes the browser
    refuse a cookie that a neighbouring site or a page without HTTPS would plant. A framed chat has a name
    of its own: an address that any site may open in a frame can replace nothing of the chat outside of it.
    """

    slug: str
    secure: bool
    framed: bool = False

    @classmethod
    def named(cls, name: str, *, secure: bool) -> Self | None:
        """Return the cookie of that name, or None for one that is not the chat's."""
        start = "__Host-" if secure else ""
        kind, _, slug = name.removeprefix(start).partition("-")
        if not name.startswith(start) or kind not in {_PLAIN, _FRAMED}:
            return None
        return cls(slug, secure, kind == _FRAMED)

    @property
    def name(self) -> str:
        """Return the full name."""
        kind = _FRAMED if self.framed else _PLAIN
        return ("__Host-" if self.secure else "") + kind + (f"-{self.slug}" if self.slug else "")

    @property
    def query(self) -> dict[str, str]:
        """Return what the address of its chat carries."""
        asked = {"district": self.slug} if self.slug else {}
        return {**asked, "embedded": "1"} if self.framed else asked

    def read(self, connection: HTTPConnection) -> str | None:
        """Return the token that the browser shows, if it is one of ours in form."""
        token = connection.cookies.get(self.name, "")
        return token if _TOKEN.fullmatch(token) else None

    def write(self, response: Response, token: str) -> None:
        """Give the browser a token; it ends with the browser, for computers are shared."""
        if not self.framed:
            response.set_cookie(self.name, token, secure=self.secure, httponly=True, samesite="lax")
            return
        # In a frame only such a cookie comes back, and only within the site that shows the frame. The
        # framework cannot write the last attribute before Python 3.14.
        kept = f"{self.name}={token}; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"
        response.headers.append("Set-Cookie", kept)
