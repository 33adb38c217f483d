"""Put the headers on every answer that keep other sites out and secrets in."""

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=()"


def content_security_policy(frame_ancestors: Iterable[str] = ()) -> str:
    """Return the policy without inline code; nobody frames a page but the origins named."""
    ancestors = " ".join(frame_ancestors) or "'none'"
    return "; ".join(f"{key} {value}" for key, value in {**_POLICY, "frame-ancestors": ancestors}.items())


class SecurityHeaders:
    """Add the headers to every answer, errors included."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """Wrap an application; `secure` when people come by HTTPS."""
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, and add to the answer on its way out."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._guard(MutableHeaders(scope=message), static=scope["path"].startswith("/static/"))
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)

    def _guard(self, headers: MutableHeaders, *, static: bool) -> None:
        for name, value in _HEADERS.items():
            headers[name] = value
        # What is made for pages of other sites says so itself.
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Only a page that is spoken to says otherwise itself.
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        headers.setdefault("Content-Security-Policy", content_security_policy())
        if "'none'" in headers["Content-Security-Policy"].rpartition("frame-ancestors")[2]:
            headers["X-Frame-Options"] = "DENY"
        # Whoever lets an answer be kept says so itself.
        headers.setdefault("Cache-Control", "no-cache" if static else "no-store")
        if self._secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
