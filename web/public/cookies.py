"""Know a browser again: by its session, and by the device that it is."""

import re
import secrets
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

# As long as a browser keeps any cookie: a device stays known from one school year to the next.
DEVICE_SECONDS = 400 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """Return 256 random bits as 43 characters that mean nothing."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Cookie:
    """Name one opaque cookie; without `seconds` it ends with the browser, for computers are shared.

    The prefix makes the browser refuse one that a neighbouring site or a page without HTTPS would
    plant. No script can read it.
    """

    name: str
    secure: bool
    seconds: int | None = None

    def read(self, connection: HTTPConnection) -> str | None:
        """Return the token that the browser shows, if it is one of ours in form."""
        token = connection.cookies.get(self._full_name, "")
        return token if _TOKEN.fullmatch(token) else None

    def write(self, response: Response, token: str) -> None:
        """Give the browser its token."""
        response.set_cookie(
            self._full_name, token, max_age=self.seconds, secure=self.secure, httponly=True, samesite="lax"
        )

    @property
    def _full_name(self) -> str:
        return f"__Host-{self.name}" if self.secure else self.name


def session_cookie(*, secure: bool) -> Cookie:
    """Return the cookie of a session on the pages."""
    return Cookie("sid", secure)


def device_cookie(*, secure: bool) -> Cookie:
    """Return the cookie of a browser, the same on the pages and in the chat."""
    return Cookie("device", secure, DEVICE_SECONDS)
